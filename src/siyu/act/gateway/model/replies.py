"""What the platform's answer to a creating call means for the call: taken, surely not taken, or unclear."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True)
class Accepted:
    msgid: str
    fail_list: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """Surely without effect. `wait_seconds` None: never again. `pauses` says how wide the wait reaches: this call, or everything of the corp."""

    code: str
    wait_seconds: float | None = None
    pauses: Literal["call", "corp"] = "call"


@dataclass(frozen=True)
class Unclear:
    """Perhaps taken. Never repeated before the list of tasks has been asked."""

    reason: str


Outcome = Accepted | Refused | Unclear

RATE = 45009
"""Blocked as long as the window that was hit; which one the answer does not say, so the waits grow: minute, hour, day."""

RATE_WAITS = (60.0, 3_600.0, 86_400.0)

_PAUSING = {40001, 40013, 40014, 42001, 45031, 48001, 48002, 48004, 48006, 50003, 60020, 60031, 84074, 301007}
"""Token, trusted address or rights: everything of the corp waits and is tried again half a minute later."""

_SENDER_GONE = {40003, 46004, 50002, 60011, 60021, 60030, 60111, 84061, 84083, 84084}
_NOBODY = {40096, 41035, 41048}
_ANTI_SPAM = {40201, 40204}
_MALFORMED = {
    *{40004, 40005, 40006, 40007, 40008, 40033, 40035, 40039, 40058, 40063, 40094, 40206, 41016, 41033, 41064, 41065},
    *{41088, 41089, 44004, 45001, 45002, 45034},
}
_NAMES = {
    **dict.fromkeys(map(str, _SENDER_GONE), "sender_gone"),
    **dict.fromkeys(map(str, _NOBODY), "nobody_reachable"),
    **dict.fromkeys(map(str, _ANTI_SPAM), "anti_spam"),
}


def classify(errcode: int, *, msgid: str | None = None, fail_list: Sequence[str] = ()) -> Outcome:
    """The outcome of an answer that arrived whole.

    A code that nobody has listed may have had an effect: unclear. So may -1, although the official advice is to repeat it.
    """
    if errcode == 0:
        return Accepted(msgid, tuple(fail_list)) if msgid else Unclear("no msgid in the answer")
    if errcode == RATE:
        return Refused(str(errcode), RATE_WAITS[0], "corp")
    if errcode == 45033:
        return Refused(str(errcode), 2.0)
    if errcode in _PAUSING:
        return Refused(str(errcode), 30.0, "corp")
    if errcode in _SENDER_GONE | _NOBODY | _ANTI_SPAM | _MALFORMED:
        return Refused(str(errcode))
    return Unclear(str(errcode))


def lengthened(outcome: Outcome, strikes: int) -> Outcome:
    """A rate block with the wait that `strikes` earlier ones in a row have earned; anything else as it is."""
    if isinstance(outcome, Refused) and outcome.code == str(RATE):
        return replace(outcome, wait_seconds=RATE_WAITS[min(strikes, len(RATE_WAITS) - 1)])
    return outcome


def unsent(reason: str) -> Refused:
    """No byte of the request left us: connection refused, name not found, or we were too late to start."""
    return Refused(reason, 5.0)


def skip_reason(refusal: Refused) -> str:
    """Why the people of a call that was refused for good get nothing, as a stable code."""
    return _NAMES.get(refusal.code, "platform_refused")
