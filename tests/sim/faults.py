"""What goes wrong, each with a probability that the seed draws; half of the kinds stay away in any one run, so that each is also seen alone."""

import random
from collections import Counter
from collections.abc import Mapping

PLATFORM = {
    "connect_error": 0.10,
    "lost_request": 0.12,
    "lost_reply": 0.15,
    "late_apply": 0.15,
    "busy_without_effect": 0.08,
    "busy_with_effect": 0.10,
    "rate_minute": 0.05,
    "rate_hour": 0.02,
    "rate_day": 0.008,
    "too_parallel": 0.5,
    "token_refused": 0.05,
    "address_not_trusted": 0.04,
    "right_lost": 0.04,
    "slow": 0.08,
    "broken_body": 0.10,
    "server_error": 0.06,
    "unheard_of_code": 0.03,
    "partly_failed": 0.15,
    "nobody_reachable": 0.02,
    "sender_invalid": 0.02,
    "being_dispatched": 0.5,
    "listing_lag": 0.6,
    "listing_moves": 0.4,
    "read_fails": 0.10,
    "cancel_reply_lost": 0.3,
    "confirms_late": 0.4,
    "never_confirms": 0.1,
    "confirms_half": 0.2,
    "member_leaves": 0.1,
    "customer_deletes": 0.1,
    "cap_elsewhere": 0.1,
    "clock_skew": 1.0,
    "customers_unlisted": 1.0,
}
OURS = {
    "crash_before": 0.015,
    "crash_after": 0.02,
    "commit_lost": 0.02,
    "serialization": 0.03,
    "pool_empty": 0.01,
    "frozen": 0.02,
    "frozen_with_reply": 0.15,
    "opts_out": 1.0,
    "stopped": 0.3,
    "turn_of_day": 0.4,
    "clock_wrong": 0.8,
    "clock_jumps": 0.8,
}
KINDS = {**PLATFORM, **OURS}


class Faults:
    """The faults of one run. `fired` counts what really happened; after `hold` nothing more goes wrong. `always` sets odds by hand."""

    def __init__(self, rng: random.Random, always: Mapping[str, float] | None = None) -> None:
        self._rng = rng
        self._odds = {kind: odds * rng.uniform(0.5, 1.5) for kind, odds in KINDS.items() if rng.random() < 0.5} | dict(always or {})
        self.fired: Counter[str] = Counter()
        self.over = False

    def hit(self, kind: str) -> bool:
        """Whether this kind strikes now. Draws nothing when the kind stays away, so that a kind can be added without disturbing the others' meaning."""
        odds = self._odds.get(kind)
        if odds is None or self.over or self._rng.random() >= odds:
            return False
        self.fired[kind] += 1
        return True

    def hold(self) -> None:
        self.over = True
