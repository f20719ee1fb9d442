"""The tables of markings and their relations, and every statement on them."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, DateTime, Table, Text, Uuid, column, select, table
from sqlalchemy.dialects.postgresql import JSONB

from siyu.act.markings.model import Marked, Marking, Outcome, Row, State, Target
from siyu.infra import arrays
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CorpId, CustomerId, MarkingId, StaffId

markings = Table(
    "markings",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("add_tags", JSONB, nullable=False),
    Column("remove_tags", JSONB, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
marked_relations = Table(
    "marked_relations",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("marking_id", Uuid, primary_key=True),
    Column("place", BigInteger, primary_key=True),
    Column("customer_id", Uuid, nullable=False),
    Column("contact_id", Uuid),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("code", BigInteger, nullable=False),
    Column("settled_at", DateTime(timezone=True)),
)
_contacts = table("contacts", column("tenant_id", Uuid), column("id", Uuid), column("staff_id", Uuid))
_customers = table("customers", column("tenant_id", Uuid), column("id", Uuid), column("name", Text), column("merged_into", Uuid))
_staff = table("staff", column("tenant_id", Uuid), column("id", Uuid), column("name", Text))
CUSTOMER = _customers.c.id
"""The column on which it is decided whether the actor sees the customer."""


def insert(tx: Tx, marking: Marking, rows: Sequence[Row]) -> None:
    """Keep a marking with its relations, in order; those with a reason are refused already."""
    tx.execute(
        """
        insert into markings (tenant_id, id, add_tags, remove_tags, created_by, created_at)
        values (:tenant_id, :id, cast(:add as jsonb), cast(:remove as jsonb), :created_by, :created_at)
        """,
        {
            "id": marking.id,
            "add": json.dumps(list(marking.add)),
            "remove": json.dumps(list(marking.remove)),
            "created_by": marking.created_by,
            "created_at": marking.created_at,
        },
    )
    tx.execute(
        """
        insert into marked_relations (tenant_id, marking_id, place, customer_id, contact_id, state, reason, code, settled_at)
        select :tenant_id, :marking, r.place, r.customer_id, r.contact_id, case when r.reason is null then 'planned' else 'refused' end, r.reason, 0,
            case when r.reason is not null then :now end
        from unnest(cast(:customers as uuid[]), cast(:contacts as uuid[]), cast(:reasons as text[])) with ordinality
            as r (customer_id, contact_id, reason, place)
        """,
        {
            "marking": marking.id,
            "customers": arrays.bare([row.customer_id for row in rows]),
            "contacts": arrays.bare([row.contact_id for row in rows]),
            "reasons": arrays.texts([row.reason for row in rows]),
        },
    )


def find(tx: Tx, id: MarkingId) -> Marking | None:
    """One marking."""
    row = tx.execute("select id, add_tags, remove_tags, created_by, created_at from markings where tenant_id = :tenant_id and id = :id", {"id": id}).first()
    return Marking(MarkingId(row.id), row.add_tags, row.remove_tags, row.created_by, row.created_at) if row else None


def counts(tx: Tx, id: MarkingId) -> dict[State, int]:
    """Relations of a marking by state."""
    rows = tx.execute("select state, count(*) as n from marked_relations where tenant_id = :tenant_id and marking_id = :id group by state", {"id": id})
    return {row.state: row.n for row in rows}


def planned(tx: Tx, id: MarkingId, limit: int) -> list[Target]:
    """The next relations that are still to be marked, as they are now; a relation that is gone altogether counts as ended."""
    rows = tx.execute(
        """
        select m.place, m.contact_id, c.corp_id, c.staff_id, s.userid, c.external_userid, c.relation, c.tags
        from marked_relations m
        left join contacts c on c.tenant_id = m.tenant_id and c.id = m.contact_id
        left join staff s on s.tenant_id = c.tenant_id and s.id = c.staff_id
        where m.tenant_id = :tenant_id and m.marking_id = :id and m.state = 'planned'
        order by m.place
        limit :limit
        """,
        {"id": id, "limit": limit},
    )
    return [
        Target(
            row.place,
            ContactId(row.contact_id),
            CorpId(row.corp_id),
            StaffId(row.staff_id),
            row.userid or "",
            row.external_userid or "",
            row.relation == "active",
            frozenset(row.tags or ()),
        )
        for row in rows
    ]


def settle(tx: Tx, id: MarkingId, outcomes: Sequence[Outcome]) -> None:
    """Write what became of relations that were planned."""
    tx.execute(
        """
        update marked_relations m
        set state = o.state, reason = o.reason, code = o.code, settled_at = :now
        from unnest(cast(:places as bigint[]), cast(:states as text[]), cast(:reasons as text[]), cast(:codes as bigint[])) as o (place, state, reason, code)
        where m.tenant_id = :tenant_id and m.marking_id = :id and m.place = o.place and m.state = 'planned'
        """,
        {
            "id": id,
            "places": arrays.bare([one.place for one in outcomes]),
            "states": arrays.texts([one.state for one in outcomes]),
            "reasons": arrays.texts([one.reason for one in outcomes]),
            "codes": arrays.bare([one.code for one in outcomes]),
        },
    )


def relations(tx: Tx, id: MarkingId, seen: ColumnElement[bool] | None, *, state: State | None, after: int, limit: int) -> list[Marked]:
    """Relations of a marking in order, behind place `after`; customers whom `seen` leaves out have no name."""
    rows = marked_relations
    visible = _customers.c.tenant_id == rows.c.tenant_id, _customers.c.id == rows.c.customer_id
    question: Any = (
        select(rows.c.place, rows.c.state, rows.c.reason, rows.c.code, _customers.c.id, _customers.c.name, _staff.c.name.label("staff_name"))
        .select_from(
            rows.outerjoin(_customers, visible[0] & visible[1] & (seen if seen is not None else True))
            .outerjoin(_contacts, (_contacts.c.tenant_id == rows.c.tenant_id) & (_contacts.c.id == rows.c.contact_id))
            .outerjoin(_staff, (_staff.c.tenant_id == rows.c.tenant_id) & (_staff.c.id == _contacts.c.staff_id))
        )
        .where(rows.c.tenant_id == tx.tenant_id, rows.c.marking_id == id, rows.c.place > after)
        .order_by(rows.c.place)
        .limit(limit)
    )
    if state is not None:
        question = question.where(rows.c.state == state)
    return [
        Marked(row.place, CustomerId(row.id) if row.id else None, row.name, row.staff_name if row.id else None, row.state, row.reason, row.code)
        for row in tx.execute(question)
    ]


def visible(tx: Tx, ids: Collection[CustomerId], seen: ColumnElement[bool] | None) -> set[CustomerId]:
    """Which of these customers are there and seen."""
    question = select(CUSTOMER).where(_customers.c.tenant_id == tx.tenant_id, CUSTOMER.in_(list(ids)), _customers.c.merged_into.is_(None))
    if seen is not None:
        question = question.where(seen)
    return {CustomerId(row.id) for row in tx.execute(question)}
