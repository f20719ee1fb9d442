"""What a call can come to when it does not succeed, and what to do about each return code."""

import json
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Action(StrEnum):
    """What a client does with a return code."""

    OK = "OK"
    RETRY = "RETRY"
    """Fault of the platform: repeat reads and idempotent writes up to 3 times; for creating calls the outcome is unknown."""
    TOKEN = "TOKEN"
    """Get a new token once, repeat once."""
    WAIT = "WAIT"
    """Over a rate: pause corp and path as long as the window that was hit (60 s, an hour, the day)."""
    SLOW = "SLOW"
    """Too many calls at a time: halve, repeat after 1-5 s."""
    LATER = "LATER"
    """Being worked on: look again after 30 s, 2 min, 10 min."""
    SYNC = "SYNC"
    """Our data is stale: refetch what the call named; do not repeat."""
    DONE = "DONE"
    """The wanted state holds already: success."""
    EXPIRED = "EXPIRED"
    """A window or one-use code is gone: never repeat."""
    FIX = "FIX"
    """The request is wrong: a bug or bad input; keep it for a person."""
    QUOTA = "QUOTA"
    """A ceiling of the account: stop this kind of write, tell the administrator."""
    CONFIG = "CONFIG"
    """Settings or rights are wrong: stop for this corp, one alert, try again at most every 10 minutes."""
    STOP = "STOP"
    """The platform objects to content or account: stop, show to a person."""


@cache
def _table() -> dict[int, tuple[Action, str]]:
    raw = json.loads(files(__package__).joinpath("codes.json").read_text("utf-8"))
    return {int(code): (Action(row["action"]), str(row["meaning"])) for code, row in raw["codes"].items()}


def codes() -> list[int]:
    """All return codes that are listed."""
    return list(_table())


def action_of(code: int) -> Action:
    """The class of a return code; codes nobody has listed count as FIX."""
    return _table().get(code, (Action.FIX, ""))[0]


def meaning_of(code: int) -> str:
    """What the code means, in own words; empty when nobody has listed it."""
    return _table().get(code, (Action.FIX, ""))[1]


class WeComError(Exception):
    """A call that did not succeed. Texts name path and code and never hold a token or a secret."""

    def __init__(self, path: str, action: Action, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.action = action
        self.detail = detail


class Refused(WeComError):
    """The platform said no before anything took effect: safe to repeat once `action` allows it."""

    def __init__(self, path: str, code: int, reason: str, *, action: Action | None = None) -> None:
        self.code = code
        self.reason = reason
        super().__init__(path, action or action_of(code), f"{code} {reason}".strip())


class Stopped(Refused):
    """No call went out: the credentials were refused too often with `code`, and nobody has changed them since."""

    def __init__(self, path: str, code: int) -> None:
        super().__init__(path, code, "not asked again: refused too often", action=Action.CONFIG)


class NotSent(Refused):
    """No byte of the request left: no connection, or no free one in time. `code` is 0."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, 0, reason, action=Action.RETRY)


class OutcomeUnknown(WeComError):
    """A creating call went out and no believable answer came back (time-out, reset, cut or foreign body, 5xx, -1): it may or may not have taken effect.

    Never repeat before the platform's own books have been read.
    """

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(path, Action.RETRY, detail)


class Unavailable(WeComError):
    """A reading call found no believable answer after all its tries. Safe to repeat later."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(path, Action.RETRY, detail)
