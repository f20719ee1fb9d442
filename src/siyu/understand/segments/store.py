"""The tables of segments, frozen lists and their members, and every statement on them."""

import json
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, DateTime, Integer, Row, Table, Text, Uuid, func, select
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, SegmentId
from siyu.understand.customers import Filter
from siyu.understand.segments.model import Frozen, ListId, Segment

segments = Table(
    "segments",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("filter", JSONB, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("archived_at", DateTime(timezone=True)),
)
segment_lists = Table(
    "segment_lists",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("segment_id", Uuid, nullable=False),
    Column("filter", JSONB, nullable=False),
    Column("members", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
segment_members = Table(
    "segment_members",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("list_id", Uuid, primary_key=True),
    Column("customer_id", Uuid, primary_key=True),
)

MEMBER: ColumnElement[Any] = segment_members.c.customer_id
"""The column that a scope is laid on."""


_SEGMENT = """
    select s.id, s.name, s.filter, s.created_by, s.created_at, s.archived_at is not null as archived,
        l.id as list_id, l.segment_id, l.filter as list_filter, l.members, l.hash, l.as_of
    from segments s
    left join segment_lists l on l.tenant_id = s.tenant_id and l.id = cast(s.filter ->> 'list_id' as uuid)
"""


def insert(tx: Tx, segment: Segment) -> None:
    tx.execute(
        "insert into segments (tenant_id, id, name, filter, created_by, created_at) values (:tenant_id, :id, :name, cast(:filter as jsonb), :by, :now)",
        {"id": segment.id, "name": segment.name, "filter": json.dumps(segment.filter.given()), "by": segment.created_by},
    )


def find(tx: Tx, id: SegmentId, *, in_use: bool) -> Segment | None:
    row = tx.execute(
        f"{_SEGMENT} where s.tenant_id = :tenant_id and s.id = :id and (s.archived_at is null or not :in_use)", {"id": id, "in_use": in_use}
    ).first()
    return _segment(row) if row else None


def page(tx: Tx, *, before: SegmentId | None, limit: int) -> Sequence[Segment]:
    """Newest first, archived ones left out."""
    rows = tx.execute(
        f"""
        {_SEGMENT}
        where s.tenant_id = :tenant_id and s.archived_at is null and (cast(:before as uuid) is null or s.id < :before)
        order by s.id desc
        limit :limit
        """,
        {"before": before, "limit": limit},
    )
    return [_segment(row) for row in rows]


def archive(tx: Tx, id: SegmentId) -> bool:
    return tx.execute("update segments set archived_at = :now where tenant_id = :tenant_id and id = :id and archived_at is null", {"id": id}).rowcount == 1


def keep(tx: Tx, frozen: Frozen, members: Sequence[UUID]) -> None:
    """Write a list with its members in one statement each."""
    tx.execute(
        """
        insert into segment_lists (tenant_id, id, segment_id, filter, members, hash, as_of, created_by, created_at)
        values (:tenant_id, :id, :segment_id, cast(:filter as jsonb), :members, :hash, :as_of, :by, :now)
        """,
        {
            "id": frozen.id,
            "segment_id": frozen.segment_id,
            "filter": json.dumps(frozen.filter.given()),
            "members": frozen.count,
            "hash": frozen.hash,
            "as_of": frozen.as_of,
            "by": tx.actor.label,
        },
    )
    tx.execute(
        "insert into segment_members (tenant_id, list_id, customer_id) select :tenant_id, :id, unnest(cast(:members as uuid[]))",
        {"id": frozen.id, "members": list(members)},
    )


def list_of(tx: Tx, id: ListId) -> Frozen | None:
    row = tx.execute(
        """
        select id as list_id, segment_id, filter as list_filter, members, hash, as_of
        from segment_lists
        where tenant_id = :tenant_id and id = :id
        """,
        {"id": id},
    ).first()
    return _frozen(row) if row else None


def members(tx: Tx, id: ListId, *, after: CustomerId | None, limit: int) -> list[CustomerId]:
    """The next members in order of their ids."""
    rows = tx.execute(
        """
        select customer_id
        from segment_members
        where tenant_id = :tenant_id and list_id = :id and (cast(:after as uuid) is null or customer_id > :after)
        order by customer_id
        limit :limit
        """,
        {"id": id, "after": after, "limit": limit},
    )
    return [CustomerId(row.customer_id) for row in rows]


def count_members(tx: Tx, ids: Collection[ListId], condition: ColumnElement[bool]) -> dict[ListId, int]:
    """How many members of each list meet a condition on MEMBER."""
    list_id = segment_members.c.list_id
    query = select(list_id, func.count().label("people")).where(segment_members.c.tenant_id == tx.tenant_id, list_id.in_(ids), condition).group_by(list_id)
    return dict.fromkeys(ids, 0) | {ListId(row.list_id): row.people for row in tx.execute(query)}


def _segment(row: Row[Any]) -> Segment:
    return Segment(SegmentId(row.id), row.name, Filter.of(row.filter), row.created_by, row.created_at, _frozen(row) if row.list_id else None, row.archived)


def _frozen(row: Row[Any]) -> Frozen:
    return Frozen(ListId(row.list_id), SegmentId(row.segment_id), Filter.of(row.list_filter), row.members, row.hash, row.as_of)
