"""Cohorts and months of the customers whom an actor may see."""

from dataclasses import dataclass
from datetime import datetime

from ibis.expr import types as ir

from siyu import engine
from siyu.infra.tx import Tx
from siyu.kernel.time import business_day
from siyu.measure.retention import model, questions
from siyu.measure.retention.model import Cohort, Month, Totals
from siyu.understand import purchases


@dataclass(frozen=True)
class Retention:
    """All cohorts, oldest first, as of the replica's watermark."""

    as_of: datetime
    cohorts: list[Cohort]


@dataclass(frozen=True)
class Revenue:
    """All months, oldest first, and what they add up to, of one and the same state of the replica."""

    as_of: datetime
    months: list[Month]
    totals: Totals


def retention(tx: Tx) -> Retention:
    """The cohort matrix up to the current month of the brand's zone."""
    answer = engine.ask(tx, questions.cohorts(_paid(tx)))
    cells = {(row["cohort"], row["offset"]): row["customers"] for row in answer.rows()}
    return Retention(answer.as_of, model.matrix(cells, _this_month(tx)))


def revenue(tx: Tx) -> Revenue:
    """Revenue, orders and buyers of every month up to the current one."""
    paid = _paid(tx)
    both = questions.monthly(paid).cross_join(questions.totals(paid).rename("total_{name}"))
    answer = engine.ask(tx, both)
    rows = answer.rows()
    months = {row["month"]: Month(model.label(row["month"]), row["revenue"], row["orders"], row["customers"], row["new_customers"]) for row in rows}
    totals = Totals(**{name: rows[0][f"total_{name}"] for name in Totals.__dataclass_fields__}) if rows else Totals()
    return Revenue(answer.as_of, model.calendar(months, _this_month(tx)), totals)


def _paid(tx: Tx) -> ir.Table:
    """Paid orders up to today; shops whose clocks run ahead may have some of tomorrow."""
    orders = purchases.seen(tx, purchases.purchases_of(tx).orders)
    return orders.filter(orders.day <= business_day(tx.now, tx.tz))


def _this_month(tx: Tx) -> int:
    return model.number(business_day(tx.now, tx.tz))
