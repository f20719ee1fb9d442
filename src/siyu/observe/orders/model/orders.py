"""Orders as they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from siyu.kernel.ids import CustomerId, IdentityId, OrderId
from siyu.kernel.money import Fen

Status = Literal["paid", "partly_refunded", "refunded", "cancelled", "gift"]
"""`gift`: nothing on it was sold, so it is no purchase. `cancelled`: counts as never paid."""
Outcome = Literal["new", "changed", "unchanged"]


@dataclass(frozen=True)
class Recorded:
    """What became of a draft."""

    id: OrderId
    order_no: str
    outcome: Outcome


@dataclass(frozen=True)
class Line:
    """One line of an order; `refund` lines tell what went back, with the refund's number."""

    sku: str
    name: str | None
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    unit_cost: Decimal | None
    kind: Literal["sale", "gift", "refund"]
    refund_no: str | None = None


@dataclass(frozen=True)
class Order:
    """One order. `amount` is the exact sum of its sale lines, `total_fen` that sum rounded once; both are gross of refunds."""

    id: OrderId
    shop: str
    order_no: str
    identity_id: IdentityId | None
    customer_id: CustomerId | None
    customer_name: str | None
    city: str | None
    status: Status
    paid_at: datetime
    currency: str
    amount: Decimal
    total_fen: Fen
    refunded: Decimal
    refunded_fen: Fen
    line_count: int
    source: str
    updated_at: datetime
    lines: Sequence[Line] = ()
