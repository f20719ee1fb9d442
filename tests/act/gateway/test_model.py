"""The pure decisions, case by case. What they come to together is the simulation's matter."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.act.gateway.model import policy as policies
from siyu.act.gateway.model.actions import LINK, Action, ActionId, Card, Content, Purpose, fingerprint, marked, marker
from siyu.act.gateway.model.arms import Arm, draw
from siyu.act.gateway.model.calls import Call, CallState, after, group, too_late
from siyu.act.gateway.model.doubts import Absent, Adopt, Doubt, Listed, Proof, Wait, candidates, conclude
from siyu.act.gateway.model.guards import Allow, Circumstances, Contact, Hold, Reach, Refuse, choose, judge
from siyu.act.gateway.model.intents import FINAL, MOVES, ImpossibleMove, Intent, IntentState
from siyu.act.gateway.model.policy import Policy, Quiet, ReceiverRule, allowance, quiet_until, raised_settle
from siyu.act.gateway.model.replies import Accepted, Refused, Unclear, classify, lengthened, skip_reason
from siyu.act.gateway.model.tasks import Reading, Row, Status, Task, keep_one, settle_row, withdraw_reason
from siyu.connectors.wecom.sandbox.town import allowance as theirs
from siyu.kernel.ids import CallId, CustomerId

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""A Monday, twelve in Shanghai."""
SENDER = Contact("ww1", None, "guide01", "wm1", NOON - timedelta(days=3), NOON - timedelta(days=90))
POLICY = Policy()


def a_customer(number: int = 1) -> CustomerId:
    return CustomerId(UUID(int=number))


def an_action(**changes: Any) -> Action:
    return replace(
        Action(ActionId(UUID(int=7)), UUID(int=8), Purpose.PROMOTION, Content("hello"), NOON, NOON + timedelta(days=2), "salt", approved=True), **changes
    )


def reached(**changes: Any) -> Reach:
    return replace(Reach(a_customer(), (SENDER,)), **changes)


def at(instant: datetime = NOON, **changes: Any) -> Circumstances:
    return replace(Circumstances(instant, SHANGHAI), **changes)


def a_call(**changes: Any) -> Call:
    id = CallId(UUID(int=3))
    body = Content("hello", Card("sale", f"https://s/{marker(id)}"))
    return replace(Call(id, an_action().id, "ww1", "guide01", "f", marker(id), body, date(2026, 3, 2)), **changes)


class TestDraw:
    @given(st.uuids(), st.text(max_size=8), st.integers(0, 10_000))
    def test_says_the_same_for_ever(self, person: UUID, salt: str, share: int) -> None:
        assert draw(salt, CustomerId(person), share) is draw(salt, CustomerId(person), share)

    @given(st.uuids(), st.integers(0, 9_999))
    def test_a_larger_share_only_adds_people(self, person: UUID, share: int) -> None:
        if draw("s", CustomerId(person), share) is Arm.HOLDOUT:
            assert draw("s", CustomerId(person), share + 1) is Arm.HOLDOUT

    def test_holds_out_the_share_asked_for(self) -> None:
        held = sum(draw("s", a_customer(number), 1_000) is Arm.HOLDOUT for number in range(20_000))
        assert 1_850 < held < 2_150

    def test_salts_are_independent(self) -> None:
        one = {number for number in range(20_000) if draw("one", a_customer(number), 1_000) is Arm.HOLDOUT}
        both = sum(draw("two", a_customer(number), 1_000) is Arm.HOLDOUT for number in one)
        assert 0.06 < both / len(one) < 0.14

    def test_nothing_and_everything(self) -> None:
        assert {draw("s", a_customer(number), 0) for number in range(100)} == {Arm.TREATED}
        assert {draw("s", a_customer(number), 10_000) for number in range(100)} == {Arm.HOLDOUT}

    def test_refuses_an_impossible_share(self) -> None:
        with pytest.raises(ValueError, match="basis points"):
            draw("s", a_customer(), 10_001)


class TestGuards:
    def test_allows_an_ordinary_promotion_at_noon(self) -> None:
        assert judge(an_action(), reached(), at()) == Allow()

    @pytest.mark.parametrize(
        ("action", "reach", "when", "reason"),
        [
            ({}, {"opted_out": True}, {}, "opted_out"),
            ({"purpose": Purpose.SERVICE}, {"opted_out": True}, {}, "opted_out"),
            ({}, {"contacts": ()}, {}, "no_relation"),
            ({}, {"promotions_this_week": 1}, {}, "frequency_cap"),
            ({}, {"promotions_this_week": 1, "reached_elsewhere": 1}, {}, "frequency_cap"),
            ({}, {"reached_elsewhere": 1}, {}, "recently_reached_elsewhere"),
            ({}, {"promotions_this_week": 1, "reached_elsewhere": 1}, {"policy": Policy(promotions_a_week=2)}, "recently_reached_elsewhere"),
            ({"purpose": Purpose.SERVICE}, {"received": 31}, {}, "over_limit"),
            ({"lifts_cap": True}, {"received": 7}, {"policy": Policy(receiver_rule="week7")}, "over_limit"),
            ({"purpose": Purpose.SERVICE}, {"received": 1}, {"policy": Policy(receiver_rule="daily")}, "over_limit"),
            ({}, {}, {"words": ("赌博",)}, "blocked_words"),
            ({"approved": False}, {}, {}, "not_approved"),
            ({"cost_fen": 5}, {}, {"budget_fen": 4}, "over_budget"),
        ],
    )
    def test_each_refuses_with_its_reason(self, action: dict[str, Any], reach: dict[str, Any], when: dict[str, Any], reason: str) -> None:
        assert judge(an_action(**action), reached(**reach), at(**when)) == Refuse(reason)

    def test_the_first_refusal_stands(self) -> None:
        assert judge(an_action(approved=False), reached(opted_out=True, contacts=()), at(words=("x",))) == Refuse("opted_out")

    def test_a_refusal_outweighs_a_hold(self) -> None:
        assert judge(an_action(approved=False), reached(), at(NOON + timedelta(hours=10))) == Refuse("not_approved")

    def test_the_cap_does_not_stop_service_nor_a_pulse(self) -> None:
        capped = reached(promotions_this_week=3, reached_elsewhere=2)
        assert judge(an_action(purpose=Purpose.SERVICE), capped, at()) == Allow()
        assert judge(an_action(lifts_cap=True), capped, at()) == Allow()

    @pytest.mark.parametrize(("rule", "most"), [("month", 31), ("week7", 7), ("daily", 1), ("month4", 4)])
    def test_what_wecom_lets_a_customer_receive_is_used_to_the_last(self, rule: ReceiverRule, most: int) -> None:
        service, when = an_action(purpose=Purpose.SERVICE), at(policy=Policy(receiver_rule=rule))
        assert judge(service, reached(received=most - 1), when) == Allow()
        assert judge(service, reached(received=most), when) == Refuse("over_limit")

    def test_promotions_wait_for_the_morning(self) -> None:
        night = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
        assert judge(an_action(), reached(), at(night)) == Hold(datetime(2026, 3, 3, 1, 0, tzinfo=UTC), "quiet_hours")
        assert judge(an_action(purpose=Purpose.SERVICE), reached(), at(night)) == Allow()

    def test_who_would_wait_in_vain_is_refused_at_once(self) -> None:
        night = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
        assert judge(an_action(expires_at=datetime(2026, 3, 3, 1, 0, tzinfo=UTC)), reached(), at(night)) == Refuse("quiet_hours")


class TestQuiet:
    @pytest.mark.parametrize(("start", "end", "hours"), [(21, 9, 12), (9, 21, 12), (0, 20, 4), (12, 12, 24), (23, 1, 22)])
    def test_what_is_left_of_the_day(self, start: int, end: int, hours: int) -> None:
        assert Quiet(time(start), time(end)).open == timedelta(hours=hours)


class TestAllowance:
    @pytest.mark.parametrize("rule", ["month", "week7", "daily", "month4"])
    @pytest.mark.parametrize("day", [date(2026, 3, 1), date(2026, 3, 2), date(2028, 2, 29), date(2026, 12, 31)])
    def test_is_the_platforms(self, rule: ReceiverRule, day: date) -> None:
        start, most = theirs.allowance(rule, datetime(day.year, day.month, day.day, 13, tzinfo=SHANGHAI).timestamp(), SHANGHAI)
        assert allowance(rule, day) == (datetime.fromtimestamp(start, SHANGHAI).date(), most)


class TestSender:
    @pytest.mark.parametrize("hindrance", ["left", "disabled", "not_activated", "no_permission", "no_licence"])
    def test_nobody_who_may_send_is_told_with_the_reason(self, hindrance: str) -> None:
        assert judge(an_action(), reached(contacts=(replace(SENDER, hindrance=hindrance),)), at(NOON)) == Refuse(f"sender_{hindrance}")

    def test_one_who_may_is_enough_and_is_asked(self) -> None:
        free = replace(SENDER, sender="z", last_talked_at=None)
        both = (replace(SENDER, hindrance="disabled"), free)
        assert judge(an_action(), reached(contacts=both), at(NOON)) == Allow()
        assert choose(both) == free


class TestChoose:
    def test_who_last_talked_is_asked(self) -> None:
        earlier = replace(SENDER, sender="a", last_talked_at=NOON - timedelta(days=9))
        silent = replace(SENDER, sender="b", last_talked_at=None)
        assert choose([earlier, SENDER, silent]) == SENDER

    def test_else_who_knows_the_customer_longest(self) -> None:
        old, new = (replace(SENDER, sender=name, last_talked_at=None, added_at=NOON - timedelta(days=days)) for name, days in (("z", 99), ("a", 9)))
        assert choose([new, old]) == old

    def test_order_plays_no_part(self) -> None:
        twins = [replace(SENDER, sender=name) for name in ("b", "a")]
        assert choose(twins) == choose(twins[::-1])


class TestQuietHours:
    @pytest.mark.parametrize(
        ("here", "ends"),
        [
            ("2026-03-02T20:59:59.999", None),
            ("2026-03-02T21:00:00", "2026-03-03T09:00:00"),
            ("2026-03-02T23:59:59.999", "2026-03-03T09:00:00"),
            ("2026-03-03T00:00:00", "2026-03-03T09:00:00"),
            ("2026-03-03T08:59:59.999", "2026-03-03T09:00:00"),
            ("2026-03-03T09:00:00", None),
            ("2026-02-28T22:00:00", "2026-03-01T09:00:00"),
            ("2026-12-31T22:00:00", "2027-01-01T09:00:00"),
        ],
    )
    def test_over_midnight(self, here: str, ends: str | None) -> None:
        found = quiet_until(datetime.fromisoformat(here).replace(tzinfo=SHANGHAI).astimezone(UTC), SHANGHAI, Quiet())
        assert found == (datetime.fromisoformat(ends).replace(tzinfo=SHANGHAI) if ends else None)

    def test_within_a_day_and_never(self) -> None:
        siesta = Quiet(time(12), time(14))
        assert quiet_until(NOON, SHANGHAI, siesta) == NOON + timedelta(hours=2)
        assert quiet_until(NOON, SHANGHAI, Quiet(time(12), time(12))) is None

    def test_end_by_the_wall_clock_when_the_clocks_change(self) -> None:
        berlin, before = ZoneInfo("Europe/Berlin"), datetime(2026, 3, 28, 21, 0, tzinfo=UTC)
        assert quiet_until(before, berlin, Quiet()) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)

    def test_the_last_minute_before_counts_the_first_after_does_not(self) -> None:
        evening = datetime(2026, 3, 2, 12, 59, 30, tzinfo=UTC)
        morning = datetime(2026, 3, 3, 0, 59, 30, tzinfo=UTC)
        assert policies.quiet_soon(evening, SHANGHAI, POLICY) is not None
        assert policies.quiet_soon(morning, SHANGHAI, POLICY) is not None
        assert policies.quiet_soon(morning + timedelta(seconds=30), SHANGHAI, POLICY) is None


class TestPolicy:
    def test_comes_back_as_it_was_stored(self) -> None:
        odd = replace(Policy(), quiet=Quiet(time(22, 30), time(8, 15)), call_size=77, margin=timedelta(minutes=7))
        assert Policy.read(odd.stored()) == odd

    def test_a_field_of_a_later_release_has_its_default(self) -> None:
        assert Policy.read({"call_size": 5}) == Policy(call_size=5)

    def test_settle_time_only_grows_and_not_for_ever(self) -> None:
        assert raised_settle(900, 100, 3600) == 900
        assert raised_settle(900, 700, 3600) == 1400
        assert raised_settle(900, 99_999, 3600) == 3600


class TestIntent:
    def test_no_way_leads_out_of_an_end(self) -> None:
        assert {state for state in IntentState if not MOVES[state]} == FINAL
        with pytest.raises(ImpossibleMove):
            Intent(an_action().id, a_customer(), Arm.TREATED, IntentState.SENT).skip("late")

    def test_whoever_stops_waiting_holds_no_quota(self) -> None:
        held = Intent(an_action().id, a_customer(), Arm.TREATED).reserve(SENDER, date(2026, 3, 2))
        for moved in (held.replan("day_over"), held.skip("opted_out"), held.end(IntentState.EXPIRED, "expired")):
            assert moved.quota_on is None

    def test_giving_up_follows_from_the_reason(self) -> None:
        assert after("stopped")[0] is IntentState.CANCELLED
        assert after("expired")[0] is IntentState.EXPIRED
        assert after("quiet_hours")[0] is IntentState.PLANNED


class TestGroup:
    @given(st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from("abc")), unique_by=lambda it: it[0], max_size=60), st.integers(1, 20))
    def test_everybody_is_in_one_call_of_their_sender(self, people: list[tuple[int, str]], size: int) -> None:
        intents = [Intent(an_action().id, a_customer(n), Arm.TREATED).reserve(replace(SENDER, sender=who), None) for n, who in people]
        batches = group(intents, size)
        assert sorted(it.customer_id for _, _, members in batches for it in members) == sorted(it.customer_id for it in intents)
        for _, sender, members in batches:
            assert 1 <= len(members) <= size
            assert {it.contact.sender for it in members if it.contact} == {sender}
        assert batches == group(intents[::-1], size)
        calls_of = {who: sum(sender == who for _, sender, _ in batches) for who in "abc"}
        for who, count in calls_of.items():
            assert count == -(-sum(sender == who for _, sender in people) // size)


class TestTooLate:
    def test_a_reservation_is_good_for_its_day(self) -> None:
        call, action = a_call(), an_action()

        def reason(now: datetime, action: Action = action) -> str | None:
            return too_late(action, call.reserved_on, now=now, tz=SHANGHAI, policy=POLICY)

        assert reason(NOON) is None
        assert reason(NOON + timedelta(days=1)) == "day_over"
        assert reason(NOON + timedelta(hours=9)) == "quiet_hours"
        assert reason(NOON + timedelta(days=2)) == "expired"
        assert reason(NOON, replace(action, stopped_at=NOON)) == "stopped"
        assert reason(NOON + timedelta(hours=9), replace(action, purpose=Purpose.SERVICE)) is None


class TestReplies:
    @pytest.mark.parametrize("code", [-1, 777001, 40071, 6000])
    def test_what_nobody_has_listed_is_unclear(self, code: int) -> None:
        assert isinstance(classify(code), Unclear)

    def test_success_needs_a_msgid(self) -> None:
        assert classify(0, msgid="m1", fail_list=["a"]) == Accepted("m1", ("a",))
        assert isinstance(classify(0), Unclear)

    @pytest.mark.parametrize("code", [40014, 42001, 60020, 48002, 45009])
    def test_the_whole_corp_waits(self, code: int) -> None:
        refused = classify(code)
        assert isinstance(refused, Refused) and refused.pauses == "corp" and refused.wait_seconds is not None

    def test_too_many_at_a_time_delays_one_call(self) -> None:
        assert classify(45033) == Refused("45033", 2.0, "call")

    @pytest.mark.parametrize(("code", "reason"), [(41048, "nobody_reachable"), (40003, "sender_gone"), (40201, "anti_spam"), (40058, "platform_refused")])
    def test_some_are_final(self, code: int, reason: str) -> None:
        refused = classify(code)
        assert isinstance(refused, Refused) and refused.wait_seconds is None
        assert skip_reason(refused) == reason

    def test_rate_blocks_are_waited_out_ever_longer(self) -> None:
        waits = [it.wait_seconds for strikes in range(4) if isinstance(it := lengthened(classify(45009), strikes), Refused)]
        assert waits == [60, 3_600, 86_400, 86_400]


class TestCall:
    def test_an_absence_is_believed_after_the_settle_time_and_twice(self) -> None:
        call = a_call(state=CallState.UNKNOWN, doubt_at=NOON)

        def looked(call: Call, seconds: float) -> Call:
            return call.absent(looked_at=NOON + timedelta(seconds=seconds), settle_seconds=900, policy=POLICY)

        assert looked(call, 899) == call
        once = looked(call, 900)
        assert once.state is CallState.UNKNOWN and once.absences == 1
        assert looked(once, 930).state is CallState.UNKNOWN
        assert looked(once, 960).state is CallState.READY

    def test_a_lease_that_is_over_leaves_a_doubt_from_its_end(self) -> None:
        claimed = a_call().claim(now=NOON, machine=NOON, policy=POLICY)
        lapsed = claimed.lapse()
        assert (lapsed.state, lapsed.doubt_at, lapsed.doubted) == (CallState.UNKNOWN, NOON + timedelta(seconds=60), True)

    def test_each_claim_has_its_epoch_and_the_first_try_stays(self) -> None:
        first = a_call().claim(now=NOON, machine=NOON, policy=POLICY)
        again = first.record(Refused("x", 5.0), machine=NOON).claim(now=NOON + timedelta(hours=1), machine=NOON, policy=POLICY)
        assert (again.epoch, again.tries, again.first_try_at) == (2, 2, NOON)


class TestMarker:
    def test_is_in_the_link_wherever_the_link_is(self) -> None:
        url = f"https://s/{marker(CallId(UUID(int=3)))}"
        assert url in marked(Content(f"look {LINK}", target_url="https://shop"), url).text
        card = marked(Content("look", Card("sale", "https://shop")), url).card
        assert card is not None and card.url == url

    def test_words_tell_contents_apart_markers_do_not(self) -> None:
        assert fingerprint(Content("a")) != fingerprint(Content("b"))
        assert fingerprint(Content("a", Card("t", "u"))) != fingerprint(Content("a"))

    def test_neighbours_differ(self) -> None:
        assert len({marker(CallId(UUID(int=number))) for number in range(10_000)}) == 10_000


class TestDoubts:
    LINKED = a_call().body
    OURS = Listed("m1", NOON, "hello", (f"https://s/{a_call().marker}",))

    def doubt(self, **changes: Any) -> Doubt:
        call = a_call()
        people = frozenset({"wm1", "wm2"})
        return replace(Doubt(call.id, call.action_id, 1, "ww1", "guide01", call.marker, call.body, people, NOON, NOON, NOON, False), **changes)

    def proof(self, members: str = "guide01", customers: tuple[str, ...] = ("wm1",)) -> Proof:
        return Proof(frozenset({members}), frozenset(customers))

    def test_the_marked_task_is_adopted_with_those_it_accepted(self) -> None:
        found = candidates(self.doubt(), [self.OURS, Listed("m2", NOON, "hello")], ())
        assert found == [self.OURS]
        assert conclude(self.doubt(), found, {"m1": self.proof()}) == Adopt(self.OURS)

    def test_a_task_listed_twice_is_one_task(self) -> None:
        assert candidates(self.doubt(), [self.OURS, self.OURS], ()) == [self.OURS]

    def test_a_task_of_another_call_is_not_ours(self) -> None:
        assert candidates(self.doubt(), [self.OURS], {"m1"}) == []

    @pytest.mark.parametrize("strange", [("other", ("wm1",)), ("guide01", ("wm9",))])
    def test_strangers_rule_it_out(self, strange: tuple[str, tuple[str, ...]]) -> None:
        assert conclude(self.doubt(), [self.OURS], {"m1": self.proof(*strange)}) == Absent()

    def test_what_is_being_dispatched_is_waited_for(self) -> None:
        assert conclude(self.doubt(), [self.OURS], {"m1": None}) == Wait()

    def test_the_oldest_stands_the_others_are_surplus(self) -> None:
        later = replace(self.OURS, msgid="m0", created_at=NOON + timedelta(minutes=1))
        found = candidates(self.doubt(), [later, self.OURS], ())
        assert conclude(self.doubt(), found, {"m0": self.proof(), "m1": self.proof()}) == Adopt(self.OURS, (later,))

    def test_words_alone_prove_nothing_before_the_settle_time(self) -> None:
        wordy = self.doubt(body=Content("hello"))
        task, silent = Listed("m1", NOON, "hello"), {"m1": self.proof(customers=())}
        assert conclude(wordy, [task], silent) == Wait()
        assert conclude(replace(wordy, settled=True), [task], silent) == Adopt(task)

    def test_nothing_found_is_absent(self) -> None:
        assert conclude(self.doubt(), [], {}) == Absent()


class TestTasks:
    def waiting(self) -> Intent:
        return Intent(an_action().id, a_customer(), Arm.TREATED).reserve(SENDER, date(2026, 3, 2)).join(a_call().id).accept()

    @pytest.mark.parametrize(
        ("status", "state", "reason"),
        [
            (Status.UNSENT, IntentState.TASK, None),
            (Status.SENT, IntentState.SENT, None),
            (Status.NOT_A_FRIEND, IntentState.SKIPPED, "not_friend"),
            (Status.HAD_OTHERS, IntentState.SKIPPED, "over_limit"),
        ],
    )
    def test_results_move_who_waits(self, status: int, state: IntentState, reason: str | None) -> None:
        moved = settle_row(self.waiting(), Row(status, NOON), "m1", NOON)
        assert (moved.state, moved.reason) == (state, reason)
        assert (moved.quota_on is None) == (state is IntentState.SKIPPED)

    def test_results_do_not_move_anybody_else(self) -> None:
        gone = self.waiting().skip("opted_out")
        assert settle_row(gone, Row(Status.SENT, NOON), "m1", NOON) == gone

    def test_why_a_task_is_withdrawn(self) -> None:
        task = Task("m1", "ww1", a_call().id, an_action().id, "guide01", NOON)

        def reason(task: Task = task, now: datetime = NOON, **changes: Any) -> str | None:
            return withdraw_reason(task, an_action(**changes), now=now, tz=SHANGHAI, policy=POLICY)

        assert reason() is None
        assert reason(replace(task, standing=False)) == "surplus"
        assert reason(stopped_at=NOON) == "stopped"
        assert reason(now=NOON + timedelta(days=2)) == "expired"
        assert reason(now=NOON + timedelta(hours=9)) == "quiet_hours"
        assert reason(now=NOON + timedelta(hours=9), purpose=Purpose.SERVICE) is None

    def test_of_two_tasks_the_one_with_sends_stays(self) -> None:
        old, new = (Task(msgid, "ww1", a_call().id, an_action().id, "guide01", NOON + timedelta(minutes=later)) for msgid, later in (("m1", 0), ("m2", 9)))
        unsent, sent = Reading(False, {"wm1": Row(Status.UNSENT)}), Reading(True, {"wm1": Row(Status.SENT, NOON)})
        assert keep_one([new, old], {"m1": unsent, "m2": unsent}).keep == "m1"
        assert keep_one([new, old], {"m1": unsent, "m2": sent}).keep == "m2"
        both = keep_one([new, old], {"m1": sent, "m2": sent})
        assert (both.keep, both.cancel, both.doubled) == ("m1", ("m2",), frozenset({"wm1"}))
