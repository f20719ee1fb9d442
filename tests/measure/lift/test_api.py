"""Lift over a living brand against arms and margins counted by hand."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import numpy as np
import pytest

from siyu.kernel.statistics import cuped, smallest_provable, winsorised
from siyu.understand import purchases
from tests.conftest import NOW
from tests.crowd import Crowd, Person

RATE = Decimal("0.4")
START, DAYS = NOW - timedelta(days=31), timedelta(days=30)


def margin(person: Person, since: datetime, until: datetime, *, until_now: bool = False) -> float:
    """Fen, net of returns in the same span."""
    total = Decimal(0)
    for order in person.paid:
        if since <= order.at < until:
            gross = sum(((amount - cost if cost is not None else amount * RATE) for amount, cost in order.lines if amount), Decimal(0))
            returned = until_now or min(order.at + timedelta(days=2), NOW) < until
            total += gross * (1 - order.refunded / order.amount if returned else 1)
    return float(total * 100)


def test_the_reading_equals_one_by_hand(crowd: Crowd) -> None:
    found = crowd.get(f"/api/broadcasts/{crowd.broadcasts['over']}/lift")
    arms = np.array([crowd.treated[person.id] for person in crowd.people])
    before = winsorised([margin(person, START - DAYS, START) for person in crowd.people])
    adjusted = cuped(winsorised([margin(person, START, START + DAYS) for person in crowd.people]), before)
    treated, holdout = adjusted[arms], adjusted[~arms]
    assert found["treated"] == {"n": int(arms.sum()), "mean_fen": round(treated.mean())}
    assert found["holdout"] == {"n": int((~arms).sum()), "mean_fen": round(holdout.mean())}
    assert found["point_fen"] == pytest.approx(treated.mean() - holdout.mean(), abs=1)
    assert found["low_fen"] < found["point_fen"] < found["high_fen"]
    assert found["verdict"] in {"proven", "not_proven", "harmful"}
    assert found["smallest_provable_fen"] == pytest.approx(smallest_provable(adjusted.std(ddof=1), len(treated), len(holdout)), abs=1)
    assert datetime.fromisoformat(found["ends_at"]) == START + DAYS
    assert found["margin_assumed"] is True
    assert found["primary"] == "margin_per_customer_fen"


def test_nothing_is_read_before_the_end(crowd: Crowd) -> None:
    found = crowd.get(f"/api/broadcasts/{crowd.broadcasts['running']}/lift")
    assert found["verdict"] == "too_early"
    assert (found["point_fen"], found["low_fen"], found["high_fen"], found["treated"]["mean_fen"], found["holdout"]["mean_fen"]) == (None,) * 5
    assert found["treated"]["n"] + found["holdout"]["n"] == len(crowd.people)
    assert found["smallest_provable_fen"] > 0


def test_a_draft_has_no_arms(crowd: Crowd) -> None:
    found = crowd.get(f"/api/broadcasts/{crowd.broadcasts['draft']}/lift")
    assert (found["treated"]["n"], found["holdout"]["n"], found["ends_at"], found["point_fen"]) == (0, 0, None, None)
    assert found["verdict"] == "too_early"


def test_an_unknown_broadcast_is_not_found(crowd: Crowd) -> None:
    answer = crowd.client().get(f"/api/broadcasts/{uuid4()}/lift")
    assert (answer.status_code, answer.json()["code"]) == (404, "broadcast.not_found")


def test_guides_do_not_read_it(crowd: Crowd) -> None:
    assert crowd.client("guide").get(f"/api/broadcasts/{crowd.broadcasts['over']}/lift").status_code == 403


class TestMarginSpread:
    def test_equals_one_by_hand(self, crowd: Crowd) -> None:
        values = winsorised([margin(person, NOW - timedelta(days=90), NOW, until_now=True) for person in crowd.people])
        with crowd.acting() as tx:
            found = purchases.margin_spread(tx, [person.id for person in crowd.people], days=90)
        assert found.people == len(crowd.people)
        assert found.mean_fen == pytest.approx(values.mean())
        assert found.sd_fen == pytest.approx(values.std(ddof=1))
        assert found.assumed

    def test_of_nobody_is_nothing(self, crowd: Crowd) -> None:
        with crowd.acting() as tx:
            found = purchases.margin_spread(tx, [], days=90)
        assert (found.people, found.mean_fen, found.sd_fen, found.assumed) == (0, 0, 0, False)
