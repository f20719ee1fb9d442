"""What orders say in the event log. One event per order or refund, never per line."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from siyu.events import Fact
from siyu.kernel.ids import OrderId
from siyu.kernel.money import Fen


@dataclass(frozen=True)
class Paid(Fact):
    """A customer paid for goods. Orders of gifts alone are not said."""

    name: ClassVar[str] = "order.paid"
    order_id: OrderId
    shop: str
    order_no: str
    amount: Decimal
    total_fen: Fen
    currency: str
    lines: int


@dataclass(frozen=True)
class Changed(Fact):
    """A shop sent an order again with other content."""

    name: ClassVar[str] = "order.changed"
    order_id: OrderId
    shop: str
    order_no: str
    amount: Decimal
    total_fen: Fen
    currency: str
    lines: int


@dataclass(frozen=True)
class Cancelled(Fact):
    """An order was called off; it counts as never paid."""

    name: ClassVar[str] = "order.cancelled"
    order_id: OrderId
    shop: str
    order_no: str
    amount: Decimal
    total_fen: Fen
    currency: str


@dataclass(frozen=True)
class Refunded(Fact):
    """Money went back; `order_no` is None when the shop did not say of which order."""

    name: ClassVar[str] = "order.refunded"
    refund_no: str
    shop: str
    order_id: OrderId | None
    order_no: str | None
    amount: Decimal
    amount_fen: Fen
    currency: str
