"""What a source says: an order or a refund before it is kept. Amounts are exact decimals of the shop's currency (yuan, not fen)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, localcontext
from typing import Literal

from siyu.kernel.errors import Refusal
from siyu.kernel.money import Fen, plain, to_fen
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
class Lines:
    """All lines of an order by columns, as they are stored: exact decimals in one writing for one value (see `plain`), empty text for what is not told.

    Files bring lines by the million, so they stay text from the file to the table. `amount` is the exact sum, `sold` how many lines are sales.
    """

    skus: Sequence[str]
    names: Sequence[str]
    quantities: Sequence[str]
    unit_prices: Sequence[str]
    amounts: Sequence[str]
    unit_costs: Sequence[str]
    amount: Decimal
    sold: int

    @classmethod
    def of(cls, lines: Sequence[LineDraft]) -> "Lines":
        """Lines one by one."""
        return cls.read(
            [line.sku for line in lines],
            [line.name or "" for line in lines],
            [plain(line.quantity) for line in lines],
            [plain(line.unit_price) for line in lines],
            [plain(line.amount) for line in lines],
            ["" if line.unit_cost is None else plain(line.unit_cost) for line in lines],
        )

    @classmethod
    def read(
        cls,
        skus: Sequence[str],
        names: Sequence[str],
        quantities: Sequence[str],
        unit_prices: Sequence[str],
        amounts: Sequence[str],
        unit_costs: Sequence[str],
    ) -> "Lines":
        """Columns whose decimals are written as `plain` writes them."""
        total = exact_sum([*map(Decimal, amounts)])
        return cls(skus, names, quantities, unit_prices, amounts, unit_costs, total, len(amounts) - amounts.count("0"))

    def __len__(self) -> int:
        return len(self.skus)

    def columns(self) -> tuple[Sequence[str], ...]:
        return self.skus, self.names, self.quantities, self.unit_prices, self.amounts, self.unit_costs


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """One order with all its lines. `currency` None is the brand's."""

    shop: str
    order_no: str
    paid_at: datetime
    buyer: Buyer
    lines: Lines
    asserted: Literal["paid", "cancelled"] = "paid"
    currency: str | None = None

    @property
    def amount(self) -> Decimal:
        """Exact sum of the sale lines."""
        return self.lines.amount

    @property
    def total_fen(self) -> Fen:
        """The amount rounded once."""
        return to_fen(self.amount)

    @property
    def content_hash(self) -> bytes:
        """Equal for equal content, however its numbers were written."""
        head = _text([self.asserted, self.currency, self.paid_at.astimezone(UTC).isoformat(), *_buyer(self.buyer)])
        return _digest([head, *map("\x1f".join, self.lines.columns())])


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
        return _digest([_text(parts)])


def admit(draft: OrderDraft, now: datetime) -> None:
    """Raises FutureOrder, TooEarly, TooManyLines or AbsurdAmount for what cannot be meant."""
    _admit_time(draft.paid_at, now)
    if not 0 < len(draft.lines) <= LINES_LIMIT:
        raise TooManyLines(lines=len(draft.lines), limit=LINES_LIMIT)
    figures = (draft.lines.quantities, draft.lines.unit_prices, draft.lines.amounts, draft.lines.unit_costs)
    for number, texts in enumerate(zip(*figures, strict=True), 1):
        quantity, price, amount, cost = (Decimal(text or 0) for text in texts)
        if quantity <= 0 or price < 0 or not 0 <= amount <= LINE_LIMIT or cost < 0:
            raise AbsurdAmount(line=number, amount=str(amount), limit=str(LINE_LIMIT))


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


def _admit_time(at: datetime, now: datetime) -> None:
    if at > now + AHEAD:
        raise FutureOrder(at=at.isoformat(), now=now.isoformat())
    if at < EARLIEST:
        raise TooEarly(at=at.isoformat())


def _buyer(buyer: Buyer) -> list[str | None]:
    return [buyer.customer_no, buyer.unionid, buyer.phone, buyer.name, buyer.city, buyer.province, buyer.country]


def _text(parts: Sequence[str | None]) -> str:
    return "\x1f".join(["\x00" if part is None else part for part in parts])


def _digest(columns: Sequence[str]) -> bytes:
    return hashlib.blake2b("\x1e".join(columns).encode(), digest_size=16).digest()
