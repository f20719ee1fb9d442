"""Every statement on orders, refunds and their lines."""

from siyu.observe.orders.store import tables
from siyu.observe.orders.store.dealings import Dealt, amounts, dealings
from siyu.observe.orders.store.matching import (
    identities_to_match,
    lock_orders,
    purchases_of,
    returns_of,
    settle_refunds,
    with_open_refunds,
)
from siyu.observe.orders.store.orders import Held, Written, hashes, hold, lock_buyers, settle, tenant_currency, upsert
from siyu.observe.orders.store.reading import Filter, brought_by, get, page
from siyu.observe.orders.store.refunds import (
    OrderRef,
    RefundRow,
    WrittenRefund,
    adopt_refunds,
    find_orders,
    hold_refunds,
    orders_of,
    refund_id,
    refunded_by,
    upsert_refunds,
    write_parts,
)

__all__ = [
    "Dealt",
    "Filter",
    "Held",
    "OrderRef",
    "RefundRow",
    "Written",
    "WrittenRefund",
    "adopt_refunds",
    "amounts",
    "brought_by",
    "dealings",
    "find_orders",
    "get",
    "hashes",
    "hold",
    "hold_refunds",
    "identities_to_match",
    "lock_buyers",
    "lock_orders",
    "orders_of",
    "page",
    "purchases_of",
    "refund_id",
    "refunded_by",
    "returns_of",
    "settle",
    "settle_refunds",
    "tables",
    "tenant_currency",
    "upsert",
    "upsert_refunds",
    "with_open_refunds",
    "write_parts",
]
