"""Everybody with what the list shows, as one Ibis expression over the replica; narrowed, sorted, paged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import ibis
from ibis.expr import types as ir

from siyu import engine
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid
from siyu.kernel.time import business_day
from siyu.observe.identities import namespaces
from siyu.understand import lifecycle, rfm
from siyu.understand.customers.model import Direction, Filter, Sort
from siyu.understand.purchases import purchases_of, seen

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_segment_filters: list[Callable[[Tx, UUID], Filter]] = []


@dataclass(frozen=True)
class Cursor:
    """The last row shown: its sort value and id."""

    value: Any
    customer_id: UUID


def segments_with(filter_of: Callable[[Tx, UUID], Filter]) -> None:
    """Lend the list the filters of segments, which lie above it."""
    _segment_filters[:] = [filter_of]


def everybody(tx: Tx) -> ir.Table:
    """One row per customer whom this actor may see: id, name, gender, city, province, created_at, orders, revenue, first_paid_at, last_paid_at, first_day,
    last_day (business days), recency, r, f, m, rfm_name, stage, contact (yes, lost, no)."""
    return seen(tx, _all(tx), "id")


def _all(tx: Tx) -> ir.Table:
    key = ("customers", tx.tenant_id, tx.tz.key, business_day(tx.now, tx.tz), rfm.cutoffs(tx), lifecycle.thresholds(tx))
    return engine.view(key, lambda: _assembled(tx))


def _assembled(tx: Tx) -> ir.Table:
    customers = engine.table(tx, "customers")
    people = customers.filter(customers.merged_into.isnull()).select("id", "name", "gender", "city", "province", "created_at")
    paid = purchases_of(tx).orders
    bought = paid.group_by("customer_id").aggregate(
        orders=paid.order_id.nunique(),
        revenue=paid.amount.sum(),
        first_paid_at=paid.paid_at.min(),
        last_paid_at=paid.paid_at.max(),
        first_day=paid.day.min(),
        last_day=paid.day.max(),
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


def survivors(tx: Tx) -> ir.Table:
    """was, now: customers merged away, up to three times over, and who stands for them."""
    customers = engine.table(tx, "customers")
    one, two, three = (customers.view().select(**{f"id_{hop}": "id", f"into_{hop}": "merged_into"}) for hop in "123")
    chain = one.filter(one.into_1.notnull()).left_join(two, [("into_1", "id_2")]).left_join(three, [("into_2", "id_3")])
    return chain.select(was="id_1", now=ibis.coalesce(chain.into_3, chain.into_2, chain.into_1))


def _relations(tx: Tx) -> ir.Table:
    known = engine.table(tx, "contacts")
    known = known.filter(known.customer_id.notnull())
    active = (known.relation == "active").any()
    return known.group_by("customer_id").aggregate(contact=ibis.ifelse(active, "yes", "lost"))


def narrowed(tx: Tx, people: ir.Table, wanted: Filter) -> ir.Table:
    """Those of `people` (rows of `everybody`) who fit the filter. Raises what the segment's reader raises for an unknown segment."""
    if wanted.segment_id is not None:
        (filter_of,) = _segment_filters
        people = narrowed(tx, people, filter_of(tx, wanted.segment_id))
        wanted = replace(wanted, segment_id=None)
    tests = [*_own(people, wanted, business_day(tx.now, tx.tz)), *_related(tx, people, wanted)]
    return people.filter(tests) if tests else people


def _own(people: ir.Table, wanted: Filter, today: date) -> list[ir.BooleanValue]:
    tests: list[ir.BooleanValue] = []
    for column in ("stage", "rfm_name", "city", "contact"):
        if (value := getattr(wanted, column)) is not None:
            tests.append(people[column] == value)
    if wanted.cell is not None:
        tests.append((people.r == wanted.cell[0]) & (people.f == wanted.cell[1]))
    if wanted.ordered is not None:
        tests.append(people.orders > 0 if wanted.ordered == "yes" else people.orders == 0)
    if wanted.orders_min is not None:
        tests.append(people.orders >= wanted.orders_min)
    if wanted.paid_within is not None:
        tests.append(_within(people.last_day, wanted.paid_within, today))
    if wanted.first_paid_within is not None:
        tests.append(_within(people.first_day, wanted.first_paid_within, today))
    return tests


def _related(tx: Tx, people: ir.Table, wanted: Filter) -> list[ir.BooleanValue]:
    tests: list[ir.BooleanValue] = []
    known, today = engine.table(tx, "contacts"), business_day(tx.now, tx.tz)
    known = known.filter(known.customer_id.notnull())
    if wanted.staff_id is not None:
        tests.append(people.id.isin(known.filter(known.staff_id == wanted.staff_id, known.relation == "active").customer_id))
    if wanted.added_within is not None:
        tests.append(people.id.isin(known.filter(_within(engine.local_time(tx, known.added_at).date(), wanted.added_within, today)).customer_id))
    if wanted.lost_within is not None:
        lost = known.filter(known.relation == "deleted_by_customer")
        tests.append(people.id.isin(lost.filter(_within(engine.local_time(tx, lost.ended_at).date(), wanted.lost_within, today)).customer_id))
    if wanted.list_id is not None:
        tests.append(people.id.isin(_members(tx, wanted.list_id)))
    if wanted.q and wanted.q.strip():
        tests.append(matches(tx, people, wanted.q.strip()))
    return tests


def _within(day: ir.Value, days: int, today: date) -> ir.BooleanValue:
    """Whether a day is one of the last `days`, today among them."""
    return ibis.literal(today).delta(day, unit="day") < days


def _members(tx: Tx, list_id: UUID) -> ir.Value:
    """Members of a frozen list; whoever was merged since is meant by who stands for them."""
    members = engine.table(tx, "segment_members")
    members = members.filter(members.list_id == list_id).select("customer_id")
    joined = members.left_join(survivors(tx), [("customer_id", "was")])
    return joined.select(customer_id=ibis.coalesce(joined.now, joined.customer_id)).customer_id


def matches(tx: Tx, people: ir.Table, text: str) -> ir.BooleanValue:
    """Whether the name or a member's remark contains the text, or it is a whole order number, shop customer number or phone of theirs."""
    identities, orders, known = (engine.table(tx, name) for name in ("identities", "orders", "contacts"))
    marks = identities.filter(
        (identities.namespace.startswith("shop:") & (identities.value == text))
        | ((identities.namespace == namespaces.PHONE) & (identities.value == (namespaces.phone(text) or text))),
        identities.customer_id.notnull(),
    )
    bought = orders.filter(orders.order_no == text, orders.customer_id.notnull())
    remarked = known.filter(known.customer_id.notnull(), known.remark.lower().contains(text.lower()))
    named = people.name.lower().contains(text.lower()).fill_null(False)
    return named | people.id.isin(marks.customer_id) | people.id.isin(bought.customer_id) | people.id.isin(remarked.customer_id)


def found(tx: Tx, text: str, limit: int) -> ir.Table:
    """id, name, city of customers who match, the shortest names first."""
    customers = engine.table(tx, "customers")
    people = customers.filter(customers.merged_into.isnull()).select("id", "name", "city")
    people = seen(tx, people, "id")
    people = people.filter(matches(tx, people, text))
    return people.order_by(people.name.length().asc(nulls_first=True), people.name, people.id).limit(limit)


def page(people: ir.Table, *, sort: Sort, direction: Direction, after: Cursor | None, limit: int | None) -> ir.Table:
    """The next `limit` rows (all without) in that order, each with `sort_key` and `total`: how many there are in all.

    Those who never bought come last in a falling order.
    """
    key = people.last_paid_at.fill_null(NEVER) if sort == "last_paid_at" else people[sort]
    keyed = people.mutate(sort_key=key).cross_join(people.aggregate(total=people.count()))
    if after is not None:
        value = ibis.literal(after.value, keyed.sort_key.type())
        beyond = keyed.sort_key < value if direction == "desc" else keyed.sort_key > value
        keyed = keyed.filter(beyond | ((keyed.sort_key == value) & (keyed.id > ibis.literal(after.customer_id, "uuid"))))
    by = keyed.sort_key.desc() if direction == "desc" else keyed.sort_key.asc()
    rows = keyed.order_by(by, keyed.id)
    return rows if limit is None else rows.limit(limit)


def cursor_of(sort: Sort, values: Sequence[Any]) -> Cursor:
    """The cursor that a page handed out. Raises Invalid for a cursor of another list."""
    try:
        raw, id = values
        kinds: dict[Sort, Any] = {"orders": int, "revenue": Decimal, "last_paid_at": _instant, "created_at": _instant}
        return Cursor(kinds[sort](raw), UUID(id))
    except (ValueError, ArithmeticError, TypeError) as broken:
        raise Invalid(field="cursor", reason="not a cursor of this list") from broken


def _instant(text: str) -> datetime:
    """In UTC. Raises ValueError, TypeError, or OverflowError where UTC has no such day."""
    return datetime.fromisoformat(text).astimezone(UTC)
