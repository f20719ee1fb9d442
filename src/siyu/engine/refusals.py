"""Why a question has no answer."""

from siyu.kernel.errors import Refusal


class EngineUnavailable(Refusal):
    """No engine answers, or it has no replica to answer from. `state`: `stopped` (nobody listens), `waiting` (for PostgreSQL), `rebuilding`."""

    code = "engine.unavailable"
    status = 503


class QuestionTooSlow(Refusal):
    """The question did not end within `timeout_seconds`."""

    code = "engine.too_slow"
    status = 504


class QuestionTooLarge(Refusal):
    """The answer has more than `max_rows` rows (`limit` = `rows`), or the question needs more memory or disk than the engine may take (`memory`)."""

    code = "engine.too_large"
    status = 422


class NotYetThere(Refusal):
    """The replica did not reach the asked-for transaction within `timeout_seconds`."""

    code = "engine.not_yet_there"
    status = 503


class Cancelled(Refusal):
    """The question was given up by whoever asked it."""

    code = "engine.cancelled"


class AlreadyOwned(Refusal):
    """Another process owns the replica of this home."""

    code = "engine.already_owned"


class QuestionWrong(Exception):
    """The engine does not understand the question: a mistake in siyu, not in what the user did."""
