"""What a source says: an order or a refund before it is kept. Amounts are exact decimals of the shop's currency (yuan, not fen)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, localcontext
from typing import Literal

from siyu.kernel.errors import Refusal
from siyu.kernel.money import Fen, to_fen
from siyu.observe import identities
from siyu.observe.identities import Mark

LINE_LIMIT = Decimal(10_000_000)
"""Largest believable amount of one line: more is a typing error."""
LINES_LIMIT = 10_000
"""Most lines of one order: it must fit into one transaction."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""Clocks of shops may run ahead by this much."""

_EXACT = Context(prec=100)


class FutureOrder(Refusal):
    """The order or refund lies more than a day ahead: a clock or a date format is wrong."""

    code = "order.future"
    status = 422


class TooEarly(Refusal):
    """The order or refund lies before 2000."""

    code = "order.too_early"
    status = 422


class AbsurdAmount(Refusal):
    """A line is negative or above the limit; `line` counts from 1."""

    code = "order.absurd_amount"
    status = 422


class TooManyLines(Refusal):
    """An order has between one line and the limit."""

    code = "order.too_many_lines"
    status = 422


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought, as far as the shop says. `customer_no`, `unionid` and `phone` (normalised) are strong identifiers, the rest describes."""

    customer_no: str | None = None
    unionid: str | None = None
    phone: str | None = None
    name: str | None = None
    city: str | None = None
    province: str | None = None
    country: str | None = None

    def marks(self, shop: str) -> list[Mark]:
        """Strong identifiers, the one that names the order's identity first; none for an anonymous order."""
        marks = []
        if self.customer_no:
            marks.append((identities.namespaces.shop_customer(shop), self.customer_no))
        if self.unionid:
            marks.append((identities.namespaces.UNIONID, self.unionid))
        if self.phone:
            marks.append((identities.namespaces.PHONE, self.phone))
        return marks


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line. Its identity is its position in the order: equal lines are different lines. An amount of 0 is a gift, outside revenue."""

    sku: str
    name: str | None
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    unit_cost: Decimal | None = None

    @property
    def kind(self) -> Literal["sale", "gift"]:
        return "sale" if self.amount else "gift"


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """One order with all its lines. `currency` None is the brand's."""

    shop: str
    order_no: str
    paid_at: datetime
    buyer: Buyer
    lines: Sequence[LineDraft]
    asserted: Literal["paid", "cancelled"] = "paid"
    currency: str | None = None

    @property
    def amount(self) -> Decimal:
        """Exact sum of the sale lines."""
        return exact_sum([line.amount for line in self.lines])

    @property
    def total_fen(self) -> Fen:
        """The amount rounded once."""
        return to_fen(self.amount)

    @property
    def content_hash(self) -> bytes:
        """Equal for equal content, however its numbers are written."""
        parts = [self.asserted, self.currency, self.paid_at.astimezone(UTC).isoformat(), *_buyer(self.buyer)]
        for line in self.lines:
            cost = None if line.unit_cost is None else plain(line.unit_cost)
            parts += [line.sku, line.name, plain(line.quantity), plain(line.unit_price), plain(line.amount), cost]
        return _digest(parts)


@dataclass(frozen=True, slots=True)
class RefundLineDraft:
    """What one line gives back: positive quantity (0 when only money goes back) and amount."""

    sku: str
    name: str | None
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """One refund. With `order_no` it belongs to that order (and waits for it); without, purchases of the same buyer explain it."""

    shop: str
    refund_no: str
    refunded_at: datetime
    buyer: Buyer
    lines: Sequence[RefundLineDraft]
    order_no: str | None = None
    currency: str | None = None

    @property
    def amount(self) -> Decimal:
        return exact_sum([line.amount for line in self.lines])

    @property
    def content_hash(self) -> bytes:
        """Equal for equal content, however its numbers are written."""
        parts = [self.order_no, self.currency, self.refunded_at.astimezone(UTC).isoformat(), *_buyer(self.buyer)]
        for line in self.lines:
            parts += [line.sku, line.name, plain(line.quantity), plain(line.amount)]
        return _digest(parts)


def admit(draft: OrderDraft, now: datetime) -> None:
    """Raises FutureOrder, TooEarly, TooManyLines or AbsurdAmount for what cannot be meant."""
    _admit_time(draft.paid_at, now)
    if not 0 < len(draft.lines) <= LINES_LIMIT:
        raise TooManyLines(lines=len(draft.lines), limit=LINES_LIMIT)
    for number, line in enumerate(draft.lines, 1):
        if line.quantity <= 0 or line.unit_price < 0 or not 0 <= line.amount <= LINE_LIMIT or (line.unit_cost is not None and line.unit_cost < 0):
            raise AbsurdAmount(line=number, amount=str(line.amount), limit=str(LINE_LIMIT))


def admit_refund(draft: RefundDraft, now: datetime) -> None:
    """Raises FutureOrder, TooEarly, TooManyLines or AbsurdAmount for what cannot be meant."""
    _admit_time(draft.refunded_at, now)
    if not 0 < len(draft.lines) <= LINES_LIMIT:
        raise TooManyLines(lines=len(draft.lines), limit=LINES_LIMIT)
    for number, line in enumerate(draft.lines, 1):
        if line.quantity < 0 or not 0 <= line.amount <= LINE_LIMIT:
            raise AbsurdAmount(line=number, amount=str(line.amount), limit=str(LINE_LIMIT))


def exact_product(a: Decimal, b: Decimal) -> Decimal:
    """`a * b` with all digits; the default context would round at 28."""
    return _EXACT.multiply(a, b)


def exact_sum(amounts: Sequence[Decimal]) -> Decimal:
    """The sum with all digits."""
    with localcontext(_EXACT):
        return sum(amounts, Decimal(0))


def plain(number: Decimal) -> str:
    """Digits without exponent or trailing zeros: one text for one value."""
    text = str(number)
    if "E" in text:
        text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text and text[-1] == "0" else text


def _admit_time(at: datetime, now: datetime) -> None:
    if at > now + AHEAD:
        raise FutureOrder(at=at.isoformat(), now=now.isoformat())
    if at < EARLIEST:
        raise TooEarly(at=at.isoformat())


def _buyer(buyer: Buyer) -> list[str | None]:
    return [buyer.customer_no, buyer.unionid, buyer.phone, buyer.name, buyer.city, buyer.province, buyer.country]


def _digest(parts: Sequence[str | None]) -> bytes:
    return hashlib.blake2b("\x1f".join("\x00" if part is None else part for part in parts).encode(), digest_size=16).digest()
