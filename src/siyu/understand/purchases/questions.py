"""Paid orders with their person, as Ibis expressions over the replica."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import ibis
from ibis.expr import types as ir

from siyu import engine
from siyu.infra.tx import Tx


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp"))
def _at_zone(zone, instant):  # type: ignore[no-untyped-def]  # the engine's own function, nothing is run here
    """Local wall-clock time of an instant in a zone."""


@dataclass(frozen=True)
class Purchases:
    """`orders`: customer_id, order_id, paid_at, day, amount (gross), net. `numbers`: customer_id, number, text: a shop's customer number, to break ties by."""

    orders: ir.Table
    numbers: ir.Table


def local_day(instant: ir.TimestampValue, tz: ZoneInfo) -> ir.DateValue:
    """The business day of an instant."""
    return _at_zone(tz.key, instant).date()


def paid_orders(orders: ir.Table, identities: ir.Table, tz: ZoneInfo) -> ir.Table:
    """Paid orders whose payer is known: customer_id, order_id, shop, paid_at, day (business day), amount (gross), net (after refunds)."""
    paid = orders.filter(orders.status != "cancelled", orders.sale_lines > 0)
    people = identities.filter(identities.customer_id.notnull()).select(identity_id=identities.id, customer_id=identities.customer_id)
    joined = paid.join(people, "identity_id")
    return joined.select(
        customer_id=joined.customer_id,
        order_id=joined.id,
        shop=joined.shop,
        paid_at=joined.paid_at,
        day=local_day(joined.paid_at, tz),
        amount=joined.amount,
        net=joined.amount - joined.refunded,
    )


def shop_numbers(identities: ir.Table) -> ir.Table:
    """Each person's lowest shop customer number, in natural order: numbers as numbers, then the rest as text."""
    shop = identities.filter(identities.namespace.startswith("shop:"), identities.customer_id.notnull())
    return shop.group_by("customer_id").aggregate(number=shop.value.try_cast("int64").min(), text=shop.value.min())


def purchases_of(tx: Tx) -> Purchases:
    """The purchases of this tenant in the replica."""
    identities = engine.table(tx, "identities")
    return Purchases(paid_orders(engine.table(tx, "orders"), identities, tx.tz), shop_numbers(identities))
