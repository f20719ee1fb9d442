"""The tables of the tag library and every statement on them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Select, Table, Text, Uuid, func, select, table, true
from sqlalchemy import column as named
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.infra.upserts import upsert
from siyu.kernel.ids import ContactId, CorpId, CustomerId, StaffId
from siyu.observe import identities
from siyu.observe.tags.model import Changes, Clash, Group, Standing, Tag, TagName

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
    Column("exclusive", Boolean, nullable=False),
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
    return {row.id: Group(row.id, row.name, row.place, row.deleted_at, row.exclusive) for row in rows}


def held_tags(tx: Tx, corp: CorpId) -> dict[str, Tag]:
    """All tags that we hold, deleted ones included."""
    rows = tx.execute(select(tags).where(tags.c.tenant_id == tx.tenant_id, tags.c.corp_id == corp))
    return {row.id: Tag(row.id, row.group_id, row.name, row.place, row.created_at, row.deleted_at) for row in rows}


def write(tx: Tx, corp: CorpId, changes: Changes) -> None:
    """Insert or overwrite the rows that a reading changed."""
    upsert(tx, tag_groups, [{"corp_id": corp, **one.__dict__} for one in changes.groups], keep=["exclusive"])
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


def make_exclusive(tx: Tx, corp: CorpId, group: str, on: bool) -> None:
    """Say whether a relation may bear only one tag of a group."""
    tx.execute(
        "update tag_groups set exclusive = :on where tenant_id = :tenant_id and corp_id = :corp and id = :group", {"corp": corp, "group": group, "on": on}
    )


def standings(tx: Tx, corps: Collection[CorpId], ids: Collection[str]) -> list[Standing]:
    """Where those of these tags stand that live in the library of one of `corps`."""
    rows = tx.execute(
        """
        select t.id, t.corp_id, t.group_id, t.name,
            array(
                select r.id
                from tags r
                where g.exclusive and r.tenant_id = t.tenant_id and r.corp_id = t.corp_id and r.group_id = t.group_id and r.id <> t.id and r.deleted_at is null
            ) as rivals
        from tags t
        join tag_groups g on g.tenant_id = t.tenant_id and g.corp_id = t.corp_id and g.id = t.group_id
        where t.tenant_id = :tenant_id and t.corp_id = any (cast(:corps as uuid[])) and t.id = any (cast(:ids as text[])) and t.deleted_at is null
        """,
        {"corps": list(corps), "ids": list(ids)},
    )
    return [Standing(row.id, CorpId(row.corp_id), row.group_id, row.name, frozenset(row.rivals)) for row in rows]


_CLASHING = """
    select c.id, c.identity_id, c.staff_id, t.group_id, array_agg(t.name order by t.place desc, t.id) as tags
    from contacts c
    cross join lateral jsonb_array_elements_text(c.tags) as e (id)
    join tags t on t.tenant_id = c.tenant_id and t.corp_id = c.corp_id and t.id = e.id and t.deleted_at is null
    join tag_groups g on g.tenant_id = t.tenant_id and g.corp_id = t.corp_id and g.id = t.group_id and g.exclusive and g.deleted_at is null
    where c.tenant_id = :tenant_id and c.corp_id = :corp and c.relation = 'active' and jsonb_array_length(c.tags) > 1
        and (cast(:staff as uuid[]) is null or c.staff_id = any (cast(:staff as uuid[])))
    group by c.id, c.identity_id, c.staff_id, t.group_id
    having count(*) > 1
"""


def clash_counts(tx: Tx, corp: CorpId, staff: Sequence[StaffId] | None) -> dict[str, int]:
    """Active relations that bear several tags of an exclusive group, by group; only those of `staff`, unless None."""
    rows = tx.execute(f"select d.group_id, count(*) as n from ({_CLASHING}) d group by d.group_id", {"corp": corp, "staff": staff})  # noqa: S608 (constant)
    return {row.group_id: row.n for row in rows}


def clashes(tx: Tx, corp: CorpId, group: str, staff: Sequence[StaffId] | None, *, after: ContactId | None, limit: int) -> list[Clash]:
    """The relations that bear several tags of an exclusive group, by id."""
    rows = tx.execute(
        f"""
        select d.id, d.tags, i.customer_id, p.name as customer_name, s.name as staff_name
        from ({_CLASHING}) d
        join identities i on i.tenant_id = :tenant_id and i.id = d.identity_id
        join customers p on p.tenant_id = :tenant_id and p.id = i.customer_id
        join staff s on s.tenant_id = :tenant_id and s.id = d.staff_id
        where d.group_id = :group and (cast(:after as uuid) is null or d.id > :after)
        order by d.id
        limit :limit
        """,  # noqa: S608 (constant)
        {"corp": corp, "group": group, "staff": staff, "after": after, "limit": limit},
    )
    return [Clash(ContactId(row.id), CustomerId(row.customer_id), row.customer_name, row.staff_name, row.tags) for row in rows]
