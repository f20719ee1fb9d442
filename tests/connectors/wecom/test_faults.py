"""Every fault of the sandbox over real HTTP, and the class of exception the client makes of it."""

from pathlib import Path

import pytest

from siyu.connectors.wecom import Action, NotSent, OutcomeUnknown, Refused, Unavailable, WeCom
from siyu.connectors.wecom.sandbox import storms
from siyu.connectors.wecom.sandbox.faults import CALL_FAULTS, KINDS
from tests.connectors.wecom.conftest import Build, Place

CREATE = "externalcontact/add_msg_template"
READ = "externalcontact/get_follow_user_list"
UNKNOWN_WITH_EFFECT = ("timeout_after", "reset_after", "busy_after", "cut_body", "html_body")
UNKNOWN_WITHOUT_EFFECT = ("timeout_before", "reset_before", "busy_before", "http_500")
REFUSALS = {
    "rate_limited": (45009, Action.WAIT),
    "too_parallel": (45033, Action.SLOW),
    "ip_refused": (60020, Action.CONFIG),
    "forbidden": (48002, Action.CONFIG),
}
IMPATIENT = {"read_seconds": 0.3}


def standing(place: Place) -> int:
    """Sends in the platform's own books."""
    return int(place.get("books/summary")["sends"])


class TestCreating:
    @pytest.mark.parametrize("kind", UNKNOWN_WITH_EFFECT)
    def test_the_outcome_is_unknown_and_it_stands(self, build: Build, kind: str) -> None:
        place = build(client=IMPATIENT)
        template = place.template()
        place.fault(kind, CREATE, seconds=5)
        with pytest.raises(OutcomeUnknown):
            place.client.add_msg_template(template)
        assert standing(place) == 1

    @pytest.mark.parametrize("kind", UNKNOWN_WITHOUT_EFFECT)
    def test_the_outcome_is_unknown_and_nothing_stands(self, build: Build, kind: str) -> None:
        place = build(client=IMPATIENT)
        template = place.template()
        place.fault(kind, CREATE, seconds=5)
        with pytest.raises(OutcomeUnknown):
            place.client.add_msg_template(template)
        assert standing(place) == 0
        place.client.add_msg_template(template)
        assert standing(place) == 1

    def test_a_502_may_hide_an_effect(self, place: Place) -> None:
        template = place.template()
        place.fault("http_500", CREATE, effect=True)
        with pytest.raises(OutcomeUnknown):
            place.client.add_msg_template(template)
        assert standing(place) == 1

    @pytest.mark.parametrize("kind", sorted(REFUSALS))
    def test_a_refusal_has_no_effect(self, place: Place, kind: str) -> None:
        template = place.template()
        place.fault(kind, CREATE)
        with pytest.raises(Refused) as caught:
            place.client.add_msg_template(template)
        assert (caught.value.code, caught.value.action) == REFUSALS[kind]
        assert standing(place) == 0

    def test_any_code_can_be_ordered(self, place: Place) -> None:
        template = place.template()
        place.fault("code", CREATE, code=40201)
        with pytest.raises(Refused) as caught:
            place.client.add_msg_template(template)
        assert caught.value.action is Action.STOP

    @pytest.mark.parametrize("kind", ["token_invalid", "token_expired"])
    def test_a_token_that_dies_early_costs_one_repeat(self, place: Place, kind: str) -> None:
        template = place.template()
        before = place.client.token()
        place.fault(kind, CREATE)
        place.client.add_msg_template(template)
        assert standing(place) == 1
        assert place.client.token() != before
        assert place.call("GET", "department/list", token=before)["errcode"] == (40014 if kind == "token_invalid" else 42001)

    def test_a_platform_that_refuses_every_token_does_not_hang_the_client(self, place: Place) -> None:
        template = place.template()
        place.fault("token_refused", CREATE, count=None)
        with pytest.raises(Refused) as caught:
            place.client.add_msg_template(template)
        assert caught.value.action is Action.CONFIG
        assert next(fault["fired"] for fault in place.get("faults")["faults"]) == 2

    def test_a_late_apply_takes_effect_later_in_business_time(self, place: Place) -> None:
        template = place.template()
        place.fault("late_apply", CREATE, seconds=300)
        with pytest.raises(OutcomeUnknown):
            place.client.add_msg_template(template)
        place.post("step", seconds=299)
        assert standing(place) == 0
        place.post("step", seconds=2)
        assert standing(place) == 1

    def test_a_late_apply_can_follow_the_machine(self, place: Place) -> None:
        template = place.template()
        place.fault("late_apply", CREATE, seconds=0.05, clock="machine")
        with pytest.raises(OutcomeUnknown):
            place.client.add_msg_template(template)
        while not standing(place):
            pass

    def test_a_listing_that_lags_hides_the_send_at_first(self, place: Place) -> None:
        from datetime import UTC, datetime, timedelta

        template = place.template()
        place.fault("listing_lag", CREATE, seconds=60)
        msgid = place.client.add_msg_template(template).msgid
        now = datetime.fromtimestamp(place.sandbox.clock.now(), UTC)
        span = (now - timedelta(minutes=5), now + timedelta(minutes=5))
        assert list(place.client.group_sends(*span)) == []
        for ask in (lambda: place.client.group_send_tasks(msgid), lambda: place.client.group_send_results(msgid, template.sender)):
            with pytest.raises(Refused) as caught:
                list(ask())
            assert caught.value.action is Action.LATER
        place.post("step", seconds=61)
        assert [send.msgid for send in place.client.group_sends(*span)] == [msgid]
        assert list(place.client.group_send_tasks(msgid))

    def test_the_platforms_clock_may_differ_from_ours(self, place: Place) -> None:
        from datetime import UTC, datetime, timedelta

        place.post("clock", skew=120)
        msgid = place.client.add_msg_template(place.template()).msgid
        now = datetime.fromtimestamp(place.sandbox.clock.now(), UTC)
        (send,) = place.client.group_sends(now - timedelta(minutes=5), now + timedelta(minutes=5))
        assert (send.msgid, send.created_at) == (msgid, now + timedelta(seconds=120))

    def test_part_of_the_receivers_can_fail(self, build: Build) -> None:
        place = build(scenario={"customers": 200})
        template = place.template()
        place.fault("fail_list", CREATE, share=0.5)
        created = place.client.add_msg_template(template)
        asked = {row.external_userid for row in place.client.group_send_results(created.msgid, template.sender)}
        assert created.failed and asked
        assert asked | set(created.failed) == set(template.external_userids)
        assert not asked & set(created.failed)

    def test_slow_is_only_slow(self, place: Place) -> None:
        template = place.template()
        place.fault("slow", CREATE, seconds=0.05)
        assert place.client.add_msg_template(template).msgid

    def test_nobody_at_home_is_not_sent(self, build: Build) -> None:
        place = build()
        template = place.template()
        away = WeCom(place.client.credentials, type(place.client._settings)(base_url="http://127.0.0.1:9"), tokens=place.client._tokens)
        with away, pytest.raises(NotSent):
            away.add_msg_template(template)


class TestReading:
    @pytest.mark.parametrize("kind", [*UNKNOWN_WITH_EFFECT, *UNKNOWN_WITHOUT_EFFECT])
    def test_a_fault_now_and_then_is_read_over(self, build: Build, kind: str) -> None:
        place = build(client=IMPATIENT)
        place.fault(kind, READ, count=2, seconds=5)
        assert place.client.follow_users()

    def test_a_lasting_fault_is_unavailable(self, place: Place) -> None:
        place.fault("reset_before", READ, count=None)
        with pytest.raises(Unavailable):
            place.client.follow_users()

    def test_a_fault_of_gettoken_is_not_sent(self, place: Place) -> None:
        place.fault("http_500", "gettoken", count=None)
        with pytest.raises(NotSent):
            place.client.follow_users()

    def test_a_rate_stays_exceeded_for_its_window(self, place: Place) -> None:
        place.client.token()
        now = [place.sandbox.clock.machine()]
        place.sandbox.clock.machine = lambda: now[0]
        place.fault("rate_limited", READ, seconds=30)
        for _ in range(2):
            with pytest.raises(Refused):
                place.client.follow_users()
        now[0] += 31
        assert place.client.follow_users()

    def test_a_list_that_moves_under_the_cursor_tells_a_row_twice(self, place: Place) -> None:
        msgids = [place.client.add_msg_template(place.template(f"第{number}条")).msgid for number in range(4)]
        span = {"chat_type": "single", "start_time": int(place.sandbox.clock.now()) - 60, "end_time": int(place.sandbox.clock.now()) + 60, "limit": 2}
        place.fault("pages_move", "externalcontact/get_groupmsg_list_v2", count=None)
        first = place.call("POST", "externalcontact/get_groupmsg_list_v2", body=span)
        second = place.call("POST", "externalcontact/get_groupmsg_list_v2", body={**span, "cursor": first["next_cursor"]})
        told = [[row["msgid"] for row in page["group_msg_list"]] for page in (first, second)]
        assert told[1][0] == told[0][-1] and set(told[0] + told[1]) == set(msgids) and len(told[0] + told[1]) == 5


class TestStorms:
    def test_half_of_the_kinds_blow_and_the_same_number_is_the_same_storm(self) -> None:
        assert storms.storm(3) == storms.storm(3) != storms.storm(4)
        shares = [len(storms.storm(seed)) / len(KINDS) for seed in range(200)]
        assert sum(shares) / 200 == pytest.approx(0.5, abs=0.06)
        blown = [gust for seed in range(200) for gust in storms.storm(seed)]
        assert {gust.kind for gust in blown} == set(KINDS) - {"token_refused", "code"}
        assert all(1 / 200 <= gust.probability <= 1 / 20 for gust in blown)
        assert all(10 <= gust.params["seconds"] <= 600 for gust in blown if gust.kind == "late_apply")
        assert max(abs(storms.skew(seed)) for seed in range(200)) <= 120

    def test_it_is_ordered_once_for_a_home_and_replaced_on_demand(self, build: Build, tmp_path: Path) -> None:
        place = build(home=tmp_path / "home", fault_seed=3)
        kinds = [gust.kind for gust in storms.storm(3)]
        assert [fault["kind"] for fault in place.get("faults")["faults"]] == kinds
        assert place.get("clock")["skew"] == storms.skew(3)
        place.sandbox.stop()
        place.sandbox.wait()
        again = build(home=tmp_path / "home", fault_seed=3)
        assert [fault["kind"] for fault in again.get("faults")["faults"]] == kinds
        assert again.post("faults/storm", seed=4) == {"faults": len(storms.storm(4)), "skew": storms.skew(4)}
        standing_faults = [fault["kind"] for fault in again.get("faults")["faults"] if fault["remaining"] != 0]
        assert standing_faults == [gust.kind for gust in storms.storm(4)]


class TestOrders:
    def test_every_kind_is_tried_here(self) -> None:
        tried = {*UNKNOWN_WITH_EFFECT, *UNKNOWN_WITHOUT_EFFECT, *REFUSALS}
        tried |= {"code", "token_invalid", "token_expired", "token_refused", "late_apply", "listing_lag", "fail_list", "pages_move", "slow"}
        assert tried == set(CALL_FAULTS)

    def test_probability_and_count_are_kept_and_the_same_seed_fires_the_same(self, build: Build, tmp_path_factory: pytest.TempPathFactory) -> None:
        runs = []
        for _ in range(2):
            place = build(home=tmp_path_factory.mktemp("sandbox"))
            place.client.token()
            place.fault("busy_before", READ, probability=0.4, count=10)
            runs.append([place.call("GET", READ)["errcode"] for _ in range(60)])
        assert runs[0] == runs[1]
        assert runs[0].count(-1) == 10
        assert 15 < max(index for index, code in enumerate(runs[0]) if code) < 50

    def test_an_unknown_kind_is_told(self, place: Place) -> None:
        assert place.control.post("/sandbox/faults", json={"kind": "gremlins"}).status_code == 422

    def test_faults_are_taken_back(self, place: Place) -> None:
        place.fault("forbidden", READ, count=None)
        place.control.delete("/sandbox/faults")
        assert place.client.follow_users()

    def test_the_control_interface_wants_its_key(self, place: Place) -> None:
        for path in ("clock", "faults", "books/summary", "pending"):
            assert place.raw.get(f"/sandbox/{path}").status_code == 401
        assert place.raw.get("/sandbox/health").status_code == 200
