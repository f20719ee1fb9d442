"""Months of a real shop, to the last digit."""

from collections import defaultdict
from decimal import Decimal

import pytest

from siyu.measure.retention import questions
from tests.online_retail import GOLDEN, Shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


def _label(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


def test_revenue_orders_and_buyers_of_each_month(shop: Shop) -> None:
    rows = shop.rows(questions.monthly(shop.paid()))
    assert [[_label(row["month"]), round(row["revenue"], 2), row["orders"], row["customers"], row["new_customers"]] for row in rows] == [
        [month, Decimal(str(revenue)), orders, customers, new] for month, revenue, orders, customers, new in GOLDEN["or.monthly"]
    ]


def test_totals(shop: Shop) -> None:
    (row,) = shop.rows(questions.totals(shop.paid()))
    assert row["revenue"] == Decimal(str(GOLDEN["or.clean_revenue"]))
    assert (row["orders"], row["customers"]) == (GOLDEN["or.clean_invoices"], GOLDEN["or.clean_customers"])
    assert round(row["revenue"] / row["orders"], 3) == Decimal(str(GOLDEN["or.aov"]))
    assert row["repeat_customers"] == GOLDEN["or.repeat_customers_by_invoice"]
    assert row["purchase_days"] == GOLDEN["or.purchase_days_total"]


def test_cohorts_equal_a_count_by_hand(shop: Shop) -> None:
    orders = shop.paid()
    months: dict[object, set[int]] = defaultdict(set)
    for row in shop.rows(orders.select("customer_id", "day")):
        months[row["customer_id"]].add(row["day"].year * 12 + row["day"].month - 1)
    expected: dict[tuple[int, int], int] = defaultdict(int)
    for active in months.values():
        for month in active:
            expected[min(active), month - min(active)] += 1
    found = {(row["cohort"], row["offset"]): row["customers"] for row in shop.rows(questions.cohorts(orders))}
    assert found == dict(expected)
    assert [found[cohort, 0] for cohort in sorted({cohort for cohort, _ in found})] == [new for *_, new in GOLDEN["or.monthly"]]
