"""Orders and refunds for tests: say only what matters."""

from datetime import UTC, datetime
from decimal import Decimal

from siyu.observe.orders import Buyer, LineDraft, Lines, OrderDraft, RefundDraft, RefundLineDraft

PAID = datetime(2026, 2, 1, 4, 0, tzinfo=UTC)


def a_line(sku: str = "TEA", quantity: str = "1", price: str = "10", name: str | None = "茶") -> LineDraft:
    return LineDraft(sku, name, Decimal(quantity), Decimal(price), Decimal(quantity) * Decimal(price))


def an_order(
    order_no: str = "A1", *lines: LineDraft, customer_no: str | None = "17850", paid_at: datetime = PAID, asserted: str = "paid", **buyer: str
) -> OrderDraft:
    return OrderDraft(
        "main", order_no, paid_at, Buyer(customer_no=customer_no, **buyer), Lines.of(lines or (a_line(),)), "cancelled" if asserted == "cancelled" else "paid"
    )


def a_refund(
    refund_no: str = "R1", *lines: RefundLineDraft, order_no: str | None = None, customer_no: str | None = "17850", at: datetime = PAID
) -> RefundDraft:
    return RefundDraft("main", refund_no, at, Buyer(customer_no=customer_no), lines or (back(),), order_no)


def back(sku: str = "TEA", quantity: str = "1", amount: str = "10") -> RefundLineDraft:
    return RefundLineDraft(sku, None, Decimal(quantity), Decimal(amount))
