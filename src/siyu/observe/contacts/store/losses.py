"""Questions about relations that ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, Uuid, and_, case, extract, func, literal, select, table, tuple_
from sqlalchemy import column as named

from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CustomerId, StaffId
from siyu.observe.contacts.lost import Loss, LossCount, Losses, LossTotals
from siyu.observe.contacts.store.tables import contacts

SIDES = {"deleted_by_customer": "customer", "deleted_by_staff": "staff"}
"""Relations that are losses, and from whose side."""
TOP = 20
"""Values counted one by one at most."""
PEOPLE = table("identities", named("tenant_id", Uuid), named("id", Uuid), named("customer_id", Uuid))
STAFF = table("staff", named("tenant_id", Uuid), named("id", Uuid), named("name", Text))
LOST_CUSTOMER = PEOPLE.c.customer_id
"""The column on which it is decided whether the actor sees the customer."""


def losses(
    tx: Tx, wanted: Losses, *, members: Select[Any] | None, seen: ColumnElement[bool] | None, before: tuple[datetime, ContactId] | None, limit: int
) -> list[Loss]:
    """Losses of these members (a query of ids; None: all), the latest first, before (ended_at, id). `seen`: which customers the actor sees, None for all."""
    visible = LOST_CUSTOMER if seen is None else case((seen, LOST_CUSTOMER))
    query = (
        select(
            contacts.c.id,
            visible.label("customer_id"),
            contacts.c.name,
            contacts.c.staff_id,
            STAFF.c.name.label("staff_name"),
            contacts.c.relation,
            contacts.c.added_at,
            contacts.c.ended_at,
            contacts.c.add_way,
            contacts.c.state,
        )
        .join(PEOPLE, and_(PEOPLE.c.tenant_id == contacts.c.tenant_id, PEOPLE.c.id == contacts.c.identity_id))
        .join(STAFF, and_(STAFF.c.tenant_id == contacts.c.tenant_id, STAFF.c.id == contacts.c.staff_id))
        .where(*_wanted(tx, wanted, members))
        .order_by(contacts.c.ended_at.desc(), contacts.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(contacts.c.ended_at, contacts.c.id) < tuple_(literal(before[0]), literal(before[1], Uuid)))
    return [
        Loss(
            ContactId(row.id),
            CustomerId(row.customer_id) if row.customer_id else None,
            row.name if row.customer_id else None,
            StaffId(row.staff_id),
            row.staff_name,
            SIDES[row.relation],  # type: ignore[arg-type]
            row.added_at,
            row.ended_at,
            row.add_way,
            row.state,
        )
        for row in tx.execute(query)
    ]


def loss_totals(tx: Tx, wanted: Losses, *, members: Select[Any] | None) -> LossTotals:
    """The same losses counted, in all and by each value."""
    days = func.floor(extract("epoch", contacts.c.ended_at - contacts.c.added_at) / 86400)
    keys = (contacts.c.relation, contacts.c.staff_id, contacts.c.add_way, contacts.c.state)
    ended = select(contacts.c.tenant_id, *keys, days.label("days")).where(*_wanted(tx, wanted, members)).subquery()
    key = {name: ended.c[name] for name in ("relation", "staff_id", "add_way", "state")}
    query = select(
        func.grouping(*key.values()).label("level"),
        *key.values(),
        select(STAFF.c.name).where(STAFF.c.tenant_id == tx.tenant_id, STAFF.c.id == key["staff_id"]).scalar_subquery().label("staff_name"),
        func.count().label("losses"),
        func.percentile_disc(0.5).within_group(ended.c.days).label("median"),
    ).group_by(func.grouping_sets(*(tuple_(one) for one in key.values()), tuple_()))
    found: dict[int, list[Any]] = {}
    for row in tx.execute(query.order_by(func.count().desc(), *key.values())):
        found.setdefault(row.level, []).append(row)
    (total,) = found[0b1111]

    def counted(level: int, name: str) -> Sequence[LossCount]:
        return [LossCount(str(getattr(row, name)), row.losses, row.staff_name) for row in found.get(level, [])[:TOP]]

    by = [LossCount(SIDES[one.value], one.losses) for one in counted(0b0111, "relation")]
    median = int(total.median) if total.median is not None else None
    return LossTotals(total.losses, median, by, counted(0b1011, "staff_id"), counted(0b1101, "add_way"), counted(0b1110, "state"))


def _wanted(tx: Tx, wanted: Losses, members: Select[Any] | None) -> list[ColumnElement[bool]]:
    kinds = [relation for relation, side in SIDES.items() if wanted.by in (None, side)]
    conditions = [contacts.c.tenant_id == tx.tenant_id, contacts.c.relation.in_(kinds)]
    if wanted.period is not None:
        conditions += [contacts.c.ended_at >= wanted.period.start, contacts.c.ended_at < wanted.period.end]
    if wanted.staff_id is not None:
        conditions.append(contacts.c.staff_id == wanted.staff_id)
    if wanted.add_way is not None:
        conditions.append(contacts.c.add_way == wanted.add_way)
    if wanted.state is not None:
        conditions.append(contacts.c.state == wanted.state)
    if members is not None:
        conditions.append(contacts.c.staff_id.in_(members))
    return conditions
