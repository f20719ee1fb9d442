"""The little statistics that proof needs. Pure; every formula names its source."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special  # its functions alone: scipy.stats takes a second to import

WINSOR_SHARE = 0.995


@dataclass(frozen=True)
class Sample:
    """Size, mean and standard deviation (n − 1) of one arm."""

    n: int
    mean: float
    sd: float

    @classmethod
    def of(cls, values: npt.ArrayLike) -> "Sample":
        """Summary of the values; a sample of fewer than two has no spread."""
        array = np.asarray(values, dtype=float)
        return cls(len(array), float(array.mean()) if len(array) else 0.0, float(array.std(ddof=1)) if len(array) > 1 else 0.0)


@dataclass(frozen=True)
class Difference:
    """Treated minus control with its two-sided interval; `p` is the probability of a difference at least so large by chance alone."""

    point: float
    low: float
    high: float
    p: float
    freedom: float


def welch(treated: Sample, control: Sample, *, confidence: float = 0.95) -> Difference:
    """Difference of two means without assuming equal spread. Raises ValueError with fewer than two in an arm. Source: Welch, Biometrika 34 (1947)."""
    if min(treated.n, control.n) < 2:
        raise ValueError("an arm needs at least two people")
    a, b = treated.sd**2 / treated.n, control.sd**2 / control.n
    point, error = treated.mean - control.mean, math.sqrt(a + b)
    if error == 0:
        return Difference(point, point, point, 1.0 if point == 0 else 0.0, treated.n + control.n - 2)
    freedom = (a + b) ** 2 / (a**2 / (treated.n - 1) + b**2 / (control.n - 1))
    reach = float(special.stdtrit(freedom, (1 + confidence) / 2)) * error
    return Difference(point, point - reach, point + reach, float(2 * special.stdtr(freedom, -abs(point) / error)), freedom)


def wilson(successes: int, trials: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of a share. Raises ValueError without trials. Source: Wilson, JASA 22 (1927)."""
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError("a share needs trials, and successes among them")
    z = float(special.ndtri((1 + confidence) / 2))
    share, z2 = successes / trials, z * z
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    reach = z / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def sample_ratio(observed: Sequence[int], expected_shares: Sequence[float]) -> float:
    """Probability of arms as uneven as these if people had been drawn by the shares: below 0.001 the draw is broken. Source: Pearson's chi-square."""
    total = sum(observed)
    if total == 0:
        return 1.0
    expected = [total * share for share in expected_shares]
    if any(seen and not wanted for seen, wanted in zip(observed, expected, strict=True)):
        return 0.0
    distance = sum((seen - wanted) ** 2 / wanted for seen, wanted in zip(observed, expected, strict=True) if wanted)
    return float(special.chdtrc(len(expected) - 1, distance))


def smallest_provable(sd: float, treated: int, control: int, *, power: float = 0.8, significance: float = 0.05) -> float:
    """Smallest difference of means found with that power, two-sided. Infinite without people in an arm."""
    if min(treated, control) < 2:
        return math.inf
    reach = float(special.ndtri(1 - significance / 2) + special.ndtri(power))
    return reach * sd * math.sqrt(1 / treated + 1 / control)


def winsorised(values: npt.ArrayLike, *, share: float = WINSOR_SHARE) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Values above that quantile are set to it, so that one large order does not decide. Both arms must be cut together."""
    array = np.asarray(values, dtype=float)
    return np.minimum(array, np.quantile(array, share)) if len(array) else array


def cuped(values: npt.ArrayLike, before: npt.ArrayLike) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Values with what the same person did before taken off; the mean stays. Both arms must be adjusted together.

    Source: Deng, Xu, Kohavi & Walker, WSDM 2013.
    """
    y, x = np.asarray(values, dtype=float), np.asarray(before, dtype=float)
    spread = float(x.var(ddof=1)) if len(x) > 1 else 0.0
    if spread == 0:
        return y
    theta = float(np.cov(x, y, ddof=1)[0, 1]) / spread
    adjusted: np.ndarray[tuple[int], np.dtype[np.float64]] = y - theta * (x - x.mean())
    return adjusted
