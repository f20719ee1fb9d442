"""The stage of everybody as one Ibis expression over paid orders."""

from datetime import date

import ibis
from ibis.expr import types as ir

from siyu.understand.lifecycle.model import Thresholds


def histories(orders: ir.Table, thresholds: Thresholds, on: date) -> ir.Table:
    """customer_id, first_day, last_day, previous_day, recent_orders: one row per person who ever paid by the end of `on`."""
    orders = orders.filter(orders.day <= on)
    silent = ibis.literal(on).delta(orders.day, unit="day")
    recent = ibis.cases((silent < thresholds.super_days, orders.order_id))
    people = orders.group_by("customer_id").aggregate(first_day=orders.day.min(), last_day=orders.day.max(), recent_orders=recent.nunique())
    earlier = orders.select("customer_id", "day").join(people.select("customer_id", "last_day"), "customer_id")
    earlier = earlier.filter(earlier.day < earlier.last_day)
    previous = earlier.group_by("customer_id").aggregate(previous_day=earlier.day.max())
    return people.left_join(previous, "customer_id").drop("customer_id_right")


def stages(orders: ir.Table, thresholds: Thresholds, on: date) -> ir.Table:
    """customer_id, stage: who ever paid; everybody else is a seed. The same order of rules as `model.stage_of`."""
    t, people = thresholds, histories(orders, thresholds, on)
    silent = ibis.literal(on).delta(people.last_day, unit="day")
    stage = ibis.cases(
        (silent > t.lost_days, "lost"),
        (silent > t.at_risk_days, "at_risk"),
        (people.previous_day.notnull() & (people.last_day.delta(people.previous_day, unit="day") > t.lost_days), "won_back"),
        (people.recent_orders >= t.super_orders, "super_user"),
        (ibis.literal(on).delta(people.first_day, unit="day") <= t.new_days, "newly_converted"),
        else_="maintained",
    )
    return people.select("customer_id", stage=stage)
