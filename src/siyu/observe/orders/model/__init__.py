"""Orders and refunds as shops send them and as siyu keeps them; what may be taken back from which purchase."""

from siyu.observe.orders.model.drafts import (
    LINE_LIMIT,
    LINES_LIMIT,
    AbsurdAmount,
    Buyer,
    FutureOrder,
    LineDraft,
    Lines,
    OrderDraft,
    RefundDraft,
    RefundLineDraft,
    TooEarly,
    TooManyLines,
    admit,
    admit_refund,
)
from siyu.observe.orders.model.facts import Cancelled, Changed, Paid, Refunded
from siyu.observe.orders.model.matching import Purchase, Return, Taken, match
from siyu.observe.orders.model.orders import Line, Order, Outcome, Recorded, Status

__all__ = [
    "LINES_LIMIT",
    "LINE_LIMIT",
    "AbsurdAmount",
    "Buyer",
    "Cancelled",
    "Changed",
    "FutureOrder",
    "Line",
    "LineDraft",
    "Lines",
    "Order",
    "OrderDraft",
    "Outcome",
    "Paid",
    "Purchase",
    "Recorded",
    "RefundDraft",
    "RefundLineDraft",
    "Refunded",
    "Return",
    "Status",
    "Taken",
    "TooEarly",
    "TooManyLines",
    "admit",
    "admit_refund",
    "match",
]
