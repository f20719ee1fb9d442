"""Paid orders with their person, as Ibis expressions over the replica."""

from dataclasses import dataclass

from ibis.expr import types as ir

from siyu import engine
from siyu.infra.tx import Tx
from siyu.observe import contacts


@dataclass(frozen=True)
class Purchases:
    """`orders`: customer_id, order_id, paid_at, day, amount (gross), net. `numbers`: customer_id, number, text: a shop's customer number, to break ties by."""

    orders: ir.Table
    numbers: ir.Table


def paid_orders(orders: ir.Table, day: ir.DateValue) -> ir.Table:
    """Paid orders whose payer is known: customer_id, order_id, shop, paid_at, day (business day of `paid_at`, given), amount (gross), net (after refunds)."""
    paid = orders.mutate(day=day).filter(orders.status != "cancelled", orders.sale_lines > 0, orders.customer_id.notnull())
    return paid.select(
        customer_id=paid.customer_id,
        order_id=paid.id,
        shop=paid.shop,
        paid_at=paid.paid_at,
        day=paid.day,
        amount=paid.amount,
        net=paid.amount - paid.refunded,
    )


def shop_numbers(identities: ir.Table) -> ir.Table:
    """Each person's lowest shop customer number, in natural order: numbers as numbers, then the rest as text."""
    shop = identities.filter(identities.namespace.startswith("shop:"), identities.customer_id.notnull())
    return shop.group_by("customer_id").aggregate(number=shop.value.try_cast("int64").min(), text=shop.value.min())


def purchases_of(tx: Tx) -> Purchases:
    """The purchases of this tenant in the replica."""
    orders = engine.table(tx, "orders")
    return Purchases(paid_orders(orders, engine.local_time(tx, orders.paid_at).date()), shop_numbers(engine.table(tx, "identities")))


def seen(tx: Tx, rows: ir.Table, customer: str = "customer_id") -> ir.Table:
    """Those rows whose customer this actor may see."""
    mine = contacts.in_scope_expr(tx, rows[customer], contacts=engine.table(tx, "contacts"), identities=engine.table(tx, "identities"))
    return rows if mine is None else rows.filter(mine)
