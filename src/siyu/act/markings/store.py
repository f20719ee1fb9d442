"""The tables of markings and their relations, and every statement on them."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, DateTime, Table, Text, Uuid, column, select, table
from sqlalchemy.dialects.postgresql import JSONB

from siyu.act.markings.model import Call, Marked, Marking, Meant, Outcome, Preview, State, Target
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
    Column("undoes", Uuid),
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
    Column("put_on", JSONB, nullable=False),
    Column("taken_off", JSONB, nullable=False),
)
_contacts = table("contacts", column("tenant_id", Uuid), column("id", Uuid), column("staff_id", Uuid))
_customers = table("customers", column("tenant_id", Uuid), column("id", Uuid), column("name", Text), column("merged_into", Uuid))
_staff = table("staff", column("tenant_id", Uuid), column("id", Uuid), column("name", Text))
CUSTOMER = _customers.c.id
"""The column on which it is decided whether the actor sees the customer."""


_MEANT = """
    with meant as (
        select m.place, m.customer_id, p.id is not null and h.customer_id is null as seen
        from unnest(cast(:customers as uuid[])) with ordinality as m (customer_id, place)
        left join customers p on p.tenant_id = :tenant_id and p.id = m.customer_id and p.merged_into is null
        left join unnest(cast(:hidden as uuid[])) as h (customer_id) on h.customer_id = m.customer_id
    ),
    wanted as (
        select corp_id, put_on, take_off
        from jsonb_to_recordset(cast(:calls as jsonb)) as w (corp_id uuid, put_on jsonb, take_off text[])
    ),
    known as (
        select m.place, m.customer_id, c.id as contact_id, c.added_at, c.relation = 'active' as active, c.relation = 'active' and w.corp_id is not null as fits,
            not c.tags @> w.put_on or c.tags ?| w.take_off as changes
        from meant m
        join identities i on i.tenant_id = :tenant_id and i.customer_id = m.customer_id
        join contacts c on c.tenant_id = :tenant_id and c.identity_id = i.id
        left join wanted w on w.corp_id = c.corp_id
        where m.seen and (cast(:members as uuid[]) is null or c.staff_id = any (cast(:members as uuid[])))
    ),
    rest as (
        select m.place, m.customer_id, (array_agg(k.contact_id order by k.added_at desc, k.contact_id))[1] as contact_id,
            case
                when not m.seen then 'not_found'
                when count(k.contact_id) = 0 then 'no_relation'
                when bool_or(k.active) then 'other_corp'
                else 'ended'
            end as reason
        from meant m
        left join known k on k.place = m.place
        group by m.place, m.customer_id, m.seen
        having bool_or(k.fits) is not true
    ),
    found as (
        select place, customer_id, contact_id, null as reason, changes
        from known
        where fits
        union all
        select place, customer_id, contact_id, reason, false
        from rest
    )
"""
"""`found`: the relations that a wish means, and of customers who have none to mark the reason, with the latest relation where there is one.

Meant are active relations of `members` (null: of anybody) in corps that one of the tags is of; customers in `hidden` are not there for who asks.
"""


def preview(tx: Tx, wish: Meant) -> Preview:
    """What a wish comes to as relations are now."""
    rows = tx.execute(
        f"{_MEANT} select reason, count(*) filter (where changes) as changing, count(*) as n from found group by reason",  # noqa: S608 (constant)
        _params(wish),
    ).all()
    ready = [row for row in rows if row.reason is None]
    changing = sum(row.changing for row in ready)
    return Preview(len(wish.customers), changing, sum(row.n for row in ready) - changing, {row.reason: row.n for row in rows if row.reason})


def insert(tx: Tx, marking: Marking, wish: Meant) -> None:
    """Keep a marking with what it means, in the order of its customers; those with a reason are refused already."""
    _insert(tx, marking)
    tx.execute(
        f"""
        {_MEANT}
        insert into marked_relations (tenant_id, marking_id, place, customer_id, contact_id, state, reason, code, settled_at)
        select :tenant_id, :marking, row_number() over (order by place, contact_id), customer_id, contact_id,
            case when reason is null then 'planned' else 'refused' end, reason, 0, case when reason is not null then cast(:now as timestamptz) end
        from found
        """,  # noqa: S608 (constant)
        {"marking": marking.id, **_params(wish)},
    )


def insert_undoing(tx: Tx, marking: Marking, members: Sequence[StaffId] | None) -> int:
    """Keep a marking that takes back what another did, at the same places; relations of others than `members` are refused. Returns how many are planned."""
    _insert(tx, marking)
    rows = tx.execute(
        """
        insert into marked_relations (tenant_id, marking_id, place, customer_id, contact_id, state, reason, code, settled_at)
        select m.tenant_id, :marking, m.place, m.customer_id, m.contact_id, case when r.mine then 'planned' else 'refused' end,
            case when not r.mine then 'not_found' end, 0, case when not r.mine then cast(:now as timestamptz) end
        from marked_relations m
        join contacts c on c.tenant_id = m.tenant_id and c.id = m.contact_id
        cross join lateral (select cast(:members as uuid[]) is null or c.staff_id = any (cast(:members as uuid[])) as mine) r
        where m.tenant_id = :tenant_id and m.marking_id = :undoes and m.state = 'done'
        returning state
        """,
        {"marking": marking.id, "undoes": marking.undoes, "members": None if members is None else list(members)},
    )
    return sum(row.state == "planned" for row in rows)


def _insert(tx: Tx, marking: Marking) -> None:
    tx.execute(
        """
        insert into markings (tenant_id, id, add_tags, remove_tags, created_by, created_at, undoes)
        values (:tenant_id, :id, cast(:add as jsonb), cast(:remove as jsonb), :created_by, :created_at, :undoes)
        """,
        {
            "id": marking.id,
            "add": json.dumps(list(marking.add)),
            "remove": json.dumps(list(marking.remove)),
            "created_by": marking.created_by,
            "created_at": marking.created_at,
            "undoes": marking.undoes,
        },
    )


def _params(wish: Meant) -> dict[str, Any]:
    calls = [{"corp_id": str(one.corp_id), "put_on": sorted(one.put_on), "take_off": sorted(one.take_off)} for one in wish.calls]
    return {
        "customers": arrays.bare(wish.customers),
        "hidden": arrays.bare(wish.hidden),
        "calls": json.dumps(calls),
        "members": None if wish.members is None else list(wish.members),
    }


_MARKING = "id, add_tags, remove_tags, created_by, created_at, undoes"


def find(tx: Tx, id: MarkingId) -> Marking | None:
    """One marking."""
    row = tx.execute(f"select {_MARKING} from markings where tenant_id = :tenant_id and id = :id", {"id": id}).first()  # noqa: S608 (constant columns)
    return _marking(row) if row else None


def page(tx: Tx, created_by: str | None, *, before: MarkingId | None, limit: int) -> list[Marking]:
    """Markings, newest first; only those that one actor asked for, unless None."""
    rows = tx.execute(
        f"""
        select {_MARKING}
        from markings
        where tenant_id = :tenant_id and (cast(:created_by as text) is null or created_by = :created_by) and (cast(:before as uuid) is null or id < :before)
        order by id desc
        limit :limit
        """,  # noqa: S608 (constant columns)
        {"created_by": created_by, "before": before, "limit": limit},
    )
    return [_marking(row) for row in rows]


def undone_by(tx: Tx, ids: Collection[MarkingId]) -> dict[MarkingId, MarkingId]:
    """Which markings take these back; those that nobody took back are missing."""
    rows = tx.execute("select undoes, id from markings where tenant_id = :tenant_id and undoes = any (cast(:ids as uuid[]))", {"ids": list(ids)})
    return {MarkingId(row.undoes): MarkingId(row.id) for row in rows}


def _marking(row: Any) -> Marking:
    return Marking(MarkingId(row.id), row.add_tags, row.remove_tags, row.created_by, row.created_at, MarkingId(row.undoes) if row.undoes else None)


def counts(tx: Tx, ids: Collection[MarkingId]) -> dict[MarkingId, dict[State, int]]:
    """Relations of markings by state."""
    rows = tx.execute(
        """
        select marking_id, state, count(*) as n
        from marked_relations
        where tenant_id = :tenant_id and marking_id = any (cast(:ids as uuid[]))
        group by marking_id, state
        """,
        {"ids": list(ids)},
    )
    found: dict[MarkingId, dict[State, int]] = {id: {} for id in ids}
    for row in rows:
        found[MarkingId(row.marking_id)][row.state] = row.n
    return found


def planned(tx: Tx, id: MarkingId, limit: int) -> list[Target]:
    """The next relations that are still to be marked, as they are now; a relation that is gone altogether counts as ended."""
    rows = tx.execute(
        """
        select m.place, m.contact_id, c.corp_id, c.staff_id, s.userid, c.external_userid, c.relation, c.tags, u.put_on, u.taken_off
        from marked_relations m
        join markings k on k.tenant_id = m.tenant_id and k.id = m.marking_id
        left join marked_relations u on u.tenant_id = m.tenant_id and u.marking_id = k.undoes and u.place = m.place
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
            None if row.put_on is None else Call(CorpId(row.corp_id), frozenset(row.put_on), frozenset(row.taken_off)),
        )
        for row in rows
    ]


def settle(tx: Tx, id: MarkingId, outcomes: Sequence[Outcome]) -> None:
    """Write what became of relations that were planned."""
    tx.execute(
        """
        update marked_relations m
        set state = o.state, reason = o.reason, code = o.code, put_on = o.put_on, taken_off = o.taken_off, settled_at = :now
        from unnest(
            cast(:places as bigint[]), cast(:states as text[]), cast(:reasons as text[]), cast(:codes as bigint[]), cast(:put_on as jsonb[]),
            cast(:taken_off as jsonb[])
        ) as o (place, state, reason, code, put_on, taken_off)
        where m.tenant_id = :tenant_id and m.marking_id = :id and m.place = o.place and m.state = 'planned'
        """,
        {
            "id": id,
            "places": arrays.bare([one.place for one in outcomes]),
            "states": arrays.texts([one.state for one in outcomes]),
            "reasons": arrays.texts([one.reason for one in outcomes]),
            "codes": arrays.bare([one.code for one in outcomes]),
            "put_on": arrays.texts([json.dumps(sorted(one.put_on)) for one in outcomes]),
            "taken_off": arrays.texts([json.dumps(sorted(one.taken_off)) for one in outcomes]),
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
