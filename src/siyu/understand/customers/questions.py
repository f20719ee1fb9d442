"""Everybody with what the list shows, as one Ibis expression over the replica; narrowed, sorted, paged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import ibis
from ibis.expr import types as ir

from siyu import engine
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid
from siyu.understand import lifecycle, rfm
from siyu.understand.customers.model import Filter, Sort
from siyu.understand.purchases import purchases_of, seen

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cursor:
    """The last row shown: its sort value and id."""

    value: Any
    customer_id: UUID


def everybody(tx: Tx) -> ir.Table:
    """One row per customer whom this actor may see: id, name, gender, city, province, created_at, orders, revenue, first_paid_at, last_paid_at,
    recency, r, f, m, rfm_name, stage, contact (yes, lost, no)."""
    customers = engine.table(tx, "customers")
    people = customers.filter(customers.merged_into.isnull()).select("id", "name", "gender", "city", "province", "created_at")
    people = seen(tx, people, "id")
    paid = purchases_of(tx).orders
    bought = paid.group_by("customer_id").aggregate(
        orders=paid.order_id.nunique(), revenue=paid.amount.sum(), first_paid_at=paid.paid_at.min(), last_paid_at=paid.paid_at.max()
    )
    scores = rfm.scored(tx).select("customer_id", "recency", "r", "f", "m", rfm_name="name")
    joined = people
    for table in (bought, scores, lifecycle.stages_of(tx), _relations(tx)):
        joined = joined.left_join(table, joined.id == table.customer_id).drop("customer_id")
    return joined.mutate(
        orders=joined.orders.fill_null(0),
        revenue=joined.revenue.fill_null(Decimal(0)),
        stage=joined.stage.fill_null("seed"),
        contact=joined.contact.fill_null("no"),
    )


def _relations(tx: Tx) -> ir.Table:
    known = engine.table(tx, "contacts")
    known = known.filter(known.customer_id.notnull())
    active = (known.relation == "active").any()
    return known.group_by("customer_id").aggregate(contact=ibis.ifelse(active, "yes", "lost"))


def narrowed(tx: Tx, people: ir.Table, wanted: Filter) -> ir.Table:
    """Those of `people` who fit the filter."""
    tests: list[ir.BooleanValue] = []
    if wanted.q:
        tests.append(_matches(tx, people, wanted.q.strip()))
    for column, value in (("stage", wanted.stage), ("rfm_name", wanted.rfm_name), ("city", wanted.city), ("contact", wanted.contact)):
        if value is not None:
            tests.append(people[column] == value)
    if wanted.cell is not None:
        tests.append((people.r == wanted.cell[0]) & (people.f == wanted.cell[1]))
    if wanted.ordered is not None:
        tests.append(people.orders > 0 if wanted.ordered == "yes" else people.orders == 0)
    if wanted.staff_id is not None:
        known = engine.table(tx, "contacts")
        tests.append(people.id.isin(known.filter(known.staff_id == wanted.staff_id, known.relation == "active", known.customer_id.notnull()).customer_id))
    if wanted.list_id is not None:
        members = engine.table(tx, "segment_members")
        tests.append(people.id.isin(members.filter(members.list_id == wanted.list_id).customer_id))
    return people.filter(tests) if tests else people


def _matches(tx: Tx, people: ir.Table, text: str) -> ir.BooleanValue:
    identities, orders = engine.table(tx, "identities"), engine.table(tx, "orders")
    numbers = identities.filter(identities.namespace.startswith("shop:"), identities.value == text, identities.customer_id.notnull())
    bought = orders.filter(orders.order_no == text, orders.customer_id.notnull())
    return people.name.lower().contains(text.lower()).fill_null(False) | people.id.isin(numbers.customer_id) | people.id.isin(bought.customer_id)


def page(people: ir.Table, *, sort: Sort, direction: Literal["asc", "desc"], after: Cursor | None, limit: int) -> ir.Table:
    """The next `limit` rows in that order; those who never bought come last in a falling order."""
    key = people.last_paid_at.fill_null(NEVER) if sort == "last_paid_at" else people[sort]
    keyed = people.mutate(sort_key=key)
    if after is not None:
        value = ibis.literal(after.value, keyed.sort_key.type())
        id = ibis.literal(after.customer_id, "uuid")
        beyond = keyed.sort_key < value if direction == "desc" else keyed.sort_key > value
        keyed = keyed.filter(beyond | ((keyed.sort_key == value) & (keyed.id > id)))
    by = keyed.sort_key.desc() if direction == "desc" else keyed.sort_key.asc()
    return keyed.order_by(by, keyed.id).limit(limit)


def cursor_of(sort: Sort, values: Sequence[Any]) -> Cursor:
    """The cursor that a page handed out. Raises Invalid for a cursor of another list."""
    try:
        raw, id = values
        kinds: dict[Sort, Any] = {"orders": int, "revenue": Decimal, "last_paid_at": datetime.fromisoformat, "created_at": datetime.fromisoformat}
        return Cursor(kinds[sort](raw), UUID(id))
    except (ValueError, ArithmeticError, TypeError) as broken:
        raise Invalid(field="cursor", reason="not a cursor of this list") from broken
