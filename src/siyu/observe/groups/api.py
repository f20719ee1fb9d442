"""HTTP of groups: the list, one group with who came and went, and reading them anew."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from siyu.infra.http import Db, Page, days, decode_id, decode_named, encode_cursor, needs, router
from siyu.kernel.ids import GroupId, StaffId
from siyu.observe.groups import service
from siyu.observe.groups.model import End, Group, Kind, Person

routes = router("/groups", tag="groups")
Limit = Annotated[int, Query(ge=1, le=100)]


class OwnerRef(BaseModel):
    """Who owns a group; `id` is null for somebody outside the address book, whose name is his userid."""

    id: UUID | None
    name: str


class GroupOut(BaseModel):
    """One group. `strangers`: customers in it who are nobody's contact. Joined and left count customers of today; `read_at`: when WeCom was last asked."""

    id: UUID
    chat_id: str
    name: str
    owner: OwnerRef
    state: Literal["active", "dismissed"]
    created_at: datetime | None
    dismissed_at: datetime | None
    read_at: datetime
    members: int
    customers: int
    strangers: int
    joined_today: int
    left_today: int


class DayWayOut(BaseModel):
    """Customers who joined by a way on a day of the brand's zone, and who left on it having come that way. `way`: 1 invited, 2 link, 3 code, 0 not told."""

    day: date
    way: int
    joined: int
    left: int


class GroupDetail(GroupOut):
    """One group with its notice and the days in which customers came or went, oldest first."""

    notice: str
    days: list[DayWayOut]


class PersonOut(BaseModel):
    """One stay. `customer_id` where the reader may see the customer; `contact`: friends with somebody of ours; `ended` says how somebody left."""

    member: str
    kind: Kind
    name: str
    nickname: str
    customer_id: UUID | None
    contact: bool
    joined_at: datetime
    way: int
    state: str
    invited_by: str
    left_at: datetime | None
    ended: End | None


class LeaveCountOut(BaseModel):
    """Leaves that share a value: a group's id, an owner's id (empty outside the address book), a number of a way."""

    value: str
    name: str
    leaves: int


class LeaveTotalsOut(BaseModel):
    """Leaves in all and by value, the most frequent first, 20 values at most. Of a group that was dismissed nobody left."""

    leaves: int
    groups: list[LeaveCountOut]
    owners: list[LeaveCountOut]
    ways: list[LeaveCountOut]


class SyncingOut(BaseModel):
    """The jobs that read, one for each connected app."""

    job_ids: list[UUID]


@routes.get("", operation_id="list_groups", dependencies=[needs("groups.read")])
def list_groups(
    tx: Db,
    q: Annotated[str | None, Query(max_length=100)] = None,
    state: Literal["active", "dismissed"] | None = None,
    owner_id: UUID | None = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[GroupOut]:
    """Groups whose owners the actor's scope covers, the latest known first. `q`: part of the name."""
    wanted = service.Filter(q.strip() if q else None, state, StaffId(owner_id) if owner_id else None)
    found = service.page(tx, wanted, before=decode_id(cursor) if cursor else None, limit=limit + 1)
    return Page(
        items=[GroupOut.model_validate(_fields(group)) for group in found[:limit]],
        next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None,
    )


@routes.post("/sync", operation_id="sync_groups", status_code=202, dependencies=[needs("groups.sync")])
def sync_groups(tx: Db) -> SyncingOut:
    """Read all groups anew as jobs."""
    return SyncingOut(job_ids=[UUID(str(id)) for id in service.request_sync(tx)])


@routes.get("/leaves", operation_id="count_group_leaves", dependencies=[needs("groups.read")])
def count_group_leaves(
    tx: Db,
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
    owner_id: UUID | None = None,
) -> LeaveTotalsOut:
    """Customers who left groups, or were removed, counted in all and by group, owner and way. `from` and `to`: days of the brand's zone, both included."""
    totals = service.leave_totals(tx, days(tx, since, until), StaffId(owner_id) if owner_id else None)
    return LeaveTotalsOut.model_validate(totals, from_attributes=True)


@routes.get("/{id}", operation_id="get_group", dependencies=[needs("groups.read")])
def get_group(tx: Db, id: UUID, days: Annotated[int, Query(ge=1, le=180)] = 30) -> GroupDetail:
    """One group, and who came and went in the last `days` days by way."""
    group = service.get(tx, GroupId(id))
    moves = [DayWayOut(**row.__dict__) for row in service.by_day(tx, group.id, days)]
    return GroupDetail.model_validate({**_fields(group), "notice": group.notice, "days": moves})


@routes.get("/{id}/members", operation_id="list_group_members", dependencies=[needs("groups.read")])
def list_group_members(tx: Db, id: UUID, inside: bool = True, kind: Kind | None = None, cursor: str | None = None, limit: Limit = 50) -> Page[PersonOut]:
    """Who is in a group, or with `inside=false` who has left it; latest joining first."""
    found = service.people(tx, GroupId(id), inside=inside, kind=kind, after=None if cursor is None else decode_named(cursor), limit=limit + 1)
    more = encode_cursor(found[limit - 1].joined_at, found[limit - 1].member) if len(found) > limit else None
    return Page(items=[_person(person) for person in found[:limit]], next_cursor=more)


def _fields(group: Group) -> dict[str, object]:
    return {**{name: getattr(group, name) for name in GroupOut.model_fields if name != "owner"}, "owner": OwnerRef(id=group.owner_id, name=group.owner_name)}


def _person(person: Person) -> PersonOut:
    return PersonOut(**person.__dict__)
