"""States, limits and arms, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.act.broadcasts import model
from siyu.act.broadcasts.model import (
    BadBroadcast,
    Broadcast,
    ChangedMeanwhile,
    CountDiffers,
    NobodyToReach,
    Purpose,
    SecondPersonNeeded,
    SendTimePassed,
    State,
    WrongState,
)
from siyu.act.gateway.model.arms import Arm, draw
from siyu.kernel.ids import BroadcastId, CustomerId, MaterialId, SegmentId

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIST = UUID(int=9)
CROWD = [CustomerId(UUID(int=number * 0x9E3779B97F4A7C15)) for number in range(2_000)]


def a_broadcast(**changes: Any) -> Broadcast:
    ids = BroadcastId(UUID(int=1)), SegmentId(UUID(int=2)), MaterialId(UUID(int=3))
    plain = Broadcast(ids[0], "春茶", ids[1], ids[2], Purpose.PROMOTION, 1000, 7, None, State.DRAFT, "user:a", NOW)
    return replace(plain, **changes)


def waiting(**changes: Any) -> Broadcast:
    """One that `user:a` has submitted for twelve people and somebody must approve."""
    return a_broadcast(**{"state": State.AWAITING, "submitted_by": "user:a", "frozen_id": LIST, "frozen_count": 12} | changes)


def submit(broadcast: Broadcast, *, people: int = 12, needs_approval: bool = False) -> Broadcast:
    return model.submit(broadcast, by="user:a", frozen_id=LIST, frozen_count=people, needs_approval=needs_approval, now=NOW)


def approve(broadcast: Broadcast, *, by: str = "user:b", alone: bool = False, typed: int | None = None) -> Broadcast:
    return model.approve(broadcast, by=by, alone=alone, typed=typed, now=NOW)


class TestCheck:
    @pytest.mark.parametrize("given", [("春", 0, 1), ("字" * 60, 5000, 60), (" 春 ", 1, 30)])
    def test_the_limits_themselves_pass(self, given: tuple[str, int, int]) -> None:
        model.check(*given)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            (("", 0, 1), "name"),
            ((" \n", 0, 1), "name"),
            (("字" * 61, 0, 1), "name"),
            (("春", -1, 1), "holdout_bp"),
            (("春", 5001, 1), "holdout_bp"),
            (("春", 0, 0), "horizon_days"),
            (("春", 0, 61), "horizon_days"),
        ],
    )
    def test_names_the_field(self, given: tuple[str, int, int], field: str) -> None:
        with pytest.raises(BadBroadcast) as refused:
            model.check(*given)
        assert refused.value.params["field"] == field


class TestSubmit:
    def test_fixes_the_list_and_leaves_a_minute_to_stop(self) -> None:
        done = submit(a_broadcast(rejection="too long"))
        assert (done.state, done.starts_at, done.submitted_by) == (State.SCHEDULED, NOW + timedelta(seconds=60), "user:a")
        assert (done.frozen_id, done.frozen_count, done.rejection) == (LIST, 12, None)

    def test_waits_for_the_second_person_without_a_time(self) -> None:
        done = submit(a_broadcast(), needs_approval=True)
        assert (done.state, done.starts_at, done.approved_by) == (State.AWAITING, None, None)

    @pytest.mark.parametrize(("ahead", "starts"), [(timedelta(0), timedelta(seconds=60)), (timedelta(seconds=59), timedelta(seconds=60)), (HOUR, HOUR)])
    def test_never_starts_before_its_time_nor_within_the_minute(self, ahead: timedelta, starts: timedelta) -> None:
        assert submit(a_broadcast(send_at=NOW + ahead)).starts_at == NOW + starts

    def test_refuses_what_is_past_and_what_reaches_nobody(self) -> None:
        with pytest.raises(SendTimePassed):
            submit(a_broadcast(send_at=NOW - timedelta(seconds=1)))
        with pytest.raises(NobodyToReach):
            submit(a_broadcast(), people=0)


class TestApprove:
    def test_another_person_lets_it_go_in_a_minute(self) -> None:
        done = approve(waiting())
        assert (done.state, done.approved_by, done.starts_at) == (State.SCHEDULED, "user:b", NOW + timedelta(seconds=60))

    def test_keeps_the_time_that_was_chosen_unless_it_has_passed(self) -> None:
        assert approve(waiting(send_at=NOW + HOUR)).starts_at == NOW + HOUR
        assert approve(waiting(send_at=NOW - HOUR)).starts_at == NOW + timedelta(seconds=60)

    def test_not_the_person_who_submitted_it(self) -> None:
        with pytest.raises(SecondPersonNeeded):
            approve(waiting(), by="user:a", typed=12)

    @pytest.mark.parametrize("typed", [None, 0, 11, 13])
    def test_who_is_alone_types_the_right_number(self, typed: int | None) -> None:
        with pytest.raises(CountDiffers) as refused:
            approve(waiting(), by="user:a", alone=True, typed=typed)
        assert refused.value.params == {"typed": typed, "count": 12}
        assert approve(waiting(), by="user:a", alone=True, typed=12).state is State.SCHEDULED

    def test_a_number_that_anybody_types_must_be_right(self) -> None:
        with pytest.raises(CountDiffers):
            approve(waiting(), typed=11)
        assert approve(waiting(), typed=12).state is State.SCHEDULED


class TestReject:
    def test_gives_back_a_draft_without_a_list(self) -> None:
        back = model.reject(waiting(), "  错别字 ")
        assert (back.state, back.rejection, back.frozen_id, back.frozen_count) == (State.DRAFT, "错别字", None, None)
        assert submit(back).state is State.SCHEDULED

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_says_why(self, reason: str) -> None:
        with pytest.raises(BadBroadcast):
            model.reject(waiting(), reason)


ACTS: dict[str, Any] = {
    "revise": lambda it: model.revise(it, name="夏茶"),
    "submit": submit,
    "approve": approve,
    "reject": lambda it: model.reject(it, "错别字"),
    "start": lambda it: model.start(it, NOW),
    "stop": lambda it: model.stop(it, NOW),
    "finish": lambda it: model.finish(it, NOW),
}
ALLOWED = {
    State.DRAFT: {"revise", "submit"},
    State.AWAITING: {"approve", "reject", "stop"},
    State.SCHEDULED: {"start", "stop"},
    State.SENDING: {"stop", "finish"},
    State.DONE: set[str](),
    State.STOPPED: set[str](),
}


class TestStates:
    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize("state", State)
    def test_each_act_has_its_states(self, state: State, act: str) -> None:
        broadcast = waiting(state=state)
        if act in ALLOWED[state]:
            assert ACTS[act](broadcast) != broadcast
            return
        with pytest.raises(WrongState) as refused:
            ACTS[act](broadcast)
        assert refused.value.params["state"] == state


class TestVersion:
    def test_a_change_makes_the_next_one(self) -> None:
        before = a_broadcast(version=3, changed_by="user:a")
        after = model.next_version(before, model.revise(before, name="夏茶"), by="user:b")
        assert (after.name, after.version, after.changed_by) == ("夏茶", 4, "user:b")

    def test_what_changes_nothing_makes_none(self) -> None:
        before = a_broadcast(version=3, changed_by="user:a")
        assert model.next_version(before, model.revise(before, name=before.name), by="user:b") == before

    def test_another_than_was_looked_at_is_refused(self) -> None:
        broadcast = a_broadcast(version=3, changed_by="user:a")
        model.looked_at(broadcast, 3)
        model.looked_at(broadcast, None)
        with pytest.raises(ChangedMeanwhile) as refused:
            model.looked_at(broadcast, 2)
        assert refused.value.params == {"version": 3, "by": "user:a"}


class TestRevise:
    def test_changes_what_is_given(self) -> None:
        revised = model.revise(a_broadcast(send_at=NOW), name=" 夏茶 ", purpose="service", send_at=None)
        assert (revised.name, revised.purpose, revised.send_at, revised.holdout_bp) == ("夏茶", Purpose.SERVICE, None, 1000)

    def test_keeps_to_the_limits(self) -> None:
        with pytest.raises(BadBroadcast):
            model.revise(a_broadcast(), holdout_bp=5001)


class TestArms:
    """As broadcasts draw them: one salt a broadcast. Six standard deviations: a right draw fails once in a hundred million."""

    @settings(max_examples=60)
    @given(broadcast=st.uuids(version=4), holdout_bp=st.integers(0, 5000))
    def test_hold_out_the_share_of_each_broadcast(self, broadcast: UUID, holdout_bp: int) -> None:
        share, held = holdout_bp / 10_000, sum(draw(f"broadcast:{broadcast}", person, holdout_bp) is Arm.HOLDOUT for person in CROWD)
        assert abs(held - share * len(CROWD)) <= 6 * sqrt(len(CROWD) * share * (1 - share))

    @settings(max_examples=60)
    @given(one=st.uuids(version=4), other=st.uuids(version=4))
    def test_two_broadcasts_hold_out_different_people(self, one: UUID, other: UUID) -> None:
        if one == other:
            return
        both = sum(draw(f"broadcast:{one}", person, 2000) is draw(f"broadcast:{other}", person, 2000) is Arm.HOLDOUT for person in CROWD)
        assert abs(both - 0.04 * len(CROWD)) <= 6 * sqrt(len(CROWD) * 0.04 * 0.96)
