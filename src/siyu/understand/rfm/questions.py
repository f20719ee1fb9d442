"""RFM of everybody as one Ibis expression over the replica."""

from datetime import date

import ibis
from ibis.expr import types as ir

from siyu.understand.purchases import Purchases
from siyu.understand.rfm.model import HIGH, NAMES, Cutoffs


def scores(purchases: Purchases, cutoffs: Cutoffs, on: date) -> ir.Table:
    """customer_id, recency (days), frequency, monetary, last_day, r, f, m (scores 1..5), name (key of the group). Only who ever paid has a row.

    Orders of days after `on` are left out.
    """
    orders = purchases.orders.filter(purchases.orders.day <= on)
    value = orders.amount if cutoffs.measure == "gross" else orders.net
    buyers = orders.group_by("customer_id").aggregate(last_day=orders.day.max(), frequency=orders.order_id.nunique(), monetary=value.sum())
    buyers = buyers.left_join(purchases.numbers, "customer_id").drop("customer_id_right")
    buyers = buyers.mutate(recency=ibis.literal(on).delta(buyers.last_day, unit="day").cast("int64"))
    scored = buyers.mutate(**(_quintiles(buyers) if cutoffs.mode == "quintile" else _fixed(buyers, cutoffs)))
    named = ibis.cases(*[(_high(scored.r, name.r) & _high(scored.f, name.f) & _high(scored.m, name.m), name.key) for name in NAMES])
    return scored.mutate(name=named).drop("number", "text")


def _quintiles(buyers: ir.Table) -> dict[str, ir.Value]:
    ties = [buyers.number.asc(nulls_first=False), buyers.text, buyers.customer_id]
    orders = {"r": buyers.recency.desc(), "f": buyers.frequency, "m": buyers.monetary}
    return {score: (ibis.ntile(5).over(order_by=[by, *ties]) + 1).cast("int64") for score, by in orders.items()}


def _fixed(buyers: ir.Table, cutoffs: Cutoffs) -> dict[str, ir.Value]:
    return {
        "r": _reached([buyers.recency <= days for days in cutoffs.r]),
        "f": _reached([buyers.frequency >= least for least in cutoffs.f]),
        "m": _reached([buyers.monetary >= ibis.literal(least, "decimal(38, 10)") for least in cutoffs.m]),
    }


def _reached(bounds: list[ir.BooleanValue]) -> ir.IntegerValue:
    total: ir.IntegerValue = ibis.literal(1, "int64")
    for bound in bounds:
        total = total + bound.cast("int64")
    return total


def _high(score: ir.Value, high: bool) -> ir.BooleanValue:
    return score >= HIGH if high else score < HIGH


def grid(scored: ir.Table) -> ir.Table:
    """Customers and their money by r, f and name: at most 200 rows, from which grid, names and totals are added up."""
    return scored.group_by("r", "f", "name").aggregate(customers=scored.count(), revenue=scored.monetary.sum())


def spread(scored: ir.Table) -> ir.Table:
    """One row per dimension and score: smallest and largest raw value."""
    return ibis.union(
        *[
            scored.group_by(score=scored[score])
            .aggregate(low=scored[raw].min().cast("decimal(38, 10)"), high=scored[raw].max().cast("decimal(38, 10)"))
            .mutate(dimension=ibis.literal(score))
            for score, raw in (("r", "recency"), ("f", "frequency"), ("m", "monetary"))
        ]
    )


def middle(scored: ir.Table) -> ir.Table:
    """One row: count, means and medians of recency, frequency and monetary value."""
    return scored.aggregate(
        customers=scored.count(),
        r_mean=scored.recency.mean(),
        f_mean=scored.frequency.mean(),
        m_sum=scored.monetary.sum(),
        r_median=scored.recency.median(),
        f_median=scored.frequency.median(),
        m_median=scored.monetary.cast("float64").median(),
    )
