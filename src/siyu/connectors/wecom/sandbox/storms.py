"""Faults drawn from one number: half of the kinds are off in any one run, the others fire now and then."""

from dataclasses import dataclass, field
from typing import Any

from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.faults import KINDS

SKEW_SECONDS = 120.0
_LASTING = ("token_refused", "code")
"""Kinds that a run does not come back from, or that need an order of their own."""
_WINDOWS = (60, 3600, 86_400)
_SPANS = {"late_apply": (10, 600), "listing_lag": (5, 60), "slow": (30, 30), "push_late": (60, 86_400), "push_shuffled": (5, 60)}
"""Bounds of `seconds`."""


@dataclass(frozen=True)
class Gust:
    """One fault of a storm, as it is ordered."""

    kind: str
    probability: float
    params: dict[str, Any] = field(default_factory=dict)


def storm(seed: int) -> list[Gust]:
    """The faults of this number; each that is on fires in one of 20 to 200 calls that it may concern."""
    draws = Draws(seed)
    kinds = [kind for kind in KINDS if kind not in _LASTING and draws.happens(0.5, "storm", kind)]
    return [Gust(kind, round(1 / draws.integer(20, 200, "storm one in", kind), 4), _params(draws, kind)) for kind in kinds]


def skew(seed: int) -> float:
    """Seconds by which the platform's clock is ahead in a storm; may be negative."""
    return round((2 * Draws(seed).uniform("storm skew") - 1) * SKEW_SECONDS)


def _params(draws: Draws, kind: str) -> dict[str, Any]:
    if kind == "rate_limited":
        return {"seconds": draws.pick(_WINDOWS, "storm window")}
    if kind == "http_500":
        return {"effect": draws.happens(0.5, "storm effect")}
    return {"seconds": draws.integer(*_SPANS[kind], "storm seconds", kind)} if kind in _SPANS else {}
