"""We want person P to get content C in step S: exactly once, and always in one named state."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from siyu.act.gateway.model.actions import ActionId
from siyu.act.gateway.model.arms import Arm
from siyu.act.gateway.model.guards import Contact
from siyu.kernel.ids import CallId, CustomerId


class IntentState(StrEnum):
    PLANNED = "planned"
    RESERVED = "reserved"
    IN_CALL = "in_call"
    TASK = "task"
    SENT = "sent"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


_P, _R, _C, _T = IntentState.PLANNED, IntentState.RESERVED, IntentState.IN_CALL, IntentState.TASK
_ENDS = {IntentState.SKIPPED, IntentState.EXPIRED, IntentState.CANCELLED}
MOVES: dict[IntentState, frozenset[IntentState]] = {
    _P: frozenset({_P, _R, *_ENDS}),
    _R: frozenset({_C, _P, *_ENDS}),
    _C: frozenset({_T, _P, *_ENDS}),
    _T: frozenset({IntentState.SENT, _P, *_ENDS}),
    **{end: frozenset[IntentState]() for end in (*_ENDS, IntentState.SENT)},
}
FINAL = frozenset(state for state, onward in MOVES.items() if not onward)
UNDER_WAY = frozenset({_R, _C, _T})


class ImpossibleMove(AssertionError):
    """An intent was about to leave its path: the sending of this tenant must stop rather than go on wrong."""


@dataclass(frozen=True)
class Intent:
    """One person in one action. `quota_on` is the business day whose week's quota it holds, None when it holds none."""

    action_id: ActionId
    customer_id: CustomerId
    arm: Arm
    state: IntentState = IntentState.PLANNED
    reason: str | None = None
    hold_until: datetime | None = None
    contact: Contact | None = None
    call_id: CallId | None = None
    quota_on: date | None = None
    sent_at: datetime | None = None
    sent_by: str | None = None

    def _to(self, state: IntentState, **changes: Any) -> "Intent":
        if state not in MOVES[self.state]:
            raise ImpossibleMove(f"{self.customer_id} of {self.action_id}: {self.state} → {state}")
        return replace(self, state=state, **changes)

    def reserve(self, contact: Contact, quota_on: date | None) -> "Intent":
        return self._to(_R, contact=contact, quota_on=quota_on, reason=None, hold_until=None)

    def join(self, call_id: CallId) -> "Intent":
        return self._to(_C, call_id=call_id)

    def accept(self) -> "Intent":
        return self._to(_T)

    def send(self, at: datetime, msgid: str) -> "Intent":
        return self._to(IntentState.SENT, sent_at=at, sent_by=msgid)

    def hold(self, until: datetime, reason: str) -> "Intent":
        return self._to(_P, hold_until=until, reason=reason)

    def replan(self, reason: str) -> "Intent":
        """Back to the start: quota, sender and call are given up and asked for anew."""
        return self._to(_P, reason=reason, hold_until=None, contact=None, call_id=None, quota_on=None)

    def skip(self, reason: str) -> "Intent":
        return self._to(IntentState.SKIPPED, reason=reason, quota_on=None)

    def end(self, state: IntentState, reason: str) -> "Intent":
        """Expired or cancelled."""
        return self._to(state, reason=reason, quota_on=None)
