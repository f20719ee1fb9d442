"""One step of a town's clock."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """What a step did. `open_effects`: requests that did not get through; they are tried again."""

    events: int
    business: float
    next_at: float | None
    open_effects: int
    open_pushes: int
