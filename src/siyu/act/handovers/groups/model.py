"""Handovers of groups, the state of each group, and how WeCom's answers move it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from siyu.act.handovers.model import Kind
from siyu.kernel.errors import NotFound
from siyu.kernel.ids import CorpId, GroupHandoverId, GroupId, StaffId

State = Literal["planned", "asking", "waiting", "done", "failed", "stopped"]
Hindrance = Literal["under_way", "twice_in_90_days"]

CALL_SIZE = 100
"""Groups that WeCom takes in one call."""
A_DAY = 300
"""Groups of one owner that WeCom gives away in one day of its own."""
MOST = 1000
"""Groups of one request."""
PLATFORM_ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of the days in which WeCom counts."""
WINDOW, TWICE = timedelta(days=90), 2
"""So often may a group go from an owner who stays to another within WINDOW."""
LAG = timedelta(seconds=60)
"""How long WeCom's reading calls may lag behind a call."""
SOON, LATER = timedelta(minutes=2), timedelta(minutes=10)
"""When to look whether a group has its new owner: the first time, and each time after."""
GIVE_UP = timedelta(hours=24)
"""A group that has not its new owner so long after the call stays where it is."""
DISMISSED, BEING_HANDED_OVER, TOO_MANY_TODAY = 49008, 90507, 45009
"""WeCom's codes: there is no such group any more, it is being taken over, no more groups of this owner today."""


class GroupHandoverNotFound(NotFound):
    """No such handover of groups, or none in this actor's scope."""

    code = "group_handover.not_found"


@dataclass(frozen=True)
class Candidate:
    """A living group of the giver, and why it cannot be asked for, if so."""

    group_id: GroupId
    chat_id: str
    hindrance: Hindrance | None


@dataclass(frozen=True)
class GroupHandover:
    """Groups of `giver_id` are given to `taker_id`."""

    id: GroupHandoverId
    corp_id: CorpId
    kind: Kind
    giver_id: StaffId
    taker_id: StaffId
    reason: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class Asked:
    """A group that WeCom was asked to hand over at `asked_at`."""

    handover_id: GroupHandoverId
    chat_id: str
    asked_at: datetime


@dataclass(frozen=True)
class Handed:
    """A group of a handover as people see it; `code` is WeCom's, 0 for none."""

    group_id: GroupId
    chat_id: str
    name: str
    customers: int
    state: State
    code: int
    asked_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True)
class Leaver:
    """An owner who has left, with groups that have no other; `under_way` of them are being handed over."""

    staff_id: StaffId
    name: str
    groups: int
    under_way: int


@dataclass(frozen=True)
class Move:
    """Where a group goes next; `planned` puts it back."""

    asked: Asked
    state: State
    code: int = 0
    look_at: datetime | None = None
    at: datetime | None = None


def answered(asked: Asked, kind: Kind, code: int, now: datetime) -> Move:
    """What WeCom said of one group: an owner who stays is followed at once, of one who has left WeCom takes a while."""
    if code == TOO_MANY_TODAY:
        return Move(asked, "planned")
    if code and not (kind == "resigned" and code == BEING_HANDED_OVER):
        return Move(asked, "failed", code, at=now)
    return Move(asked, "done", at=now) if kind == "in_service" else Move(asked, "waiting", look_at=now + SOON)


def found(asked: Asked, owner: str | None, taker: str, now: datetime, *, unanswered: bool) -> Move:
    """What a reading of the group says: whose it is now, None for a group that is no more. One whose call had no answer is asked for again."""
    if owner is None:
        return Move(asked, "failed", DISMISSED, at=now)
    if owner == taker:
        return Move(asked, "done", at=now)
    if unanswered:
        return Move(asked, "planned")
    return Move(asked, "failed", at=now) if now >= asked.asked_at + GIVE_UP else Move(asked, "waiting", look_at=now + LATER)


def days_needed(groups: int) -> int:
    """In how many of WeCom's days so many groups of one owner can go."""
    return -(-groups // A_DAY)


def full_today(moves: Collection[Move]) -> bool:
    """Whether WeCom said that this owner gives no more groups away today."""
    return any(move.state == "planned" for move in moves)
