"""Money in whole minor units (fen for ¥)."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Fen = NewType("Fen", int)


def to_fen(amount: Decimal) -> Fen:
    """Yuan to fen, rounded half up once. Raises ArithmeticError for NaN and infinities."""
    return Fen(int((amount * 100).to_integral_value(rounding=ROUND_HALF_UP)))


def plain(number: Decimal) -> str:
    """Digits without exponent, sign of zero or trailing zeros: one text for one value."""
    if not number:
        return "0"
    text = str(number)
    if "E" in text:
        text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text and text[-1] == "0" else text


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` by non-negative `weights` so that the parts add up to it (largest remainder; ties go to the earlier part).

    All weights zero counts as equal weights. Raises ValueError without weights or with a negative one.
    """
    if not weights or min(weights) < 0:
        raise ValueError("share needs at least one weight and none below zero")
    if sum(weights) == 0:
        weights = [1] * len(weights)
    whole = sum(weights)
    sign = -1 if total < 0 else 1
    parts = [abs(total) * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(abs(total) * weights[i] % whole), i))
    for i in by_remainder[: abs(total) - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]
