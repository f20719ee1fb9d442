"""What a broadcast brought, read once at the end of its horizon: three verdicts, or a reason why there is none."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from siyu.kernel.statistics import Difference, Sample, cuped, sample_ratio, smallest_provable, welch, winsorised

BROKEN_DRAW = 0.001


class Verdict(StrEnum):
    PROVEN = "proven"
    NOT_PROVEN = "not_proven"
    HARMFUL = "harmful"
    TOO_EARLY = "too_early"
    NO_HOLDOUT = "no_holdout"
    SRM_FAILED = "srm_failed"
    NO_ORDERS = "no_orders"


Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class People:
    """One place per person in each: arm, margin in fen net of returns within the horizon, and the same over an equally long time before the start."""

    treated: np.ndarray[tuple[int], np.dtype[np.bool_]]
    margin_fen: Floats
    before_fen: Floats


@dataclass(frozen=True)
class Lift:
    """Margin per customer, treated against holdout, by intention to treat. Fen. `difference` is None unless the verdict is one of the three.

    Once there is a difference, `treated` and `holdout` are what it was read from, cut and adjusted, so that their means differ by its point.
    """

    verdict: Verdict
    treated: Sample
    holdout: Sample
    difference: Difference | None
    smallest_provable_fen: float | None
    ratio_p: float


def read(people: People, *, holdout_share: float, over: bool) -> Lift:
    """The one reading. Before the horizon is `over` there is none: peeking would find effects that are not there.

    Margins are cut at the 99.5 % quantile of both arms together, then adjusted by the pre-period (CUPED); the interval is Welch's at 95 %.
    A draw as uneven as one in a thousand hides the result. What could be proven is judged by the pre-period until the horizon is over.
    """
    arms = people.treated
    treated, holdout = Sample.of(people.margin_fen[arms]), Sample.of(people.margin_fen[~arms])
    if holdout_share <= 0 or min(treated.n, holdout.n) < 2:
        return Lift(Verdict.NO_HOLDOUT if over or holdout_share <= 0 else Verdict.TOO_EARLY, treated, holdout, None, None, 1.0)
    ratio_p = sample_ratio([treated.n, holdout.n], [1 - holdout_share, holdout_share])
    before = winsorised(people.before_fen)
    adjusted = cuped(winsorised(people.margin_fen), before)
    smallest = smallest_provable(float((adjusted if over else before).std(ddof=1)), treated.n, holdout.n)
    if ratio_p < BROKEN_DRAW:
        return Lift(Verdict.SRM_FAILED, treated, holdout, None, smallest, ratio_p)
    if not over:
        return Lift(Verdict.TOO_EARLY, treated, holdout, None, smallest, ratio_p)
    treated, holdout = Sample.of(adjusted[arms]), Sample.of(adjusted[~arms])
    if not adjusted.any():
        return Lift(Verdict.NO_ORDERS, treated, holdout, None, None, ratio_p)
    difference = welch(treated, holdout)
    verdict = Verdict.PROVEN if difference.low > 0 else Verdict.HARMFUL if difference.high < 0 else Verdict.NOT_PROVEN
    return Lift(verdict, treated, holdout, difference, smallest, ratio_p)
