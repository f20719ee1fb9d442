"""The tables of ways and every statement on them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Generic
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, DateTime, FromClause, Select, Table, Text, Uuid, and_, exists, func, or_, select, table
from sqlalchemy import column as named
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.infra.upserts import upsert
from siyu.kernel.ids import CorpId
from siyu.observe.ways.model import Comings, ContactWay, Held, JoinWay, Kind, Listed, Stray

LATELY = timedelta(days=30)


def _table(name: str, *more: Column[Any], read: bool) -> Table:
    return Table(
        name,
        metadata,
        Column("tenant_id", Uuid, primary_key=True),
        Column("corp_id", Uuid, primary_key=True),
        Column("config_id", Text, primary_key=True),
        Column("place", Uuid, nullable=False),
        Column("state", Text, nullable=False),
        Column("remark", Text, nullable=False),
        Column("qr_code", Text, nullable=False),
        *more,
        Column("read_at", DateTime(timezone=True), nullable=not read),
        Column("deleted_at", DateTime(timezone=True)),
    )


contact_ways = _table(
    "contact_ways",
    Column("scene", BigInteger, nullable=False),
    Column("userids", JSONB, nullable=False),
    Column("departments", JSONB, nullable=False),
    Column("skip_verify", Boolean, nullable=False),
    Column("exclusive", Boolean, nullable=False),
    read=True,
)
join_ways = _table(
    "join_ways",
    Column("chat_ids", JSONB, nullable=False),
    Column("auto_create", Boolean, nullable=False),
    Column("base_name", Text, nullable=False),
    Column("base_id", BigInteger, nullable=False),
    read=False,
)
_contacts = table(
    "contacts",
    named("tenant_id", Uuid),
    named("corp_id", Uuid),
    named("staff_id", Uuid),
    named("state", Text),
    named("added_at", DateTime(timezone=True)),
    named("relation", Text),
)
_stays = table(
    "group_members",
    named("tenant_id", Uuid),
    named("group_id", Uuid),
    named("state", Text),
    named("joined_at", DateTime(timezone=True)),
    named("left_at", DateTime(timezone=True)),
)
_groups = table("group_chats", named("tenant_id", Uuid), named("id", Uuid), named("corp_id", Uuid), named("owner_id", Uuid))


@dataclass(frozen=True)
class Shelf(Generic[Kind]):
    """Where ways of one kind lie, and where those who came by them."""

    kind: type[Kind]
    ways: Table
    comers: FromClause
    tenant: ColumnElement[Any]
    corp: ColumnElement[Any]
    member: ColumnElement[Any]
    state: ColumnElement[str]
    came_at: ColumnElement[datetime]
    stands: ColumnElement[bool]

    def columns(self) -> list[str]:
        return [field.name for field in fields(self.kind)]

    def way(self, row: Any) -> Kind:
        return self.kind(**{name: getattr(row, name) for name in self.columns()})


CONTACT = Shelf(
    ContactWay,
    contact_ways,
    _contacts,
    _contacts.c.tenant_id,
    _contacts.c.corp_id,
    _contacts.c.staff_id,
    _contacts.c.state,
    _contacts.c.added_at,
    _contacts.c.relation == "active",
)
JOIN = Shelf(
    JoinWay,
    join_ways,
    _stays.join(_groups, and_(_groups.c.tenant_id == _stays.c.tenant_id, _groups.c.id == _stays.c.group_id)),
    _stays.c.tenant_id,
    _groups.c.corp_id,
    _groups.c.owner_id,
    _stays.c.state,
    _stays.c.joined_at,
    _stays.c.left_at.is_(None),
)


def held(tx: Tx, shelf: Shelf[Kind], corp: CorpId, config_id: str) -> Held[Kind] | None:
    """One way as we hold it, None when there is none."""
    ways = shelf.ways
    found = select(ways).where(ways.c.tenant_id == tx.tenant_id, ways.c.corp_id == corp, ways.c.config_id == config_id)
    row = tx.execute(found.with_for_update()).first()
    return Held(shelf.way(row), row.read_at, row.deleted_at is not None) if row else None


def write(tx: Tx, shelf: Shelf[Kind], corp: CorpId, config_id: str, way: Kind, *, place: UUID, read_at: datetime) -> None:
    """Insert or overwrite a way that WeCom has shown; one that is there keeps its place."""
    row = {"corp_id": corp, "config_id": config_id, "place": place, **way.__dict__, "read_at": read_at, "deleted_at": None}
    upsert(tx, shelf.ways, [row], keep=["place"])


def end(tx: Tx, shelf: Shelf[Kind], corp: CorpId, config_id: str) -> None:
    """WeCom knows no such way any more."""
    ways = shelf.ways
    here = (ways.c.tenant_id == tx.tenant_id, ways.c.corp_id == corp, ways.c.config_id == config_id)
    tx.execute(ways.update().where(*here).values(deleted_at=func.coalesce(ways.c.deleted_at, tx.now)))


def living(tx: Tx, shelf: Shelf[Kind], corp: CorpId) -> list[str]:
    """The config_ids of ways that are not deleted as far as we know."""
    ways = shelf.ways
    rows = tx.execute(select(ways.c.config_id).where(ways.c.tenant_id == tx.tenant_id, ways.c.corp_id == corp, ways.c.deleted_at.is_(None)))
    return [row.config_id for row in rows]


def enter(tx: Tx, corp: CorpId, config_id: str, *, place: UUID) -> None:
    """Keep the config_id of a join way that is to be read; one that was deleted is asked for again."""
    tx.execute(
        """
        insert into join_ways (tenant_id, corp_id, config_id, place)
        values (:tenant_id, :corp, :config_id, :place)
        on conflict (tenant_id, corp_id, config_id) do update set deleted_at = null
        """,
        {"corp": corp, "config_id": config_id, "place": place},
    )


def page(tx: Tx, shelf: Shelf[Kind], *, q: str | None, deleted: bool, staff: Select[Any] | None, before: UUID | None, limit: int) -> list[Listed[Kind]]:
    """Ways, the latest known first, with `place` below `before`, and who came by each; only comings of `staff` (a query of ids), unless None.

    `q`: part of remark or state.
    """
    ways = shelf.ways
    statement = select(ways).where(ways.c.tenant_id == tx.tenant_id, ways.c.deleted_at.is_not(None) if deleted else ways.c.deleted_at.is_(None))
    if q:
        statement = statement.where(or_(ways.c.remark.icontains(q, autoescape=True), ways.c.state.icontains(q, autoescape=True)))
    if before:
        statement = statement.where(ways.c.place < before)
    rows = tx.execute(statement.order_by(ways.c.place.desc()).limit(limit)).all()
    came = comings(tx, shelf, {row.state for row in rows} - {""}, staff)
    return [
        Listed(
            CorpId(row.corp_id),
            row.config_id,
            row.place,
            shelf.way(row),
            row.read_at,
            row.deleted_at,
            came.get((CorpId(row.corp_id), row.state), Comings()),
        )
        for row in rows
    ]


def comings(tx: Tx, shelf: Shelf[Kind], states: Collection[str], staff: Select[Any] | None) -> Mapping[tuple[CorpId, str], Comings]:
    """Who came under these states, by corp and state."""
    rows = tx.execute(_counted(tx, shelf, staff).where(shelf.state.in_(sorted(states))))
    return {(CorpId(row.corp_id), row.state): Comings(row.ever, row.lately, row.standing) for row in rows}


def strays(tx: Tx, shelf: Shelf[Kind], staff: Select[Any] | None, limit: int) -> list[Stray]:
    """States of comers that no way we hold has, deleted ones included; those by which most came first."""
    ways = shelf.ways
    known = exists(select(ways.c.config_id).where(ways.c.tenant_id == tx.tenant_id, ways.c.corp_id == shelf.corp, ways.c.state == shelf.state))
    statement = _counted(tx, shelf, staff).where(shelf.state != "", ~known.correlate(shelf.comers)).order_by(func.count().desc(), shelf.state).limit(limit)
    return [Stray(row.state, Comings(row.ever, row.lately, row.standing)) for row in tx.execute(statement)]


def _counted(tx: Tx, shelf: Shelf[Kind], staff: Select[Any] | None) -> Select[Any]:
    statement = (
        select(
            shelf.corp.label("corp_id"),
            shelf.state.label("state"),
            func.count().label("ever"),
            func.count().filter(shelf.came_at >= tx.now - LATELY).label("lately"),
            func.count().filter(shelf.stands).label("standing"),
        )
        .select_from(shelf.comers)
        .where(shelf.tenant == tx.tenant_id)
        .group_by(shelf.corp, shelf.state)
    )
    return statement if staff is None else statement.where(shelf.member.in_(staff))


def titles(tx: Tx, states: Collection[str]) -> dict[tuple[str, str], str]:
    """What the contact ways of these states are called, by (WeCom's corp id, state); of several the one known last."""
    rows = tx.execute(
        """
        select o.corp_id, w.state, w.remark
        from contact_ways w
        join corps o on o.tenant_id = w.tenant_id and o.id = w.corp_id
        where w.tenant_id = :tenant_id and w.state = any (cast(:states as text[]))
        order by w.place
        """,
        {"states": list(states)},
    )
    return {(row.corp_id, row.state): row.remark for row in rows}
