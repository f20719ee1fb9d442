"""The machinery of proof, proved: nothing found where nothing is, planted effects recovered."""

import numpy as np

from siyu.measure.lift.model import People, Verdict, read


def crowd(rng: np.random.Generator, n: int, *, effect: float, holdout: float = 0.2) -> People:
    """Margins with many zeros and a long tail, going with what the person spent before; the treated get `effect` fen more on average."""
    spender = rng.lognormal(8, 1, n)
    before = spender * (rng.random(n) < 0.3)
    after = spender * (rng.random(n) < 0.3) + rng.normal(0, 10, n)
    treated = rng.random(n) >= holdout
    return People(treated, after + effect * treated, before)


def test_nothing_is_found_where_nothing_is() -> None:
    rng = np.random.default_rng(7)
    verdicts = [read(crowd(rng, 800, effect=0), holdout_share=0.2, over=True).verdict for _ in range(600)]
    wrong = sum(verdict in {Verdict.PROVEN, Verdict.HARMFUL} for verdict in verdicts)
    assert wrong <= 600 * 0.05 + 3 * (600 * 0.05 * 0.95) ** 0.5


def test_a_planted_effect_lies_in_the_interval_and_is_proven() -> None:
    rng = np.random.default_rng(8)
    covered = proven = 0
    for _ in range(200):
        found = read(crowd(rng, 2_000, effect=900), holdout_share=0.2, over=True)
        assert found.difference is not None
        covered += found.difference.low <= 900 <= found.difference.high
        proven += found.verdict is Verdict.PROVEN
    assert covered >= 180
    assert proven >= 150


def test_harm_is_called_harm() -> None:
    rng = np.random.default_rng(9)
    assert read(crowd(rng, 4_000, effect=-3_000), holdout_share=0.2, over=True).verdict is Verdict.HARMFUL


def test_where_nobody_bought_nothing_is_claimed() -> None:
    people = crowd(np.random.default_rng(10), 400, effect=0)
    found = read(People(people.treated, np.zeros(400), people.before_fen), holdout_share=0.2, over=True)
    assert (found.verdict, found.difference, found.smallest_provable_fen) == (Verdict.NO_ORDERS, None, None)


def test_no_reading_before_the_end() -> None:
    rng = np.random.default_rng(10)
    early = read(crowd(rng, 2_000, effect=9_000), holdout_share=0.2, over=False)
    assert early.verdict is Verdict.TOO_EARLY
    assert early.difference is None


def test_a_broken_draw_hides_the_result() -> None:
    rng = np.random.default_rng(11)
    found = read(crowd(rng, 2_000, effect=9_000, holdout=0.4), holdout_share=0.2, over=True)
    assert found.verdict is Verdict.SRM_FAILED
    assert found.difference is None


def test_without_a_holdout_nothing_is_claimed() -> None:
    rng = np.random.default_rng(12)
    assert read(crowd(rng, 100, effect=0, holdout=0), holdout_share=0, over=True).verdict is Verdict.NO_HOLDOUT
