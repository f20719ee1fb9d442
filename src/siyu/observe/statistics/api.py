"""HTTP of statistics: what WeCom counted, by day and by member."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from siyu.infra.http import Db, needs, router
from siyu.infra.tx import Tx
from siyu.kernel.ids import StaffId
from siyu.observe.statistics import service
from siyu.observe.statistics.model import GroupSums, Sums

routes = router("/statistics", tag="statistics")
First = Annotated[date | None, Query(description="First day in China, by default 29 days before the last.")]
Last = Annotated[date | None, Query(description="Last day in China, included, by default yesterday.")]
Out = TypeVar("Out", bound=BaseModel)


class TalkOut(BaseModel):
    """Asked by members, new contacts, chats, messages of members, customers who deleted or blocked one.

    Share of answered customers in per cent and minutes to the first reply are means by chats, null where no customer wrote.
    """

    requests: int
    contacts: int
    chats: int
    messages: int
    reply_rate: float | None
    first_reply_minutes: float | None
    lost: int


class TalkDayOut(TalkOut):
    day: date


class TalkStaffOut(TalkOut):
    staff_id: UUID
    name: str


class TalkSumsOut(BaseModel):
    """What WeCom counted of members. Days and members of whom it told nothing are missing."""

    first: date
    last: date
    days: list[TalkDayOut]
    staff: list[TalkStaffOut]
    total: TalkOut


class GroupFiguresOut(BaseModel):
    """New groups, new members and messages are added up; groups, members and active ones are those of the last day."""

    new_groups: int
    groups: int
    active_groups: int
    new_members: int
    members: int
    active_members: int
    messages: int


class GroupDayOut(GroupFiguresOut):
    day: date


class GroupOwnerOut(GroupFiguresOut):
    staff_id: UUID
    name: str


class GroupSumsOut(BaseModel):
    """What WeCom counted of groups. Days and owners of whom it told nothing are missing."""

    first: date
    last: date
    days: list[GroupDayOut]
    owners: list[GroupOwnerOut]
    total: GroupFiguresOut


@routes.get("/staff", operation_id="read_staff_statistics", dependencies=[needs("statistics.read")])
def read_staff_statistics(tx: Db, first: First = None, last: Last = None, staff_id: UUID | None = None) -> TalkSumsOut:
    """How members in the reader's scope talked with customers."""
    days = service.period(tx, first, last)
    sums = service.sums(tx, days, StaffId(staff_id) if staff_id else None)
    return TalkSumsOut(
        first=days.first,
        last=days.last,
        days=_days(sums, TalkDayOut),
        staff=_people(tx, sums.by_staff, TalkStaffOut),
        total=TalkOut(**sums.total.__dict__),
    )


@routes.get("/groups", operation_id="read_group_statistics", dependencies=[needs("statistics.read")])
def read_group_statistics(tx: Db, first: First = None, last: Last = None, staff_id: UUID | None = None) -> GroupSumsOut:
    """The groups of owners in the reader's scope."""
    days = service.period(tx, first, last)
    sums = service.group_sums(tx, days, StaffId(staff_id) if staff_id else None)
    return GroupSumsOut(
        first=days.first,
        last=days.last,
        days=_days(sums, GroupDayOut),
        owners=_people(tx, sums.by_owner, GroupOwnerOut),
        total=GroupFiguresOut(**sums.total.__dict__),
    )


def _days(sums: Sums | GroupSums, out: Callable[..., Out]) -> list[Out]:
    return [out(day=day, **totals.__dict__) for day, totals in sums.by_day]


def _people(tx: Tx, rows: Any, out: Callable[..., Out]) -> list[Out]:
    names = service.names(tx, [id for id, _ in rows])
    return sorted((out(staff_id=id, name=names.get(id, ""), **totals.__dict__) for id, totals in rows), key=lambda one: str(getattr(one, "name", "")))
