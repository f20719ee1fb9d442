"""RFM of everybody as one Ibis expression over the replica."""

from datetime import date

import ibis
from ibis.expr import types as ir

from siyu.understand.purchases import Purchases
from siyu.understand.rfm.model import HIGH, NAMES, Cutoffs, Name

_WEIGHTS = {"r": 4, "f": 2, "m": 1}


def scores(purchases: Purchases, cutoffs: Cutoffs, on: date) -> ir.Table:
    """customer_id, recency (days), frequency, monetary, last_day, r, f, m (scores 1..5), name (key of the group). Only who ever paid has a row.

    Orders of days after `on` are left out.
    """
    orders = purchases.orders.filter(purchases.orders.day <= on)
    value = orders.amount if cutoffs.measure == "gross" else orders.net
    buyers = orders.group_by("customer_id").aggregate(last_day=orders.day.max(), frequency=orders.count(), monetary=value.sum())
    buyers = buyers.mutate(recency=ibis.literal(on).delta(buyers.last_day, unit="day").cast("int64"))
    figures = _quintiles(buyers, purchases.numbers) if cutoffs.mode == "quintile" else buyers.mutate(**_fixed(buyers, cutoffs))
    heights = [(figures[score] >= HIGH).ifelse(weight, 0) for score, weight in _WEIGHTS.items()]
    named = (heights[0] + heights[1] + heights[2]).cases(*[(_height(name), name.key) for name in NAMES])
    return figures.select(*buyers.columns, "r", "f", "m", name=named)


def _quintiles(buyers: ir.Table, numbers: ir.Table) -> ir.Table:
    """Ties are broken by one `place` among all buyers: sorting by it thrice is cheaper than by number, text and id."""
    known = buyers.left_join(numbers, "customer_id")
    place = ibis.row_number().over(order_by=[known.number.asc(nulls_first=False), known.text, known.customer_id])
    placed = known.select(*buyers.columns, place=place.cast("int32"))
    orders = {"r": placed.recency.desc(), "f": placed.frequency, "m": placed.monetary}
    return placed.mutate(**{score: (ibis.ntile(5).over(order_by=[by, placed.place]) + 1).cast("int64") for score, by in orders.items()})


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


def _height(name: Name) -> int:
    return sum(weight for score, weight in _WEIGHTS.items() if getattr(name, score))


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
