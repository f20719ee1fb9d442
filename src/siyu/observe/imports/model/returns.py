"""What is given back without having been bought. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Dealing:
    """One buyer's pieces of one thing in one document. `at`: microseconds since 1970; `row`: its first row, None when it is not of this file."""

    back: bool
    at: int
    number: str
    quantity: Decimal
    row: int | None = None


def unexplained(dealings: Sequence[Dealing]) -> list[tuple[Dealing, Decimal]]:
    """Of one buyer's dealings in one thing, the returns that give back more than was bought no later and is not given back yet, with how many pieces more.

    Returns are served in the order of time, as when purchases explain them (`orders.match_returns_of_import`).
    """
    bought = sorted((dealing.at, dealing.quantity) for dealing in dealings if not dealing.back)
    left, place, found = Decimal(0), 0, []
    for back in sorted((dealing for dealing in dealings if dealing.back), key=lambda dealing: (dealing.at, dealing.number)):
        while place < len(bought) and bought[place][0] <= back.at:
            left += bought[place][1]
            place += 1
        if back.quantity > left:
            found.append((back, back.quantity - left))
        left = max(left - back.quantity, Decimal(0))
    return found
