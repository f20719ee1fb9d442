"""Statistics against published and independently computed figures."""

import csv
import gzip
import math
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.statistics import Sample, cuped, sample_ratio, smallest_provable, welch, wilson, winsorised


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 20, 0.0, 0.16112516), (5, 50, 0.04347576, 0.21360231), (122, 21306, 0.00479821, 0.00683217), (267, 21307, 0.01112289, 0.01411504)],
)
def test_wilson(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=1e-8)


def test_sample_ratio_of_the_email_experiment() -> None:
    assert sample_ratio([21306, 21307, 21387], [1 / 3, 1 / 3, 1 / 3]) == pytest.approx(0.90369296, abs=1e-8)


def test_nobody_can_be_in_an_arm_without_a_share() -> None:
    assert sample_ratio([10, 0], [1.0, 0.0]) == 1.0
    assert sample_ratio([10, 1], [1.0, 0.0]) == 0.0


@pytest.mark.data
def test_welch_on_the_email_experiment() -> None:
    with gzip.open(Path(os.environ["SIYU_TEST_DATA"]) / "hillstrom" / "hillstrom.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    arms = {arm: Sample.of([float(row["spend"]) for row in rows if row["segment"] == arm]) for arm in ("Mens E-Mail", "No E-Mail")}
    found = welch(arms["Mens E-Mail"], arms["No E-Mail"])
    assert found.point == pytest.approx(0.76982716, abs=1e-6)
    assert found.p == pytest.approx(1.16381e-07, rel=1e-4)
    assert found.freedom == pytest.approx(36671.158, abs=0.01)
    assert (found.low, found.high) == pytest.approx((0.48514913, 1.05450518), abs=1e-4)


def test_smallest_provable_follows_the_formula() -> None:
    assert smallest_provable(4.0, 9_000, 1_000) == pytest.approx(2.8016 * 4 * math.sqrt(1 / 9_000 + 1 / 1_000), rel=1e-4)
    assert math.isinf(smallest_provable(1.0, 100, 1))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_cuped_keeps_the_mean(values: list[float]) -> None:
    before = [value * 0.5 + index for index, value in enumerate(values)]
    assert cuped(values, before).mean() == pytest.approx(sum(values) / len(values), abs=1e-3)


def test_winsorised_cuts_the_top_only() -> None:
    assert winsorised([1.0] * 999 + [1e9]).max() < 1e9
    assert winsorised([-5.0, 1.0, 2.0]).min() == -5.0
