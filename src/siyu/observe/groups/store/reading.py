"""Groups as lists and pages show them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Row, Select, Text, Uuid, and_, case, exists, func, literal, null, or_, select, table, true
from sqlalchemy import column as named

from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, CustomerId, GroupId, StaffId
from siyu.kernel.time import Period
from siyu.observe import identities
from siyu.observe.groups.model import DayWay, Group, Kind, Person, State
from siyu.observe.groups.store.tables import group_chats, group_members

Place = tuple[datetime, str]
"""Where a page of people begins: after this joining of this member."""
_staff = table("staff", named("tenant_id", Uuid), named("id", Uuid), named("name", Text))
_contacts = table("contacts", named("tenant_id", Uuid), named("corp_id", Uuid), named("external_userid", Text), named("relation", Text))


@dataclass(frozen=True)
class Filter:
    """Which groups a list shows. `q`: part of the name."""

    q: str | None = None
    state: State | None = None
    owner_id: StaffId | None = None


def page(tx: Tx, wanted: Filter, *, owners: Select[Any] | None, today: Period, before: UUID | None, limit: int) -> list[Group]:
    """Groups, the latest known first, with id below `before`; only those of `owners` (a query of staff ids), unless None."""
    statement = _groups(tx, owners, today).order_by(group_chats.c.id.desc()).limit(limit)
    if wanted.q:
        statement = statement.where(group_chats.c.name.icontains(wanted.q, autoescape=True))
    if wanted.state:
        statement = statement.where(group_chats.c.state == wanted.state)
    if wanted.owner_id:
        statement = statement.where(group_chats.c.owner_id == wanted.owner_id)
    if before:
        statement = statement.where(group_chats.c.id < before)
    return [_group(row) for row in tx.execute(statement)]


def get(tx: Tx, id: GroupId, *, owners: Select[Any] | None, today: Period) -> Group | None:
    """One group within what the actor may see."""
    row = tx.execute(_groups(tx, owners, today).where(group_chats.c.id == id)).first()
    return _group(row) if row else None


def counts(tx: Tx, owners: Collection[StaffId]) -> dict[StaffId, int]:
    """Living groups of each owner."""
    rows = tx.execute(
        """
        select owner_id, count(*) as n
        from group_chats
        where tenant_id = :tenant_id and owner_id = any (cast(:owners as uuid[])) and state = 'active'
        group by owner_id
        """,
        {"owners": list(owners)},
    )
    return {StaffId(row.owner_id): row.n for row in rows}


def people(tx: Tx, group: Group, *, inside: bool, kind: Kind | None, seen: ColumnElement[bool] | None, after: Place | None, limit: int) -> list[Person]:
    """Stays in a group, latest joining first. `inside`: those who are in it now, else those who have left. `seen` restricts `identities.customer_id`."""
    person = identities.table
    statement = (
        select(
            group_members,
            (person.c.customer_id if seen is None else case((seen, person.c.customer_id), else_=null())).label("customer_id"),
            _is_contact(tx, literal(group.corp_id, Uuid)).label("contact"),
        )
        .select_from(group_members.outerjoin(person, and_(person.c.tenant_id == group_members.c.tenant_id, person.c.id == group_members.c.identity_id)))
        .where(group_members.c.tenant_id == tx.tenant_id, group_members.c.group_id == group.id)
        .where(group_members.c.left_at.is_(None) if inside else group_members.c.left_at.is_not(None))
        .order_by(group_members.c.joined_at.desc(), group_members.c.member)
        .limit(limit)
    )
    if kind:
        statement = statement.where(group_members.c.kind == kind)
    if after:
        joined_at, member = after
        statement = statement.where(or_(group_members.c.joined_at < joined_at, and_(group_members.c.joined_at == joined_at, group_members.c.member > member)))
    return [
        Person(
            row.member,
            row.kind,
            row.name,
            row.nickname,
            CustomerId(row.customer_id) if row.customer_id else None,
            row.contact,
            row.joined_at,
            row.way,
            row.state,
            row.invited_by,
            row.left_at,
            row.ended,
        )
        for row in tx.execute(statement)
    ]


def by_day(tx: Tx, group: GroupId, period: Period) -> list[DayWay]:
    """Joins and leaves of customers by day and way, oldest first; days and ways without any are missing."""
    rows = tx.execute(
        """
        select day, way, sum(joined) as joined, sum(gone) as gone
        from (
            select cast(joined_at at time zone :tz as date) as day, way, 1 as joined, 0 as gone
            from group_members
            where tenant_id = :tenant_id and group_id = :group_id and kind = 'customer' and joined_at >= :start and joined_at < :end
            union all
            select cast(left_at at time zone :tz as date), way, 0, 1
            from group_members
            where tenant_id = :tenant_id and group_id = :group_id and kind = 'customer' and left_at >= :start and left_at < :end
        ) moves
        group by day, way
        order by day, way
        """,
        {"group_id": group, "tz": tx.tz.key, "start": period.start, "end": period.end},
    )
    return [DayWay(row.day, row.way, row.joined, row.gone) for row in rows]


def _groups(tx: Tx, owners: Select[Any] | None, today: Period) -> Select[Any]:
    members = group_members
    inside = members.c.left_at.is_(None)
    customer = members.c.kind == "customer"
    numbers = (
        select(
            func.count().filter(inside).label("members"),
            func.count().filter(inside, customer).label("customers"),
            func.count().filter(inside, customer, ~_is_contact(tx, group_chats.c.corp_id)).label("strangers"),
            func.count().filter(customer, members.c.joined_at >= today.start, members.c.joined_at < today.end).label("joined_today"),
            func.count().filter(customer, members.c.left_at >= today.start, members.c.left_at < today.end).label("left_today"),
        )
        .where(members.c.tenant_id == group_chats.c.tenant_id, members.c.group_id == group_chats.c.id)
        .lateral("numbers")
    )
    source: FromClause = group_chats.outerjoin(_staff, and_(_staff.c.tenant_id == group_chats.c.tenant_id, _staff.c.id == group_chats.c.owner_id)).join(
        numbers, true()
    )
    statement = (
        select(group_chats, func.coalesce(_staff.c.name, group_chats.c.owner).label("owner_name"), *numbers.c)
        .select_from(source)
        .where(group_chats.c.tenant_id == tx.tenant_id, group_chats.c.read_at.is_not(None))
    )
    return statement if owners is None else statement.where(group_chats.c.owner_id.in_(owners))


def _is_contact(tx: Tx, corp: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a member is friends with anybody of the corp."""
    known = select(_contacts.c.external_userid).where(
        _contacts.c.tenant_id == tx.tenant_id,
        _contacts.c.corp_id == corp,
        _contacts.c.external_userid == group_members.c.member,
        _contacts.c.relation == "active",
    )
    return exists(known.correlate(group_members, group_chats))


def _group(row: Row[Any]) -> Group:
    return Group(
        GroupId(row.id),
        CorpId(row.corp_id),
        row.chat_id,
        row.name,
        StaffId(row.owner_id) if row.owner_id else None,
        row.owner_name,
        row.state,
        row.notice,
        row.created_at,
        row.dismissed_at,
        row.read_at,
        row.members,
        row.customers,
        row.strangers,
        row.joined_today,
        row.left_today,
    )
