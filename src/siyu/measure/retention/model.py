"""Months and cohorts as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Cohort:
    """People whose first paid order lies in `month`. `counts[k]`: how many of them paid again k months later; `counts[0]` is the size."""

    month: str
    counts: tuple[int, ...]

    @property
    def size(self) -> int:
        return self.counts[0]


@dataclass(frozen=True)
class Month:
    """One calendar month of the brand: exact gross revenue, paid orders, buyers, and those of them who never paid before."""

    month: str
    revenue: Decimal = Decimal(0)
    orders: int = 0
    customers: int = 0
    new_customers: int = 0


@dataclass(frozen=True)
class Totals:
    """Everything up to today. `repeat_customers`: with two or more orders. `purchase_days`: distinct (customer, day)."""

    revenue: Decimal = Decimal(0)
    orders: int = 0
    customers: int = 0
    repeat_customers: int = 0
    purchase_days: int = 0
    first_day: date | None = None
    last_day: date | None = None

    @property
    def average_order(self) -> Decimal | None:
        return self.revenue / self.orders if self.orders else None

    @property
    def repeat_share(self) -> float | None:
        return self.repeat_customers / self.customers if self.customers else None


def number(day: date) -> int:
    """The month of a day, counted since year 0: year x 12 + month - 1."""
    return day.year * 12 + day.month - 1


def label(number: int) -> str:
    """`2026-01`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def matrix(cells: Mapping[tuple[int, int], int], until: int) -> list[Cohort]:
    """Cohorts from (cohort, months later) -> people, oldest first, each with a count for every month up to and including `until`."""
    return [
        Cohort(label(cohort), tuple(cells.get((cohort, offset), 0) for offset in range(until - cohort + 1)))
        for cohort in sorted({cohort for cohort, _ in cells if cohort <= until})
    ]


def calendar(months: Mapping[int, Month], until: int) -> list[Month]:
    """Every month from the first with an order up to and including `until`; nothing happened in those that are missing."""
    return [months.get(number) or Month(label(number)) for number in range(min(months), until + 1)] if months else []
