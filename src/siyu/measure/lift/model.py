"""What a broadcast brought, read once at the end of its horizon: three verdicts, or a reason why there is none."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True)
class Person:
    """Margin of one person in fen, net of returns: within the horizon, and over an equally long time before the start."""

    treated: bool
    margin_fen: float
    before_fen: float


@dataclass(frozen=True)
class Lift:
    """Margin per customer, treated against holdout, by intention to treat. Fen. `difference` is None unless the verdict is one of the three."""

    verdict: Verdict
    treated: Sample
    holdout: Sample
    difference: Difference | None
    smallest_provable_fen: float | None
    ratio_p: float
    ends_at: datetime


def read(people: Sequence[Person], *, holdout_share: float, ends_at: datetime, now: datetime) -> Lift:
    """The one reading. Before `ends_at` there is none: peeking would find effects that are not there.

    Margins are cut at the 99.5 % quantile of both arms together, then adjusted by the pre-period (CUPED); the interval is Welch's at 95 %.
    A draw as uneven as one in a thousand hides the result.
    """
    arms = np.array([person.treated for person in people], dtype=bool)
    raw = np.array([person.margin_fen for person in people], dtype=float)
    treated, holdout = Sample.of(raw[arms].tolist()), Sample.of(raw[~arms].tolist())
    ratio_p = sample_ratio([treated.n, holdout.n], [1 - holdout_share, holdout_share]) if 0 < holdout_share < 1 else 1.0
    if holdout_share <= 0 or min(treated.n, holdout.n) < 2:
        return Lift(Verdict.NO_HOLDOUT, treated, holdout, None, None, ratio_p, ends_at)
    before = np.array([person.before_fen for person in people], dtype=float)
    adjusted = cuped(winsorised(raw.tolist()).tolist(), winsorised(before.tolist()).tolist())
    spread = float(adjusted.std(ddof=1))
    smallest = smallest_provable(spread, treated.n, holdout.n)
    provable = None if math.isinf(smallest) else smallest
    if ratio_p < BROKEN_DRAW:
        return Lift(Verdict.SRM_FAILED, treated, holdout, None, provable, ratio_p, ends_at)
    if now < ends_at:
        return Lift(Verdict.TOO_EARLY, treated, holdout, None, provable, ratio_p, ends_at)
    difference = welch(Sample.of(adjusted[arms].tolist()), Sample.of(adjusted[~arms].tolist()))
    verdict = Verdict.PROVEN if difference.low > 0 else Verdict.HARMFUL if difference.high < 0 else Verdict.NOT_PROVEN
    return Lift(verdict, treated, holdout, difference, provable, ratio_p, ends_at)
