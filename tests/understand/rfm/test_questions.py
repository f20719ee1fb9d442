"""RFM of a real shop, to the last digit, against figures computed in two independent ways."""

from datetime import date
from decimal import Decimal

import pytest
from ibis.expr import types as ir

from siyu.understand.purchases import Purchases, shop_numbers
from siyu.understand.rfm import questions
from siyu.understand.rfm.model import Cutoffs
from tests.online_retail import GOLDEN, Shop

ON = date(2011, 12, 10)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


@pytest.fixture(scope="module")
def purchases(shop: Shop) -> Purchases:
    return Purchases(shop.paid(), shop_numbers(shop.identities))


@pytest.fixture(scope="module")
def scored(shop: Shop, purchases: Purchases) -> ir.Table:
    return shop.keep("scored", questions.scores(purchases, Cutoffs(), ON))


def test_the_grid_of_quintiles(shop: Shop, scored: ir.Table) -> None:
    grid = [[0] * 5 for _ in range(5)]
    for row in shop.rows(questions.grid(scored)):
        grid[row["r"] - 1][row["f"] - 1] += row["customers"]
    assert grid == GOLDEN["or.rfm.rf_grid"]


def test_bounds_of_each_score(shop: Shop, scored: ir.Table) -> None:
    rows = {(row["dimension"], row["score"]): [int(row["low"]), int(row["high"])] for row in shop.rows(questions.spread(scored)) if row["dimension"] != "m"}
    assert [rows["r", score] for score in range(1, 6)] == GOLDEN["or.rfm.bounds_R"]
    assert [rows["f", score] for score in range(1, 6)] == GOLDEN["or.rfm.bounds_F"]


def test_means_medians_and_extremes(shop: Shop, scored: ir.Table) -> None:
    (middle,) = shop.rows(questions.middle(scored))
    assert middle["customers"] == GOLDEN["or.clean_customers"]
    assert middle["m_sum"] == Decimal(str(GOLDEN["or.clean_revenue"]))
    assert round(middle["r_mean"], 6) == GOLDEN["or.rfm.R_mean"]
    assert round(middle["f_mean"], 6) == GOLDEN["or.rfm.F_mean"]
    assert round(float(middle["m_sum"]) / middle["customers"], 6) == pytest.approx(GOLDEN["or.rfm.M_mean"], abs=1e-6)
    assert (middle["r_median"], middle["f_median"]) == (GOLDEN["or.rfm.R_median"], GOLDEN["or.rfm.F_median"])
    assert middle["m_median"] == pytest.approx(GOLDEN["or.rfm.M_median"], abs=1e-9)
    spread = shop.rows(questions.spread(scored))
    assert max(row["high"] for row in spread if row["dimension"] == "m") == Decimal(str(GOLDEN["or.rfm.M_max"]))


def test_fixed_cutoffs_count_the_bounds_reached(shop: Shop, purchases: Purchases) -> None:
    fixed = questions.scores(purchases, Cutoffs(mode="fixed"), ON)
    rows = shop.rows(fixed.select("recency", "frequency", "monetary", "r", "f", "m").limit(500))
    for row in rows:
        assert row["r"] == 1 + sum(row["recency"] <= days for days in (30, 60, 120, 240))
        assert row["f"] == 1 + sum(row["frequency"] >= least for least in (2, 3, 5, 8))
        assert row["m"] == 1 + sum(row["monetary"] >= least for least in (100, 300, 1000, 3000))
