"""What the platform made of a call: at most one left standing. Deliveries are reported, never assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from siyu.act.gateway.model.actions import Action, ActionId, Purpose
from siyu.act.gateway.model.intents import Intent, IntentState
from siyu.act.gateway.model.policy import Policy, quiet_soon
from siyu.kernel.ids import CallId


class TaskState(StrEnum):
    """`withdrawn`: the platform has confirmed the cancellation, the last reading is still to come."""

    OPEN = "open"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


@dataclass(frozen=True)
class Task:
    """`standing` is false for a surplus task of a call that has another. `made_at` is the platform's time; `close_at`, `whole_at` machine time."""

    msgid: str
    corp_id: str
    call_id: CallId
    action_id: ActionId
    sender: str
    made_at: datetime
    standing: bool = True
    state: TaskState = TaskState.OPEN
    reason: str | None = None
    close_at: datetime | None = None
    whole_at: datetime | None = None


class Status:
    """Results as the platform numbers them."""

    UNSENT = 0
    SENT = 1
    NOT_A_FRIEND = 2
    HAD_OTHERS = 3


@dataclass(frozen=True)
class Row:
    status: int
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """The result of one task as read once: whether its member has confirmed, and a row per customer the platform lists; none once the member has `left`."""

    confirmed: bool
    rows: Mapping[str, Row]
    left: bool = False

    @property
    def whole(self) -> bool:
        """The member has confirmed and nobody listed is left to send to."""
        return self.confirmed and all(row.status != Status.UNSENT for row in self.rows.values())


def settle_row(intent: Intent, row: Row, msgid: str, read_at: datetime) -> Intent:
    """Where a result moves somebody who waits in a task; anybody else stays."""
    if intent.state is not IntentState.TASK:
        return intent
    match row.status:
        case Status.SENT:
            return intent.send(row.sent_at or read_at, msgid)
        case Status.NOT_A_FRIEND:
            return intent.skip("not_friend")
        case Status.HAD_OTHERS:
            return intent.skip("over_limit")
        case _:
            return intent


def withdraw_reason(task: Task, action: Action, *, now: datetime, tz: ZoneInfo, policy: Policy) -> str | None:
    """Why an open task must be withdrawn, None while it may stand. Quiet hours guard confirmation as well as creation.

    Two reasons are set elsewhere: `opted_out` the moment somebody in the task opts out, since the platform cannot leave out one person, and `sender_left`
    when a reading finds that the member has left.
    """
    if not task.standing:
        return "surplus"
    if action.stopped_at is not None:
        return "stopped"
    if now >= action.expires_at:
        return "expired"
    if action.purpose is Purpose.PROMOTION and quiet_soon(now, tz, policy) is not None:
        return "quiet_hours"
    return None


@dataclass(frozen=True)
class Verdict:
    """Which of a call's tasks stays, which are cancelled; `doubled` are those who got it more than once: an incident with names."""

    keep: str
    cancel: tuple[str, ...]
    doubled: frozenset[str]


def keep_one(tasks: Sequence[Task], readings: Mapping[str, Reading]) -> Verdict:
    """Of several tasks for one call the one with sends stays, else the oldest."""

    def got(msgid: str) -> set[str]:
        return {customer for customer, row in readings[msgid].rows.items() if row.status == Status.SENT}

    ordered = sorted(tasks, key=lambda task: (not got(task.msgid), task.made_at, task.msgid))
    seen: set[str] = set()
    doubled: set[str] = set()
    for task in ordered:
        doubled |= seen & got(task.msgid)
        seen |= got(task.msgid)
    return Verdict(ordered[0].msgid, tuple(task.msgid for task in ordered[1:]), frozenset(doubled))
