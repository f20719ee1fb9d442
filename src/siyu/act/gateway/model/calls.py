"""One request to the platform: at least once, reconciled."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from zoneinfo import ZoneInfo

from siyu.act.gateway.model.actions import Action, ActionId, Content, Purpose
from siyu.act.gateway.model.intents import Intent, IntentState
from siyu.act.gateway.model.policy import Policy, quiet_soon
from siyu.act.gateway.model.replies import Accepted, Outcome, Refused, Unclear
from siyu.kernel.ids import CallId
from siyu.kernel.time import business_day


class CallState(StrEnum):
    """`refused`: the platform will never take it. `dead`: given up before it stood: stopped, expired, its day over, or nobody left in it."""

    READY = "ready"
    CLAIMED = "claimed"
    DONE = "done"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    DEAD = "dead"


OPEN = frozenset({CallState.CLAIMED, CallState.UNKNOWN})
"""Something may be under way at the platform: at most one such call per (corp, sender, fingerprint)."""


@dataclass(frozen=True)
class Call:
    """`first_try_at` and `tried_at` are business time, which the platform's list is asked by; all other instants are machine time.

    `doubt_at` is the last instant at which its latest request may have gone out; settling counts from there. `reserved_on` is the business day it is good for.
    `doubted` stays true once its fate was unclear: the sweep looks for second tasks of such calls.
    """

    id: CallId
    action_id: ActionId
    corp_id: str
    sender: str
    fingerprint: str
    marker: str
    body: Content
    reserved_on: date
    state: CallState = CallState.READY
    epoch: int = 0
    tries: int = 0
    retry_at: datetime | None = None
    lease_until: datetime | None = None
    first_try_at: datetime | None = None
    tried_at: datetime | None = None
    doubt_at: datetime | None = None
    look_at: datetime | None = None
    looked_at: datetime | None = None
    doubted: bool = False
    absences: int = 0
    msgid: str | None = None
    code: str | None = None

    def claim(self, *, now: datetime, machine: datetime, policy: Policy) -> "Call":
        return replace(
            self,
            state=CallState.CLAIMED,
            epoch=self.epoch + 1,
            tries=self.tries + 1,
            lease_until=machine + timedelta(seconds=policy.lease_seconds),
            first_try_at=self.first_try_at or now,
            tried_at=now,
            doubt_at=None,
            look_at=None,
            looked_at=None,
            absences=0,
        )

    def lapse(self) -> "Call":
        """Its worker is gone or stuck: whether the request went out, nobody knows."""
        return replace(self, state=CallState.UNKNOWN, doubted=True, doubt_at=self.lease_until, code="lease_over")

    def record(self, outcome: Outcome, *, machine: datetime) -> "Call":
        match outcome:
            case Accepted(msgid):
                return replace(self, state=CallState.DONE, msgid=msgid, code=None)
            case Refused(code, None):
                return replace(self, state=CallState.REFUSED, code=code)
            case Refused(code, float(wait)):
                return replace(self, state=CallState.READY, code=code, retry_at=machine + timedelta(seconds=wait))
            case Unclear(reason):
                return replace(self, state=CallState.UNKNOWN, doubted=True, code=reason, doubt_at=machine)
        raise AssertionError(f"an outcome without a rule: {outcome}")

    def adopt(self, msgid: str) -> "Call":
        return replace(self, state=CallState.DONE, msgid=msgid)

    def absent(self, *, looked_at: datetime, settle_seconds: float, policy: Policy) -> "Call":
        """The list was read through, starting at `looked_at`, and the call is not in it. One reading proves nothing: pages move under the reader.

        Ready again after `absences_needed` readings, all begun after the settle time and `absence_gap_seconds` apart.
        """
        assert self.doubt_at is not None, "an unknown call knows since when"
        if looked_at < self.doubt_at + timedelta(seconds=settle_seconds):
            return self
        if self.looked_at is not None and looked_at < self.looked_at + timedelta(seconds=policy.absence_gap_seconds):
            return self
        if self.absences + 1 >= policy.absences_needed:
            return replace(self, state=CallState.READY, absences=0, looked_at=looked_at)
        return replace(self, absences=self.absences + 1, looked_at=looked_at)

    def die(self, reason: str) -> "Call":
        return replace(self, state=CallState.DEAD, code=reason)


@dataclass(frozen=True)
class Claim:
    """A call that is ours until its lease ends, with the people who may still get it."""

    call_id: CallId
    epoch: int
    corp_id: str
    sender: str
    body: Content
    recipients: tuple[str, ...]


def group(intents: Iterable[Intent], size: int) -> list[tuple[str, str, list[Intent]]]:
    """Reserved intents of one action as (corp, sender, at most `size` of them), in an order that depends on nothing but the intents."""

    def route(intent: Intent) -> tuple[str, str]:
        assert intent.contact is not None, "a reserved intent has its contact"
        return intent.contact.corp_id, intent.contact.sender

    batches = []
    ordered = sorted(intents, key=lambda it: (*route(it), it.customer_id))
    for (corp_id, sender), members in groupby(ordered, key=route):
        people = list(members)
        batches += [(corp_id, sender, people[start : start + size]) for start in range(0, len(people), size)]
    return batches


def too_late(action: Action, reserved_on: date, *, now: datetime, tz: ZoneInfo, policy: Policy) -> str | None:
    """Why what was reserved must not go out any more; None while it may.

    A reservation is good for its business day only: everything that it rested on, the week's quota first, is asked anew the next morning.
    """
    if action.stopped_at is not None:
        return "stopped"
    if now >= action.expires_at:
        return "expired"
    if business_day(now, tz) != reserved_on:
        return "day_over"
    if action.purpose is Purpose.PROMOTION and quiet_soon(now, tz, policy) is not None:
        return "quiet_hours"
    return None


def after(reason: str) -> tuple[IntentState, str]:
    """Where people go who are held out, or whose call or task was given up unsent, and with which reason."""
    match reason:
        case "stopped":
            return IntentState.CANCELLED, reason
        case "expired":
            return IntentState.EXPIRED, reason
        case "holdout":
            return IntentState.SKIPPED, reason
        case _:
            return IntentState.PLANNED, reason


def aftermath(intent: Intent, reason: str) -> Intent:
    """`after` for one intent."""
    state, reason = after(reason)
    return intent.replan(reason) if state is IntentState.PLANNED else intent.end(state, reason)
