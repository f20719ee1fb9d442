"""Monthly retention and revenue as Ibis expressions over paid orders."""

import ibis
from ibis.expr import types as ir


def _month(day: ir.DateValue) -> ir.IntegerValue:
    """Months since year 0, so that a difference means the same in every engine."""
    return day.year() * 12 + (day.month() - 1)


def cohorts(orders: ir.Table) -> ir.Table:
    """cohort (month number), offset (months later), customers: how many of those who first paid in that month paid again so many months later.

    Offset 0 is the size of the cohort. A month number is year x 12 + month - 1, in the brand's zone.
    """
    active = orders.select("customer_id", month=_month(orders.day)).distinct()
    first = active.group_by("customer_id").aggregate(cohort=active.month.min())
    both = active.join(first, "customer_id")
    return both.group_by(both.cohort, offset=both.month - both.cohort).aggregate(customers=both.count()).order_by("cohort", "offset")


def monthly(orders: ir.Table) -> ir.Table:
    """month (number), revenue (exact), orders, customers, new_customers: one row per month that had a paid order."""
    placed = orders.select("customer_id", "order_id", "amount", month=_month(orders.day))
    first = placed.group_by("customer_id").aggregate(first_month=placed.month.min())
    both = placed.join(first, "customer_id")
    return (
        both.group_by("month")
        .aggregate(
            revenue=both.amount.sum(),
            orders=both.order_id.nunique(),
            customers=both.customer_id.nunique(),
            new_customers=ibis.cases((both.first_month == both.month, both.customer_id)).nunique(),
        )
        .order_by("month")
    )


def totals(orders: ir.Table) -> ir.Table:
    """One row: revenue (exact), orders, customers, repeat_customers (two or more orders), purchase_days, first and last day."""
    people = orders.group_by("customer_id").aggregate(
        spent=orders.amount.sum(), orders=orders.order_id.nunique(), days=orders.day.nunique(), first=orders.day.min(), last=orders.day.max()
    )
    return people.aggregate(
        revenue=people.spent.sum(),
        orders=people.orders.sum(),
        customers=people.count(),
        repeat_customers=(people.orders > 1).sum(),
        purchase_days=people.days.sum(),
        first_day=people["first"].min(),
        last_day=people["last"].max(),
    )
