"""Rows of text become rows that can be sorted by order; what cannot be read is noted beside them.

Files repeat themselves and most rows are sound, so whole columns are read through memos, and only the rows that look odd are looked at one by one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import NamedTuple, TypeAlias

from siyu.observe import identities, orders
from siyu.observe.imports.model import statuses, values
from siyu.observe.imports.model.fields import FIELDS
from siyu.observe.imports.model.options import Options
from siyu.observe.imports.model.problems import Problem
from siyu.observe.imports.model.values import Memo

TEXT_LIMIT = 500
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE = Decimal(1)
_IDS = ("order_no", "refund_of", "sku", "customer_no", "unionid")
_SHORTENED = {"order_no": True, "refund_of": True, "customer_no": True, "phone": True, "sku": False, "unionid": False}
"""Fields in which a number with an exponent is no identifier, and whether one without a fraction is none either."""
_TEXTS = ("product_name", "customer_name", "city", "province", "country")
_NUMBERS = ("quantity", "unit_price", "amount", "unit_cost")
_KNOWN = frozenset({"paid", "refunded", "cancelled"})

Noted: TypeAlias = tuple[str, str | None, str | None, Mapping[str, str | int]]
"""(code, column, value, params) of one problem of a row."""


class Staged(NamedTuple):
    """Rows of one order number, by columns. `at`: microseconds since 1970, None when the row does not tell. Numbers as exact decimal text.

    `problems`: JSON, empty when all is well. A row of a refund has its quantity and amount positive.
    """

    row: Sequence[int]
    refund: Sequence[bool]
    order_no: Sequence[str]
    refund_of: Sequence[str]
    at: Sequence[int | None]
    sku: Sequence[str]
    name: Sequence[str]
    quantity: Sequence[str]
    unit_price: Sequence[str]
    amount: Sequence[str]
    unit_cost: Sequence[str]
    customer_no: Sequence[str]
    unionid: Sequence[str]
    phone: Sequence[str]
    customer_name: Sequence[str]
    city: Sequence[str]
    province: Sequence[str]
    country: Sequence[str]
    status: Sequence[str]
    problems: Sequence[str]


class Figures(NamedTuple):
    """The numbers of a row. `sound`: a sale or gift that needs no second look; `rounded`: which of them the file gives with more decimals than are kept."""

    sound: bool
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal | None
    unit_cost: Decimal | None
    texts: tuple[str, str, str, str]
    rounded: tuple[str, ...]


@dataclass
class Sums:
    """Over all rows that could be read, as the file says them."""

    quantity: Decimal = Decimal(0)
    revenue: Decimal = Decimal(0)


@dataclass
class Parser:
    """Reads the rows of one file. `now` decides what is future."""

    headings: Sequence[str]
    mapping: Mapping[str, str | None]
    options: Options
    now: datetime
    sums: Sums = field(default_factory=Sums)
    notices: list[Problem] = field(default_factory=list)
    """What is to be said of rows of the last chunk, should they be taken."""

    def __post_init__(self) -> None:
        self._index = {one.field: self.headings.index(column) for one in FIELDS if (column := self.mapping.get(one.field))}
        self._latest = _micros(self.now + orders.AHEAD)
        self._earliest = _micros(orders.EARLIEST)
        tz, day_first, weeks = self.options.tz, self.options.day_first, self.options.shift_weeks

        def at(text: str) -> int | None:
            instant = values.instant(text, tz=tz, day_first=day_first, shift_weeks=weeks)
            return None if instant is None else _micros(instant)

        self._instants: Memo[str, int | None] = Memo(at)
        self._figures: Memo[tuple[str, str, str, str], Figures] = Memo(self._read_figures, limit=20_000)
        self._ids: Memo[str, str] = Memo(values.identifier)
        self._phones: Memo[str, str] = Memo(lambda text: identities.namespaces.phone(text) or "")
        self._states: Memo[str, statuses.State | None] = Memo(statuses.read)

    def parse(
        self, numbers: Sequence[int], columns: Sequence[Sequence[str]], extra: Mapping[int, Sequence[str]]
    ) -> dict[str, Sequence[str | int | bool | None]]:
        """One chunk of rows, by columns in the order of the headings: the fields of `Staged`, and `raw`, the cells of each row joined by U+001F."""
        count = len(numbers)
        blank = [""] * count
        cells = {one.field: columns[self._index[one.field]] if one.field in self._index else blank for one in FIELDS}
        ids = {name: [*map(self._ids.__getitem__, cells[name])] if name in self._index else blank for name in _IDS}
        texts = {name: [text if text and not text.isspace() else "" for text in cells[name]] if name in self._index else blank for name in _TEXTS}
        instants = [*map(self._instants.__getitem__, cells["paid_at"])]
        figures = [*map(self._figures.__getitem__, zip(*(cells[name] for name in _NUMBERS), strict=True))]
        phones = [*map(self._phones.__getitem__, cells["phone"])] if "phone" in self._index else blank
        states: list[str] = [state or "" for state in map(self._states.__getitem__, cells["status"])] if "status" in self._index else ["paid"] * count
        with localcontext(prec=100):
            self.sums.quantity += sum([one.quantity for one in figures if one.quantity is not None])
            self.sums.revenue += sum([one.amount for one in figures if one.amount is not None])

        self.notices = [
            Problem(numbers[place], "rounded", self.mapping[name], cells[name][place], {"limit": values.DECIMALS, "kept": _kept(cells[name][place])})
            for place, figure in enumerate(figures)
            if figure.rounded
            for name in figure.rounded
        ]
        quantities, prices, amounts, costs = map(list, zip(*[one.texts for one in figures], strict=True))
        refunds = [False] * count
        noted: dict[int, list[Noted]] = {}
        earliest, latest = self._earliest, self._latest
        looked_at = zip(figures, ids["order_no"], instants, ids["sku"], texts["product_name"], states, ids["refund_of"], strict=True)
        odd = [
            place
            for place, (figure, order_no, at, sku, name, state, refund_of) in enumerate(looked_at)
            if not (figure.sound and order_no and at is not None and earliest <= at <= latest and (sku or name) and state in _KNOWN) or refund_of
        ]
        for place in odd:
            figure, order_no = figures[place], ids["order_no"][place]
            refunds[place] = bool(ids["refund_of"][place]) or _takes_back(order_no, figure)
            row = {field: column[place] for field, column in cells.items()}
            goods = ids["sku"][place] or texts["product_name"][place]
            wrong = self._odd(row, figure, order_no, instants[place], goods, states[place], refunds[place])
            if wrong:
                noted[place] = wrong
            elif refunds[place] and figure.quantity is not None and figure.amount is not None:
                quantities[place], amounts[place] = orders.plain(abs(figure.quantity)), orders.plain(abs(figure.amount))
        for place, lost in (*self._formula_errors(cells).items(), *self._spoilt_numbers(cells).items()):
            headings = {heading for _, heading, _, _ in lost}
            noted[place] = [*lost, *(one for one in noted.get(place, []) if one[1] not in headings)]
        for place in extra:
            noted.setdefault(place, []).append(("extra_cells", None, None, {}))
        for name in (*_IDS, *_TEXTS):
            if name in self._index and max(map(len, cells[name])) > TEXT_LIMIT:
                for place, text in enumerate(cells[name]):
                    if len(text) > TEXT_LIMIT:
                        noted.setdefault(place, []).append(("too_long", self.mapping[name], text[:50], {"limit": TEXT_LIMIT}))
        problems = blank
        if noted:
            problems = [json.dumps(noted[place], ensure_ascii=False) if place in noted else "" for place in range(count)]
        raw = [*map("\x1f".join, zip(*columns, strict=True))]
        for place, more in extra.items():
            raw[place] = "\x1f".join((raw[place], *more))
        return {
            "row": numbers,
            "refund": refunds,
            "order_no": ids["order_no"],
            "refund_of": ids["refund_of"],
            "at": instants,
            "sku": ids["sku"],
            "name": texts["product_name"],
            "quantity": quantities,
            "unit_price": prices,
            "amount": amounts,
            "unit_cost": costs,
            "customer_no": ids["customer_no"],
            "unionid": ids["unionid"],
            "phone": phones,
            "customer_name": texts["customer_name"],
            "city": texts["city"],
            "province": texts["province"],
            "country": texts["country"],
            "status": states,
            "problems": problems,
            "raw": raw,
        }

    def _formula_errors(self, cells: Mapping[str, Sequence[str]]) -> dict[int, list[Noted]]:
        """By place, the cells of fields in which a formula failed. They say nothing, so nothing else is said of them."""
        failed: dict[int, list[Noted]] = {}
        for name in self._index:
            if not values.FORMULA_ERRORS.isdisjoint(cells[name]):
                for place, cell in enumerate(cells[name]):
                    if cell in values.FORMULA_ERRORS:
                        failed.setdefault(place, []).append(("formula_error", self.mapping[name], cell, {}))
        return failed

    def _spoilt_numbers(self, cells: Mapping[str, Sequence[str]]) -> dict[int, list[Noted]]:
        """By place, the identifiers of which a spreadsheet has left a rounded number: several orders, or people, would become one."""
        found: dict[int, list[Noted]] = {}
        for name, strict in _SHORTENED.items():
            if name in self._index and ("E+" in (whole := "\n".join(cells[name])) or "e+" in whole):
                for place, cell in enumerate(cells[name]):
                    if values.spoilt(cell, strict=strict):
                        found.setdefault(place, []).append(("number_spoilt", self.mapping[name], cell, {}))
        return found

    def _read_figures(self, cells: tuple[str, str, str, str]) -> Figures:
        quantity, price, amount, cost = map(values.number, cells)
        if self.options.money_unit == "fen":
            price, amount, cost = (None if one is None else orders.exact_product(one, Decimal("0.01")) for one in (price, amount, cost))
        if quantity is None and "quantity" not in self._index:
            quantity = _ONE
        if amount is None and not cells[2].strip() and quantity is not None and price is not None:
            amount = orders.exact_product(quantity, price)
        if price is None and not cells[1].strip() and quantity and amount is not None:
            price = values.number(format(abs(amount / quantity), "f"))
        sound = (
            quantity is not None
            and price is not None
            and amount is not None
            and quantity > 0
            and price >= 0
            and 0 <= amount <= orders.LINE_LIMIT
            and (cost >= 0 if cost is not None else not cells[3].strip())
        )
        rounded = tuple(name for name, cell in zip(_NUMBERS, cells, strict=True) if values.rounded(cell))
        return Figures(sound, quantity, price, amount, cost, (_text(quantity), _text(price), _text(amount), _text(cost)), rounded)

    def _odd(self, cells: Mapping[str, str], figure: Figures, order_no: str, at: int | None, goods: str, state: str, refund: bool) -> list[Noted]:
        """Everything wrong with a row that needs a second look; a refund often has nothing wrong."""
        noted: list[Noted] = []

        def wrong(code: str, name: str, **params: str | int) -> None:
            noted.append((code, self.mapping.get(name), cells[name] or None, params))

        if not order_no:
            wrong("missing_order_no", "order_no")
        if at is None:
            if cells["paid_at"].strip():
                wrong("bad_date", "paid_at")
        elif at > self._latest:
            wrong("future_date", "paid_at")
        elif at < self._earliest:
            wrong("too_early", "paid_at")
        if not goods:
            wrong("missing_product", "sku" if "sku" in self._index else "product_name")
        if not state:
            wrong("unknown_status", "status")
        elif state == "unpaid":
            wrong("not_paid", "status")
        noted += self._odd_figures(cells, figure, refund)
        return noted

    def _odd_figures(self, cells: Mapping[str, str], figure: Figures, refund: bool) -> list[Noted]:
        noted: list[Noted] = []

        def wrong(code: str, name: str, **params: str | int) -> None:
            noted.append((code, self.mapping.get(name), cells[name] or None, params))

        for name, value in zip(_NUMBERS, figure[1:5], strict=True):
            if value is None and cells[name].strip():
                wrong("bad_number", name)
        if noted:
            return noted
        quantity, price, amount, cost = figure[1:5]
        if quantity is None or amount is None:
            wrong("missing_number", "quantity" if quantity is None else "amount" if "amount" in self._index else "unit_price")
            return noted
        if not refund and quantity <= 0:
            wrong("negative_quantity", "quantity")
        elif not refund and (amount < 0 or (price is not None and price < 0)):
            wrong("negative_amount", "amount" if cells["amount"].strip() and amount < 0 else "unit_price")
        if abs(amount) > orders.LINE_LIMIT:
            wrong("absurd_amount", "amount" if "amount" in self._index else "unit_price", limit=str(orders.LINE_LIMIT))
        if cost is not None and cost < 0:
            wrong("negative_amount", "unit_cost")
        return noted


def _takes_back(order_no: str, figure: Figures) -> bool:
    """Cancellations bear a number that begins with C, and take back: a shop whose every number begins with C is not meant."""
    quantity, amount = figure.quantity, figure.amount
    return order_no[:1] in ("C", "c") and len(order_no) > 1 and quantity is not None and amount is not None and (quantity < 0 or amount < 0)


def _micros(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


def _kept(cell: str) -> str:
    return _text(values.number(cell))


def _text(number: Decimal | None) -> str:
    return "" if number is None else orders.plain(number)
