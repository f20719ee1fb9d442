"""Recency, frequency, monetary value: scores, cut-offs and the eight names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from siyu.kernel.errors import Refusal

Measure = Literal["gross", "net"]
Mode = Literal["quintile", "fixed"]
HIGH = 4


class MixedCustomers(ValueError):
    """The orders belong to several customers."""


class BadCutoffs(Refusal):
    """Cut-offs must be four numbers, each larger than the one before, none negative."""

    code = "rfm.bad_cutoffs"
    status = 422


@dataclass(frozen=True)
class PaidOrder:
    """One paid order of one customer: its business day, exact gross amount and what was refunded of it."""

    customer: str
    order: str
    day: date
    amount: Decimal
    refunded: Decimal = Decimal(0)


@dataclass(frozen=True)
class Rfm:
    """`recency` in days, None without orders."""

    recency: int | None
    frequency: int
    monetary: Decimal


def rfm(orders: Sequence[PaidOrder], *, on: date, measure: Measure) -> Rfm:
    """Recency, frequency and monetary value of one customer.

    Recency: whole days before `on`, None without orders. Frequency: distinct orders. Monetary: exact sum of line amounts; `measure`: gross or net of refunds.
    Raises MixedCustomers when orders belong to several customers. Source: Hughes, Strategic Database Marketing.
    """
    if len({order.customer for order in orders}) > 1:
        raise MixedCustomers
    monetary = sum((order.amount - (order.refunded if measure == "net" else 0) for order in orders), Decimal(0))
    recency = (on - max(order.day for order in orders)).days if orders else None
    return Rfm(recency, len({order.order for order in orders}), monetary)


@dataclass(frozen=True)
class Cutoffs:
    """How raw figures become scores 1..5.

    `quintile`: five parts of equal size; ties go by the shop's customer number, so that the same people always fall into the same part.
    `fixed`: `r` are days, 5 for at most the first, 1 for more than the last; `f` and `m` (yuan) are what scores 2, 3, 4, 5 need at least.
    """

    mode: Mode = "quintile"
    measure: Measure = "gross"
    r: tuple[int, ...] = (30, 60, 120, 240)
    f: tuple[int, ...] = (2, 3, 5, 8)
    m: tuple[Decimal, ...] = (Decimal(100), Decimal(300), Decimal(1000), Decimal(3000))

    def __post_init__(self) -> None:
        """Raises BadCutoffs."""
        dimensions: dict[str, Sequence[int | Decimal]] = {"r": self.r, "f": self.f, "m": self.m}
        for name, bounds in dimensions.items():
            rising = all(low < high for low, high in pairwise(bounds))
            if len(bounds) != 4 or not rising or bounds[0] < 0:
                raise BadCutoffs(dimension=name, values=[str(bound) for bound in bounds])

    def plain(self) -> dict[str, Any]:
        """As values of JSON, money as text."""
        return {"mode": self.mode, "measure": self.measure, "r": list(self.r), "f": list(self.f), "m": [str(bound) for bound in self.m]}


@dataclass(frozen=True)
class Name:
    """One of the eight groups of the trade: by recency, frequency and monetary value each high (score 4 or 5) or low."""

    key: str
    zh: str
    en: str
    r: bool
    f: bool
    m: bool


NAMES: tuple[Name, ...] = (
    Name("important_value", "重要价值", "Champions", True, True, True),
    Name("important_development", "重要发展", "Big spenders, rare", True, False, True),
    Name("important_retention", "重要保持", "Valuable, fading", False, True, True),
    Name("important_win_back", "重要挽留", "Valuable, leaving", False, False, True),
    Name("general_value", "一般价值", "Regulars, small baskets", True, True, False),
    Name("general_development", "一般发展", "Newcomers", True, False, False),
    Name("general_retention", "一般保持", "Frequent once, fading", False, True, False),
    Name("general_win_back", "一般挽留", "Occasional, leaving", False, False, False),
)
_BY_HEIGHT = {(name.r, name.f, name.m): name for name in NAMES}


def name_of(r: int, f: int, m: int) -> Name:
    """The group of a customer with these scores."""
    return _BY_HEIGHT[(r >= HIGH, f >= HIGH, m >= HIGH)]
