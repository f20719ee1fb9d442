"""Randomness by name: each draw is a function of the seed and of what it is for, so the order of calls changes nothing."""

import hashlib
import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, count
from typing import Generic, TypeVar

T = TypeVar("T")
Part = str | int

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LETTERS = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))


class Draws:
    """`draws.uniform("opens", customer, 3)` is the same number in every run with this seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def digest(self, *purpose: Part) -> bytes:
        return hashlib.blake2b("\x1f".join([str(self._seed), *map(str, purpose)]).encode(), digest_size=32).digest()

    def uniform(self, *purpose: Part) -> float:
        """In [0, 1)."""
        return int.from_bytes(self.digest(*purpose)[:7], "big") / (1 << 56)

    def happens(self, rate: float, *purpose: Part) -> bool:
        return self.uniform(*purpose) < rate

    def exponential(self, mean: float, *purpose: Part) -> float:
        return -mean * math.log1p(-self.uniform(*purpose))

    def normal(self, *purpose: Part) -> float:
        radius = math.sqrt(-2 * math.log1p(-self.uniform(*purpose, "radius")))
        return radius * math.cos(2 * math.pi * self.uniform(*purpose, "angle"))

    def lognormal(self, median: float, sigma: float, *purpose: Part) -> float:
        return median * math.exp(sigma * self.normal(*purpose))

    def gamma(self, shape: float, *purpose: Part) -> float:
        """With mean `shape` and scale 1. Source: Marsaglia & Tsang, A Simple Method for Generating Gamma Variables, ACM TOMS 26 (3), 2000."""
        boost = 1.0 if shape >= 1 else (1 - self.uniform(*purpose, "boost")) ** (1 / shape)
        d = (shape if shape >= 1 else shape + 1) - 1 / 3
        for nth in count():
            x = self.normal(*purpose, nth)
            v = (1 + x / math.sqrt(9 * d)) ** 3
            if v > 0 and math.log1p(-self.uniform(*purpose, "accepted", nth)) < x * x / 2 + d - d * v + d * math.log(v):
                return boost * d * v
        raise AssertionError("counted to the end")

    def beta(self, a: float, b: float, *purpose: Part) -> float:
        """In [0, 1], with mean a / (a + b); both above 0."""
        one, other = self.gamma(a, *purpose, "a"), self.gamma(b, *purpose, "b")
        return one / (one + other) if one + other > 0 else a / (a + b)

    def integer(self, low: int, high: int, *purpose: Part) -> int:
        """In low…high, both included."""
        return low + int(self.uniform(*purpose) * (high - low + 1))

    def pick(self, items: Sequence[T], *purpose: Part) -> T:
        return items[int(self.uniform(*purpose) * len(items))]

    def letters(self, length: int, *purpose: Part) -> str:
        """Up to 64 letters and digits, for ids."""
        return hashlib.blake2b(self.digest(*purpose), digest_size=64).digest().translate(_LETTERS)[:length].decode()


class Weighted(Generic[T]):
    """Items drawn in proportion to their weights."""

    def __init__(self, items: Sequence[T], weights: Sequence[float]) -> None:
        self._items = items
        self._edges = list(accumulate(weights))

    def pick(self, draws: Draws, *purpose: Part) -> T:
        at = draws.uniform(*purpose) * self._edges[-1]
        return self._items[min(bisect_right(self._edges, at), len(self._items) - 1)]
