"""The first words to a new customer: which ones, until when, and what an answer of WeCom means for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from siyu.connectors.wecom import Action, NotSent, OutcomeUnknown, Refused, WeComError
from siyu.kernel.errors import NotFound, Refusal
from siyu.kernel.ids import CorpId, JobId, WelcomeId

ANSWER_WITHIN = timedelta(seconds=15)
"""From receipt, both ends by our own clock: past this no call goes out. The platform counts 20 s from the event by its own, and says what is late (41050)."""
CALLS = 2
STATES = 100
STATE_BYTES = 64
"""The longest `state` that comes with an event: 30 characters of a contact way, 64 bytes of an acquisition link."""
LATE = 41050
TAKEN = frozenset({41051, 41096})
"""Somebody has used the code, or is about to."""


class WelcomeNotFound(NotFound):
    """No such welcome message."""

    code = "welcome.not_found"


class BadWelcome(Refusal):
    """A text of 1 to 4,000 bytes, a card with title and web address or none, up to 100 sources of 64 bytes."""

    code = "welcome.invalid"
    status = 422


class BlockedWords(Refusal):
    """The message holds terms that must not leave the house."""

    code = "welcome.blocked_words"
    status = 422


class UnknownPlaceholder(Refusal):
    """New customers would read `found` as it stands: in a welcome message nothing is replaced."""

    code = "welcome.unknown_placeholder"
    status = 422


class ChangedMeanwhile(Refusal):
    """Somebody else has changed this welcome message at the same moment."""

    code = "welcome.changed_meanwhile"


@dataclass(frozen=True)
class Words:
    """What a customer gets: a text, and below it a card when there is a link. `states`: the sources it is for; none means everybody."""

    text: str
    link_title: str | None = None
    link_url: str | None = None
    states: tuple[str, ...] = ()

    @property
    def read(self) -> str:
        """All that customers read of it."""
        return f"{self.text}\n{self.link_title or ''}"


@dataclass(frozen=True)
class Welcome:
    """The words of one app at one time: a change is a further version, and the last one counts."""

    id: WelcomeId
    version: int
    corp_id: CorpId
    words: Words
    active: bool
    changed_by: str
    changed_at: datetime


class Outcome(StrEnum):
    """What became of a welcome code."""

    SENT = "sent"
    EXPIRED = "expired"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    OFF = "off"
    BLOCKED = "blocked"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class End:
    """An outcome; `code`: WeCom's, when it said one."""

    outcome: Outcome
    code: int | None = None


@dataclass(frozen=True)
class Tries:
    """Calls begun for one code. `doubt`: one of them may have had its effect without our knowing."""

    calls: int = 0
    doubt: bool = False

    def begun(self) -> "Tries":
        """With one more call on its way, which nobody may come back to tell of."""
        return Tries(self.calls + 1, True)

    def after(self, fault: WeComError) -> "Tries":
        """With one more call that came to this."""
        return Tries(self.calls + 1, self.doubt or isinstance(fault, OutcomeUnknown))

    def stored(self) -> dict[str, Any]:
        return {"calls": self.calls, "doubt": self.doubt}

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> "Tries":
        return cls(int(row.get("calls", 0)), bool(row.get("doubt")))


@dataclass(frozen=True)
class Greeting:
    """What became of one welcome code. `happened_at`: when the customer came; `settled_at`: when we had answered, or gave up."""

    job_id: JobId
    corp_id: CorpId
    userid: str
    external_userid: str
    state: str
    happened_at: datetime
    settled_at: datetime
    end: End
    said: Welcome | None


@dataclass(frozen=True)
class Tally:
    """How many codes came to one end; `code` is WeCom's, None without one."""

    outcome: Outcome
    code: int | None
    codes: int


@dataclass(frozen=True)
class Results:
    """All ends since an instant; seconds run from the event to our answer, over those sent: whole seconds at the start, as WeCom tells them."""

    since: datetime
    tallies: Sequence[Tally]
    median_seconds: float | None
    p99_seconds: float | None
    as_of: datetime


def tidy(words: Words) -> Words:
    """Without blanks around title, address and sources, and each source once."""
    title, url = (part.strip() if part is not None else None for part in (words.link_title, words.link_url))
    return Words(words.text, title, url, tuple(dict.fromkeys(state.strip() for state in words.states)))


def check(words: Words, *, text_bytes: int) -> None:
    """Raises BadWelcome, naming the field and why. Whether the card can go out is for `materials.check_card` to say."""
    if not words.text.strip() or len(words.text.encode()) > text_bytes:
        raise BadWelcome(field="text", reason="length", limit=text_bytes)
    if (words.link_title is None) != (words.link_url is None):
        raise BadWelcome(field="link_url" if words.link_url is None else "link_title", reason="missing")
    if len(words.states) > STATES or not all(state and len(state.encode()) <= STATE_BYTES for state in words.states):
        raise BadWelcome(field="states", reason="length", limit=STATE_BYTES)


def choose(welcomes: Iterable[Welcome], state: str) -> Welcome | None:
    """What to say to whoever comes from this source: the newest that is on and made for it, else the newest that is on and made for everybody."""
    on = [welcome for welcome in welcomes if welcome.active]
    fitting = [welcome for welcome in on if state in welcome.words.states] or [welcome for welcome in on if not welcome.words.states]
    return max(fitting, key=lambda welcome: (welcome.changed_at, welcome.id), default=None)


def step(said: Welcome | None, tries: Tries, *, clean: bool, received_at: datetime, now: datetime) -> Welcome | End:
    """What to say now, or why nothing: too late, called often enough, nothing to say, terms that must not leave."""
    if tries.calls >= CALLS:
        return End(Outcome.UNKNOWN)  # whoever began the calls has not come back
    if now >= received_at + ANSWER_WITHIN:
        why = Outcome.EXPIRED
    elif said is None:
        why = Outcome.OFF
    elif not clean:
        why = Outcome.BLOCKED
    else:
        return said
    return End(Outcome.UNKNOWN if tries.doubt else why)


def worth_another(fault: WeComError) -> bool:
    """Whether a call that came to this may be made once more: the network, the platform's own trouble, too many calls at a time."""
    return fault.action in {Action.RETRY, Action.SLOW}


def judge(fault: WeComError | None, *, doubt: bool) -> End:
    """What a call came to; `doubt`: an earlier one may have been the one that used the code up."""
    match fault:
        case None:
            return End(Outcome.SENT)
        case NotSent():
            return End(Outcome.UNKNOWN if doubt else Outcome.UNREACHABLE)
        case Refused(code=code) if code in TAKEN:
            return End(Outcome.SENT if doubt else Outcome.ANSWERED_ELSEWHERE, code)
        case Refused(code=code) if doubt:
            return End(Outcome.UNKNOWN, code)
        case Refused(code=code):
            return End(Outcome.EXPIRED if code == LATE else Outcome.REFUSED, code)
        case _:
            return End(Outcome.UNKNOWN)
