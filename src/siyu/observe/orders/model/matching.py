"""Which purchases a return takes back, when the shop does not say."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from siyu.kernel.ids import OrderId

_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Purchase:
    """So many pieces of one thing, bought in one order and not yet given back."""

    order_id: OrderId
    order_no: str
    paid_at: datetime
    line_no: int
    sku: str
    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Return:
    """One line of a refund; `key` is what the caller knows it by."""

    key: tuple[str, int]
    at: datetime
    sku: str
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Taken:
    """A part of a return: from this order, or (None) from no purchase known."""

    order_id: OrderId | None
    quantity: Decimal
    amount: Decimal


def match(purchases: Sequence[Purchase], returns: Sequence[Return]) -> dict[tuple[str, int], list[Taken]]:
    """Explain one buyer's returns by the buyer's purchases: the same thing, bought no later; the same price first, then the latest.

    Returns are served in the order of time. A piece is given back once; what nothing explains stays without an order. The parts of a return add up to it
    exactly. A function of the two sets alone: however often and in whatever order data came in, the answer is the same.
    """
    left = {(purchase.order_id, purchase.line_no): purchase.quantity for purchase in purchases}
    by_sku: dict[str, list[Purchase]] = defaultdict(list)
    for purchase in sorted(purchases, key=lambda p: (p.paid_at, p.order_no, p.line_no), reverse=True):
        by_sku[purchase.sku].append(purchase)
    taken: dict[tuple[str, int], list[Taken]] = {}
    for back in sorted(returns, key=lambda r: (r.at, r.key)):
        earlier = [purchase for purchase in by_sku.get(back.sku, ()) if purchase.paid_at <= back.at]
        earlier.sort(key=lambda purchase: purchase.unit_price * back.quantity != back.amount)  # stable: latest first within each half
        quantities: dict[OrderId | None, Decimal] = {}
        open_quantity = back.quantity
        for purchase in earlier:
            if not open_quantity:
                break
            place = (purchase.order_id, purchase.line_no)
            some = min(left[place], open_quantity)
            if some:
                left[place] -= some
                open_quantity -= some
                quantities[purchase.order_id] = quantities.get(purchase.order_id, Decimal(0)) + some
        if open_quantity or not quantities:
            quantities[None] = open_quantity
        taken[back.key] = _priced(back, quantities)
    return taken


def _priced(back: Return, quantities: dict[OrderId | None, Decimal]) -> list[Taken]:
    parts = []
    rest = back.amount
    for number, (order_id, quantity) in enumerate(quantities.items(), 1):
        amount = rest if number == len(quantities) else min(rest, (back.amount * quantity / back.quantity).quantize(_STEP))
        rest -= amount
        parts.append(Taken(order_id, quantity, amount))
    return parts
