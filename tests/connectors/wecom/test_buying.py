"""Orders of the town's customers follow BG/NBD (Fader, Hardie & Lee 2005)."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

import pytest
from scipy.special import hyp2f1

from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.town.buying import Buyers
from siyu.connectors.wecom.sandbox.town.scenario import Buying
from tests.connectors.wecom.conftest import Build, Place

DAY = 86_400
PER_MONTH, R, A, B = 0.8, 1.5, 0.8, 2.5
ALPHA = R / PER_MONTH * 30
"""In days."""


def expected_orders(days: float) -> float:
    """E[X(t)], equation 9 of the paper."""
    tail = (ALPHA / (ALPHA + days)) ** R * hyp2f1(R, B, A + B - 1, days / (ALPHA + days))
    return float((A + B - 1) / (A - 1) * (1 - tail))


def share_without(days: float) -> float:
    """P(X(t) = 0): nobody drops out before the first order."""
    return float((ALPHA / (ALPHA + days)) ** R)


def orders_of(place: Place, *, days: float) -> list[int]:
    """Of each customer, from the founding on."""
    counted = """
        select (select count(*) from shop_order o where o.external_userid = c.external_userid and o.paid_at < f.at + ?)
        from customer c, (select unixepoch(value) as at from note where name = 'founded') f
    """
    with place.sandbox.books.read() as db:
        return [row[0] for row in db.execute(counted, (days * DAY,))]


def deviations(sample: Sequence[float], expected: float) -> float:
    """By how many standard errors the sample's mean misses what is expected."""
    return (fmean(sample) - expected) / (stdev(sample) / math.sqrt(len(sample)))


class TestYear:
    def test_orders_of_a_year_are_those_of_the_process(self, build: Build) -> None:
        """With a fixed seed, so the bounds (three and a half standard errors) never flicker."""
        buying = {"rate_shape": R, "dropout_a": A, "dropout_b": B}
        customer = {"orders_per_month": PER_MONTH, "group_messages_per_month": 0}
        place = build(scenario={"customers": 1500, "customer": customer, "buying": buying, "shop": {"lines_mean": 1, "refund_rate": 0}})
        place.post("step", seconds=365 * DAY, coalesce=DAY)
        for days in (90, 365):
            orders = orders_of(place, days=days)
            assert abs(deviations(orders, expected_orders(days))) < 3.5
            assert abs(deviations([count == 0 for count in orders], share_without(days))) < 3.5
        assert fmean(orders) < 0.6 * PER_MONTH * 365 / 30, "without dropout there were many more"
        gone = sum(week["dropped_out"] for week in place.get("books/weeks"))
        assert 0 < gone == place.get("books/summary")["customers"] - place.get("pending")["by_kind"]["organic"]


class TestBuyers:
    def test_personal_rates_are_gamma_distributed_with_the_given_mean(self) -> None:
        buyers = Buyers(Buying(rate_shape=R), PER_MONTH, Draws(1))
        rates = [buyers.orders_per_month(f"wm{n}", None) for n in range(20_000)]
        assert fmean(rates) == pytest.approx(PER_MONTH, rel=0.03)
        assert stdev(rates) ** 2 == pytest.approx(PER_MONTH**2 / R, rel=0.06)

    def test_a_rate_of_the_population_file_stands(self) -> None:
        buyers = Buyers(Buying(rate_shape=R), PER_MONTH, Draws(1))
        assert buyers.orders_per_month("wm1", 4.0) == 4.0
        assert buyers.orders_per_month("wm1", 0.0) == 0.0
        assert Buyers(Buying(), PER_MONTH, Draws(1)).orders_per_month("wm1", None) == PER_MONTH

    def test_the_number_of_orders_until_dropping_out_is_that_of_the_process(self) -> None:
        buyers, people = Buyers(Buying(dropout_a=A, dropout_b=B), PER_MONTH, Draws(1)), 20_000
        after_first = [buyers.drops_out(f"wm{n}", 0) for n in range(people)]
        assert abs(deviations(after_first, A / (A + B))) < 3.5
        stayed = [n for n in range(people) if not after_first[n]]
        assert abs(deviations([buyers.drops_out(f"wm{n}", 1) for n in stayed], A / (A + B + 1))) < 3.5, "those who stay are the more loyal"

    @pytest.mark.parametrize("shape", [0.2, 1.0, 4.0])
    def test_gamma_draws_have_their_mean_and_variance(self, shape: float) -> None:
        drawn = [Draws(2).gamma(shape, "g", n) for n in range(20_000)]
        assert abs(deviations(drawn, shape)) < 3.5
        assert stdev(drawn) ** 2 == pytest.approx(shape, rel=0.08)
