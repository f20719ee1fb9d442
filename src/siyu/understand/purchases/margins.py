"""What orders earned: amounts less unit costs where shops tell them, else the brand's assumed rate; net of refunds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
from ibis.expr import types as ir

from siyu import engine
from siyu.access import tenants
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId
from siyu.kernel.statistics import WINSOR_SHARE
from siyu.understand.purchases.questions import purchases_of

ASSUMED_BP = 4_000
SAMPLE = 20_000


@dataclass(frozen=True)
class MarginSpread:
    """Margin per customer over some days, in fen: mean and standard deviation after the same cut as in lift. `assumed`: in part by the brand's rate."""

    people: int
    mean_fen: float
    sd_fen: float
    assumed: bool
    as_of: datetime


def margin_rate_bp(tx: Tx) -> int:
    """Gross margin assumed for lines without a unit cost, basis points: the brand's, else 40 %."""
    rate = tenants.get(tx).margin_rate_bp
    return ASSUMED_BP if rate is None else rate


def order_margins(tx: Tx, orders: ir.Table) -> ir.Table:
    """customer_id, order_id, paid_at, margin_fen (not rounded), assumed (some line without a unit cost): one row for each of these paid orders.

    Refunds take off the same share of the margin as of the amount, never more than all of it. See `net_until` for refunds up to an instant only.
    """
    lines = engine.table(tx, "order_lines")
    lines = lines.filter(lines.kind == "sale").semi_join(orders, "order_id")
    amount, known = lines.amount.cast("float64"), lines.unit_cost.notnull()
    earned = ibis.ifelse(known, amount - lines.unit_cost.cast("float64") * lines.quantity.cast("float64"), amount * (margin_rate_bp(tx) / 10_000))
    sums = lines.group_by("order_id").aggregate(gross=earned.sum(), assumed=(~known).any())
    joined = orders.join(sums, "order_id")
    kept = (joined.net.cast("float64") / joined.amount.cast("float64")).clip(lower=0)
    return joined.select("customer_id", "order_id", "paid_at", "assumed", margin_fen=joined.gross * kept * 100)


def net_until(tx: Tx, orders: ir.Table, until: ir.TimestampValue) -> ir.Table:
    """These paid orders with `net` after the refunds before `until` alone, an instant that may differ from order to order."""
    dated = engine.table(tx, "refunds").select("refunded_at", refund_id="id")
    parts = engine.table(tx, "refund_lines").select("refund_id", "order_id", given_back="amount").join(dated, "refund_id").drop("refund_id")
    bounded = orders.mutate(until=until)
    late = parts.join(bounded.select("order_id", "until"), "order_id")
    late = late.filter(late.refunded_at >= late.until).group_by("order_id").aggregate(later=late.given_back.sum())
    joined = bounded.left_join(late, "order_id")
    return joined.select(*[name for name in orders.columns if name != "net"], net=joined.net + joined.later.fill_null(0))


def margin_spread(tx: Tx, people: ir.Table | Sequence[CustomerId], *, days: int) -> MarginSpread:
    """How unequal these people are in what they brought over the last so many days: what decides how small an effect can be proven on them.

    `people`: a table with `customer_id`, each once; or ids, of which a long list is sampled evenly.
    """
    people = people if isinstance(people, ir.Table) else _listed(people)
    orders = purchases_of(tx).orders
    recent = orders.filter(orders.paid_at >= ibis.literal(tx.now - timedelta(days=days)), orders.paid_at < ibis.literal(tx.now))
    margins = order_margins(tx, recent.semi_join(people, "customer_id"))
    sums = margins.group_by("customer_id").aggregate(margin_fen=margins.margin_fen.sum(), assumed=margins.assumed.any())
    everybody = people.left_join(sums, "customer_id")
    everybody = everybody.select(margin_fen=everybody.margin_fen.fill_null(0.0), assumed=everybody.assumed.fill_null(False))
    cut = everybody.aggregate(top=everybody.margin_fen.quantile(WINSOR_SHARE))
    both = everybody.cross_join(cut)
    value = ibis.least(both.margin_fen, both.top)
    answer = engine.ask(tx, both.aggregate(people=both.count(), mean=value.mean(), sd=value.std(how="sample"), assumed=both.assumed.any()))
    (row,) = answer.rows()
    return MarginSpread(row["people"], row["mean"] or 0.0, row["sd"] or 0.0, bool(row["assumed"]), answer.as_of)


def _listed(ids: Sequence[CustomerId]) -> ir.Table:
    """Ids as a table: one text taken apart by the engine, since a list of literals takes seconds to compile."""
    every = max(1, -(-len(ids) // SAMPLE))
    text = ",".join(str(id) for id in ids[::every])
    table: ir.Table = ibis.literal(text).split(",").unnest().name("id").as_table()
    return table.filter(table.id != "").select(customer_id=table.id.cast("uuid"))
