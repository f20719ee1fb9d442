"""The months of a living brand against a count by hand, for everybody's eyes and for narrower ones."""

from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.crowd import Crowd, Person

ZONE = ZoneInfo("Asia/Shanghai")
LOGINS = ["owner", "analyst", "supervisor", "nobody"]


def month(at: datetime) -> int:
    local = at.astimezone(ZONE)
    return local.year * 12 + local.month - 1


def label(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


def cohorts(people: list[Person]) -> list[dict[str, object]]:
    until = 2026 * 12 + 2
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for person in people:
        months = {month(order.at) for order in person.paid}
        for active in months:
            counts[min(months)][active - min(months)] += 1
    return [
        {"cohort": label(first), "size": counts[first][0], "counts": [counts[first][later] for later in range(until - first + 1)]} for first in sorted(counts)
    ]


@pytest.mark.parametrize("login", LOGINS)
def test_cohorts(crowd: Crowd, login: str) -> None:
    found = crowd.get("/api/retention", login, unit="month")
    assert found["cohorts"] == cohorts(crowd.seen(login))
    assert datetime.fromisoformat(found["as_of"]).tzinfo is not None


@pytest.mark.parametrize("login", LOGINS)
def test_revenue(crowd: Crowd, login: str) -> None:
    people = crowd.seen(login)
    found = crowd.get("/api/revenue", login)
    expected = []
    for number in range(min((month(order.at) for person in people for order in person.paid), default=2026 * 12 + 3), 2026 * 12 + 3):
        paid = [order for person in people for order in person.paid if month(order.at) == number]
        buyers = [person for person in people if number in {month(order.at) for order in person.paid}]
        new = [person for person in buyers if month(person.paid[0].at) == number]
        expected.append((label(number), sum((order.amount for order in paid), Decimal(0)), len(paid), len(buyers), len(new)))
    rows = [(row["month"], Decimal(row["revenue"]), row["orders"], row["customers"], row["new_customers"]) for row in found["rows"]]
    assert rows == expected
    buyers = [person for person in people if person.paid]
    totals = found["totals"]
    assert Decimal(totals["revenue"]) == sum((person.revenue for person in buyers), Decimal(0))
    assert (totals["orders"], totals["customers"]) == (sum(len(person.paid) for person in buyers), len(buyers))
    assert totals["repeat_customers"] == sum(len(person.paid) > 1 for person in buyers)
    assert totals["purchase_days"] == sum(len({order.at.astimezone(ZONE).date() for order in person.paid}) for person in buyers)


def test_guides_see_no_analysis(crowd: Crowd) -> None:
    assert crowd.client("guide").get("/api/retention").status_code == 403
    assert crowd.client("guide").get("/api/revenue").status_code == 403
