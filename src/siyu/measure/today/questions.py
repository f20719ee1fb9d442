"""The counts of the first page as one Ibis expression with one row."""

from datetime import date

import ibis
from ibis.expr import types as ir

from siyu import engine
from siyu.infra.tx import Tx
from siyu.kernel.time import business_day
from siyu.measure.today.model import DAYS
from siyu.understand import purchases


def counts(tx: Tx) -> ir.Table:
    """revenue (yuan), orders, buyers, new_buyers, repeaters, contacts, contacts_added, contacts_lost of the last 30 business days; the same of the 30 days
    before them as before_…; of the customers whom this actor may see."""
    today = business_day(tx.now, tx.tz)
    known = engine.table(tx, "contacts")
    known = known.filter(known.customer_id.notnull())
    relations = known.select("customer_id", "relation", added=engine.local_time(tx, known.added_at).date(), ended=engine.local_time(tx, known.ended_at).date())
    return _bought(purchases.seen(tx, purchases.purchases_of(tx).orders), today).cross_join(_befriended(purchases.seen(tx, relations), today))


def _age(day: ir.Value, today: date) -> ir.IntegerValue:
    age: ir.IntegerValue = ibis.literal(today).delta(day, unit="day")
    return age


def _earlier(age: ir.IntegerValue) -> ir.BooleanValue:
    """In the period before the last one."""
    return (age >= DAYS) & (age < 2 * DAYS)


def _bought(orders: ir.Table, today: date) -> ir.Table:
    orders = orders.mutate(age=_age(orders.day, today))
    orders = orders.filter(orders.age >= 0)
    now, before = orders.age < DAYS, _earlier(orders.age)
    people = orders.group_by("customer_id").aggregate(
        paid=orders.amount.sum(where=now),
        paid_before=orders.amount.sum(where=before),
        orders=orders.order_id.nunique(where=now),
        orders_before=orders.order_id.nunique(where=before),
        ever=orders.order_id.nunique(),
        ever_before=orders.order_id.nunique(where=orders.age >= DAYS),
        first=orders.age.max(),
    )
    return people.aggregate(
        revenue=people.paid.sum(),
        before_revenue=people.paid_before.sum(),
        orders=people.orders.sum(),
        before_orders=people.orders_before.sum(),
        buyers=(people.orders > 0).sum(),
        before_buyers=(people.orders_before > 0).sum(),
        new_buyers=(people["first"] < DAYS).sum(),
        before_new_buyers=_earlier(people["first"]).sum(),
        repeaters=((people.orders > 0) & (people.ever >= 2)).sum(),
        before_repeaters=((people.orders_before > 0) & (people.ever_before >= 2)).sum(),
    )


def _befriended(relations: ir.Table, today: date) -> ir.Table:
    added, ended = _age(relations.added, today), _age(relations.ended, today)
    lost = relations.relation == "deleted_by_customer"
    people = relations.group_by("customer_id").aggregate(
        friend=(relations.relation == "active").any(),
        friend_before=((added >= DAYS) & (relations.ended.isnull() | (ended < DAYS))).any(),
        added=(added < DAYS).any(),
        added_before=_earlier(added).any(),
        lost=(lost & (ended < DAYS)).any(),
        lost_before=(lost & _earlier(ended)).any(),
    )
    return people.aggregate(
        contacts=people.friend.sum(),
        before_contacts=people.friend_before.sum(),
        contacts_added=people.added.sum(),
        before_contacts_added=people.added_before.sum(),
        contacts_lost=people.lost.sum(),
        before_contacts_lost=people.lost_before.sum(),
    )
