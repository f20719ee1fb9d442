"""The tables of the tag library and every statement on them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Select, Table, Text, Uuid, func, select, table, true
from sqlalchemy import column as named
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.infra.upserts import upsert
from siyu.kernel.ids import CorpId
from siyu.observe import identities
from siyu.observe.tags.model import Changes, Group, Tag, TagName

tag_libraries = Table(
    "tag_libraries",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("read_at", DateTime(timezone=True), nullable=False),
)
tag_groups = Table(
    "tag_groups",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("deleted_at", DateTime(timezone=True)),
)
tags = Table(
    "tags",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("group_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True)),
    Column("deleted_at", DateTime(timezone=True)),
)
_contacts = table(
    "contacts",
    named("tenant_id", Uuid),
    named("corp_id", Uuid),
    named("staff_id", Uuid),
    named("identity_id", Uuid),
    named("relation", Text),
    named("tags", JSONB),
)


def begin(tx: Tx, corp: CorpId, read_at: datetime) -> bool:
    """Note that the library was read at `read_at`, and hold it until the transaction ends; False when a later reading was folded before."""
    row = tx.execute(
        """
        insert into tag_libraries as l (tenant_id, corp_id, read_at)
        values (:tenant_id, :corp, :read_at)
        on conflict (tenant_id, corp_id) do update set read_at = excluded.read_at where l.read_at <= excluded.read_at
        returning corp_id
        """,
        {"corp": corp, "read_at": read_at},
    ).first()
    return row is not None


def read_at(tx: Tx, corp: CorpId) -> datetime | None:
    """When the library was last read, None before the first time."""
    return tx.execute(select(tag_libraries.c.read_at).where(tag_libraries.c.tenant_id == tx.tenant_id, tag_libraries.c.corp_id == corp)).scalar()


def held_groups(tx: Tx, corp: CorpId) -> dict[str, Group]:
    """All groups that we hold, deleted ones included."""
    rows = tx.execute(select(tag_groups).where(tag_groups.c.tenant_id == tx.tenant_id, tag_groups.c.corp_id == corp))
    return {row.id: Group(row.id, row.name, row.place, row.deleted_at) for row in rows}


def held_tags(tx: Tx, corp: CorpId) -> dict[str, Tag]:
    """All tags that we hold, deleted ones included."""
    rows = tx.execute(select(tags).where(tags.c.tenant_id == tx.tenant_id, tags.c.corp_id == corp))
    return {row.id: Tag(row.id, row.group_id, row.name, row.place, row.created_at, row.deleted_at) for row in rows}


def write(tx: Tx, corp: CorpId, changes: Changes) -> None:
    """Insert or overwrite the rows that a reading changed."""
    upsert(tx, tag_groups, [{"corp_id": corp, **one.__dict__} for one in changes.groups])
    upsert(tx, tags, [{"corp_id": corp, **one.__dict__} for one in changes.tags])


def bearers(tx: Tx, corp: CorpId, *, staff: Select[Any] | None) -> dict[str, int]:
    """Customers who bear each tag in an active relation; only relations of `staff` (a query of ids), unless None. Tags that nobody bears are missing."""
    tag = func.jsonb_array_elements_text(_contacts.c.tags).table_valued("id").render_derived(name="tag")
    people = identities.table
    statement = (
        select(tag.c.id, func.count(func.distinct(people.c.customer_id)).label("customers"))
        .select_from(_contacts.join(people, (people.c.tenant_id == _contacts.c.tenant_id) & (people.c.id == _contacts.c.identity_id)).join(tag, true()))
        .where(_contacts.c.tenant_id == tx.tenant_id, _contacts.c.corp_id == corp, _contacts.c.relation == "active")
        .group_by(tag.c.id)
    )
    if staff is not None:
        statement = statement.where(_contacts.c.staff_id.in_(staff))
    return {row.id: row.customers for row in tx.execute(statement)}


def names(tx: Tx, ids: Collection[str]) -> dict[str, TagName]:
    """What these tags are called; those that are deleted or never read are missing."""
    rows = tx.execute(
        """
        select t.id, t.name, g.name as group_name
        from tags t
        join tag_groups g on g.tenant_id = t.tenant_id and g.corp_id = t.corp_id and g.id = t.group_id
        where t.tenant_id = :tenant_id and t.id = any (cast(:ids as text[])) and t.deleted_at is null
        """,
        {"ids": list(ids)},
    )
    return {row.id: TagName(row.group_name, row.name) for row in rows}
