"""Planted bugs. Each must turn the simulation red, or the simulation would not notice the real one either."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from siyu.act.gateway.model.calls import Call, CallState, Claim
from siyu.act.gateway.model.doubts import Doubt, Finding, Listed
from siyu.act.gateway.model.guards import Reach
from siyu.act.gateway.model.replies import Outcome, Refused, Unclear
from siyu.act.gateway.model.tasks import Task
from siyu.kernel.ids import CallId, CustomerId
from tests.sim.books import DictBooks
from tests.sim.life import Mutation
from tests.sim.wecom import SimWeCom


class BlindRetry(DictBooks):
    def record(self, claim: Claim, outcome: Outcome) -> bool:
        return super().record(claim, Refused(outcome.reason, 5.0) if isinstance(outcome, Unclear) else outcome)


class RetryAfterLease(DictBooks):
    def lapse(self, call: Call) -> Call:
        return replace(call, state=CallState.READY)


class NoClaim(DictBooks):
    """The claim is written, but not before the request has gone out: others see the call as ready."""

    def claim(self) -> Claim | None:
        claim = super().claim()
        if claim is not None:
            self.calls[claim.call_id] = replace(self.calls[claim.call_id], state=CallState.READY)
        return claim

    def record(self, claim: Claim, outcome: Outcome) -> bool:
        self.calls[claim.call_id] = replace(self.calls[claim.call_id], state=CallState.CLAIMED)
        return super().record(claim, outcome)


class NoFencing(DictBooks):
    """Whoever comes back late writes over what others have found out since."""

    def record(self, claim: Claim, outcome: Outcome) -> bool:
        self.calls[claim.call_id] = replace(self.calls[claim.call_id], state=CallState.CLAIMED, epoch=claim.epoch)
        return super().record(claim, outcome)


class CapOutside(DictBooks):
    """Promotions are counted once at the start, and the count is believed ever after."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._counted: dict[CustomerId, int] = {}

    def reach(self, customer: CustomerId) -> Reach:
        known = super().reach(customer)
        return replace(known, promotions_this_week=self._counted.setdefault(customer, known.promotions_this_week))

    def take(self, customer: CustomerId, on: date) -> bool:
        super().take(customer, on)
        return True


class KeepsQuota(DictBooks):
    def give_back(self, customer: CustomerId, on: date) -> None:
        pass


class ForgetsOptOut(DictBooks):
    def drop_opted_out(self, call_id: CallId) -> None:
        pass


class NightInLondon(DictBooks):
    """Quiet hours and weeks by UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"tz": ZoneInfo("UTC")})


class NeverWithdraws(DictBooks):
    def withdrawals(self) -> list[Task]:
        return []


class TwoOpenCalls(DictBooks):
    """A task without a marker is anybody's: whose it is already nobody asks."""

    def owners(self, corp_id: str, msgids: Any) -> Mapping[str, CallId]:
        return {}

    def conclude(self, doubt: Doubt, finding: Finding) -> None:
        taken, self.tasks = self.tasks, {}
        super().conclude(doubt, finding)
        self.tasks = taken | self.tasks


class Markless(SimWeCom):
    """The list is read, but nothing in it is recognised."""

    def listing(self, corp_id: str, since: datetime, until: datetime) -> list[Listed]:
        return [replace(task, text="", links=()) for task in super().listing(corp_id, since, until)]


MUTATIONS = (
    Mutation("blind retry", books=BlindRetry),
    Mutation("retry when the lease is over", books=RetryAfterLease),
    Mutation("no claim", books=NoClaim),
    Mutation("no fencing", {"frozen_with_reply": 0.5, "token_refused": 0.3, "lost_reply": 0.3}, books=NoFencing),
    Mutation("settle zero", policy=lambda policy: replace(policy, settle_seconds=0, settle_most_seconds=0)),
    Mutation("one absence is enough", {"listing_moves": 0.5, "lost_reply": 0.3}, policy=lambda policy: replace(policy, absences_needed=1)),
    Mutation("cap outside the transaction", books=CapOutside),
    Mutation("quota never returned", books=KeepsQuota),
    Mutation("opt-out not asked again", {"opts_out": 1.0, "lost_request": 0.5}, books=ForgetsOptOut),
    Mutation("local time", books=NightInLondon),
    Mutation("tasks never withdrawn", books=NeverWithdraws),
    Mutation("tasks taken from others", {"lost_reply": 0.4}, books=TwoOpenCalls),
    Mutation("no marker", platform=Markless),
    Mutation("stale worker starts all the same", {"frozen": 0.1, "stopped": 1.0}, policy=lambda policy: replace(policy, start_within_seconds=1e9)),
)
