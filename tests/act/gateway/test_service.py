"""From asking to counting, against the sandbox over HTTP."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu import events
from siyu.access import staff
from siyu.act import gateway
from siyu.kernel.ids import CustomerId
from siyu.understand import consents, identity
from tests.act.gateway.conftest import House

pytestmark = pytest.mark.slow
CREATE = "externalcontact/add_msg_template"


class TestAsking:
    def test_twice_is_once(self, house: House) -> None:
        people = house.customers()
        first = house.ask(people, go=False)
        again = house.ask(people, go=False)
        assert first == again
        assert house.tally(first) == {"planned": len(people)}

    def test_a_place_for_a_link_needs_a_link(self, house: House) -> None:
        with pytest.raises(gateway.UnlinkedText):
            house.ask([], link_url=None)

    def test_nothing_is_made_before_its_time(self, house: House) -> None:
        campaign = house.ask(house.customers(), not_before=house.clock.at + timedelta(hours=1))
        house.work("gateway.tick")
        assert (house.tally(campaign), house.sends()) == ({"planned": len(house.customers())}, [])
        house.wait(hours=1)
        house.work("gateway.tick")
        assert house.tally(campaign) == {"task": len(house.customers())}


class TestSenders:
    def test_customers_of_a_disabled_member_are_left_out_with_the_reason(self, house: House) -> None:
        people = house.customers()
        guides = {person["external_userid"]: person["guide"] for person in house.place.get("books/people")}
        disabled = min(guides.values())
        with house.tx() as tx:
            tx.execute("update staff set status = 2 where tenant_id = :tenant_id and userid = :userid", {"userid": disabled})
        theirs = sum(guide == disabled for guide in guides.values())
        campaign = house.ask(people)
        assert house.tally(campaign) == {"task": len(people) - theirs, "skipped: sender_disabled": theirs}


class TestSending:
    def test_everybody_is_in_one_task_of_the_right_member(self, house: House) -> None:
        people = house.customers()
        campaign = house.ask(people)
        assert house.tally(campaign) == {"task": len(people)}
        assert sorted(house.standing().values()) == [1] * len(people)
        guides = {person["external_userid"]: person["guide"] for person in house.place.get("books/people")}
        for send in house.sends():
            assert 1 <= len(send["recipients"]) <= 5
            assert {(it["userid"], it["external_userid"]) for it in send["recipients"]} == {
                (guides[it["external_userid"]], it["external_userid"]) for it in send["recipients"]
            }

    def test_each_task_has_a_link_of_its_own(self, house: House) -> None:
        house.ask(house.customers())
        sends = house.sends()
        with house.tx() as tx:
            codes = [row.code for row in tx.execute("select code from links where tenant_id = :tenant_id")]
        assert len(codes) == len(set(codes)) == len(sends)

    def test_confirmed_is_counted_and_told(self, house: House) -> None:
        people = house.customers()
        campaign = house.ask(people)
        house.place.post("confirm")
        house.work("gateway.follow_up", "gateway.tick")
        assert house.tally(campaign) == {"sent": len(people)}
        with house.tx() as tx:
            told = events.read(tx, identity.identities_of(tx, people[0]), names=["message.sent"])
            by_sender = gateway.by_sender(tx, campaign)
            assert gateway.settled(tx, campaign)
        assert [event.props["customer_id"] for event in told] == [str(people[0])]
        assert sum(row["delivered"] for row in by_sender) == len(people)
        assert {row["state"] for row in by_sender} == {"confirmed"}
        assert all(row["tasks"] == row["confirmed"] for row in by_sender)

    def test_who_waits_with_a_member_who_has_left_waits_no_longer(self, house: House) -> None:
        campaign = house.ask(house.customers())
        send = max(house.sends(), key=lambda send: len(send["recipients"]))
        leaver = send["recipients"][0]["userid"]
        theirs = sum(len(other["recipients"]) for other in house.sends() if other["recipients"][0]["userid"] == leaver)
        house.place.post("acts", act="member_leaves", userid=leaver)
        with house.tx() as tx:
            tx.execute("update staff set active = false where tenant_id = :tenant_id and userid = :userid", {"userid": leaver})
        for _ in range(20):
            house.wait(seconds=120)
            house.work("gateway.follow_up", "gateway.tick")
            if house.tally(campaign).get("skipped: sender_left"):
                break
        rest = len(house.customers()) - theirs
        assert house.tally(campaign) == {"skipped: sender_left": theirs, "task": rest}
        house.place.post("confirm")
        house.work("gateway.follow_up", "gateway.tick")
        assert house.tally(campaign) == {"skipped: sender_left": theirs, "sent": rest}
        with house.tx() as tx:
            assert gateway.settled(tx, campaign)

    def test_one_promotion_a_week(self, house: House) -> None:
        people = house.customers()
        house.ask(people, campaign=1)
        second = house.ask(people, campaign=2)
        assert house.tally(second) == {"skipped: frequency_cap": len(people)}
        third = house.ask(people, campaign=3, purpose="service")
        assert house.tally(third) == {"task": len(people)}
        house.place.post("confirm")
        house.work("gateway.follow_up")
        house.wait(days=7)
        assert house.tally(house.ask(people, campaign=4)) == {"task": len(people)}

    def test_blocked_words_stop_it(self, house: House) -> None:
        campaign = house.ask(house.customers(), text="出售手枪，货到付款", link_url=None)
        assert house.tally(campaign) == {"skipped: blocked_words": len(house.customers())}
        assert house.sends() == []

    def test_the_holdout_gets_nothing(self, house: House) -> None:
        people = house.customers()
        campaign = house.ask(people, holdout_bp=5000)
        found = house.tally(campaign)
        assert found["skipped: holdout"] + found["task"] == len(people)
        assert 0 < found["skipped: holdout"] < len(people)
        assert sum(house.standing().values()) == found["task"]

    def test_a_preview_says_what_then_happens(self, house: House) -> None:
        people = house.customers()
        with house.tx() as tx:
            consents.opt_out(tx, people[0], True, "said so")
            action = gateway.action(
                campaign=UUID(int=1),
                purpose="promotion",
                text="新品",
                not_before=tx.now,
                expires_at=tx.now + timedelta(days=1),
                salt="s",
                holdout_bp=2000,
                approved=True,
            )
            seen = gateway.preview(tx, action, people)
        found = house.tally(house.ask(people, text="新品", link_url=None, holdout_bp=2000))
        assert seen.allowed == found["task"]
        assert seen.holdout == found["skipped: holdout"]
        assert seen.refused.get("opted_out", 0) == found.get("skipped: opted_out", 0)
        assert sum(sender.tasks for sender in seen.senders) == len(house.sends())
        assert sum(sender.recipients for sender in seen.senders) == found["task"]
        with house.tx() as tx:
            names = {member.name for member in staff.by_ids(tx, {sender.staff_id for sender in seen.senders if sender.staff_id}).values()}
        assert {sender.name for sender in seen.senders} == names


class TestDoubt:
    @pytest.mark.parametrize("kind", ["busy_after", "cut_body", "html_body", "reset_after"])
    def test_an_unclear_reply_is_found_in_the_list(self, house: House, kind: str) -> None:
        people = house.customers()
        house.place.fault(kind, CREATE, count=3)
        campaign = house.ask(people)
        with house.tx() as tx:
            assert gateway.unknown_people(tx, campaign) > 0
        while "in_call" in house.tally(campaign):
            house.work("gateway.tick")
        assert house.tally(campaign) == {"task": len(people)}
        assert set(house.standing().values()) == {1}

    def test_what_is_not_there_after_the_settle_time_is_made_again(self, house: House) -> None:
        people = house.customers()
        with house.tx() as tx:
            quick = gateway.Policy(call_size=5, settle_seconds=0.2, absence_gap_seconds=0.1, look_again_seconds=0.05, start_within_seconds=30)
            gateway.set_policy(tx, quick)
        house.place.fault("reset_before", CREATE, count=3)
        campaign = house.ask(people)
        while "in_call" in house.tally(campaign):
            house.work("gateway.tick")
        assert house.tally(campaign) == {"task": len(people)}
        assert set(house.standing().values()) == {1}

    def test_not_before_the_settle_time(self, house: House) -> None:
        house.place.fault("reset_before", CREATE)
        campaign = house.ask(house.customers())
        for _ in range(3):
            house.work("gateway.tick")
        assert 0 < house.tally(campaign)["in_call"] <= 5

    def test_a_refused_corp_pauses_with_its_code(self, house: House) -> None:
        house.place.fault("forbidden", CREATE)
        campaign = house.ask(house.customers())
        assert house.tally(campaign) == {"in_call": len(house.customers())}
        with house.tx() as tx:
            assert [pause.code for pause in gateway.pauses(tx)] == ["48002"]
        assert house.sends() == []

    def test_the_doctor_looks_when_sending_begins_to_rest_and_when_it_goes_on(self, house: House) -> None:
        def looked() -> int:
            with house.tx() as tx:
                return int(tx.execute("select count(*) from jobs where tenant_id = :tenant_id and kind = 'contacts.doctor'").scalar_one())

        before = looked()
        house.place.fault("ip_refused", CREATE, count=None)
        campaign = house.ask(house.customers())
        assert looked() == before + 1
        with house.tx() as tx:
            tx.execute("update send_corps set paused_until = clock_timestamp() where tenant_id = :tenant_id")
        house.work("gateway.tick")
        assert looked() == before + 1, "it is ill of the same as before"
        house.place.control.delete("/sandbox/faults")
        with house.tx() as tx:
            tx.execute("update send_corps set paused_until = clock_timestamp() where tenant_id = :tenant_id")
        house.work("gateway.tick")
        assert looked() == before + 2
        assert house.tally(campaign)["task"] > 0


class TestEnding:
    def test_a_stop_withdraws_what_waits(self, house: House) -> None:
        people = house.customers()
        campaign = house.ask(people)
        with house.tx() as tx:
            gateway.stop(tx, campaign)
        house.drain()
        house.work("gateway.follow_up", "gateway.tick")
        assert house.tally(campaign) == {"cancelled: stopped": len(people)}
        assert house.standing() == {}
        with house.tx() as tx:
            quota = tx.execute("select coalesce(sum(used), 0) from send_quotas where tenant_id = :tenant_id").scalar_one()
            assert (quota, gateway.settled(tx, campaign)) == (0, True)

    def test_what_was_sent_before_the_stop_stays_sent(self, house: House) -> None:
        people = house.customers()
        campaign = house.ask(people)
        sent = house.sends()[0]
        house.place.post("confirm", msgid=sent["msgid"])
        with house.tx() as tx:
            gateway.stop(tx, campaign)
        house.drain()
        house.work("gateway.follow_up")
        assert house.tally(campaign) == {"sent": len(sent["recipients"]), "cancelled: stopped": len(people) - len(sent["recipients"])}

    def test_the_evening_withdraws_and_the_morning_asks_again(self, house: House) -> None:
        people = house.customers()
        campaign = house.ask(people)
        house.wait(hours=11)
        house.work("gateway.follow_up", "gateway.follow_up", "gateway.tick")
        assert (house.tally(campaign), house.standing()) == ({"planned": len(people)}, {})
        house.wait(hours=12)
        house.work("gateway.tick")
        assert house.tally(campaign) == {"task": len(people)}
        assert set(house.standing().values()) == {1}

    def test_what_nobody_confirms_expires(self, house: House) -> None:
        campaign = house.ask(house.customers(), expires_at=house.clock.at + timedelta(hours=2))
        house.wait(hours=2)
        house.work("gateway.follow_up", "gateway.follow_up", "gateway.tick")
        assert house.tally(campaign) == {"expired: expired": len(house.customers())}
        assert house.standing() == {}

    def test_an_objection_withdraws_the_task_and_keeps_the_others(self, house: House) -> None:
        people = house.customers()
        campaign = house.ask(people)
        with house.tx() as tx:
            consents.opt_out(tx, people[0], True, "said so")
        house.drain()
        house.work("gateway.follow_up", "gateway.tick")
        assert house.tally(campaign) == {"task": len(people) - 1, "skipped: opted_out": 1}
        assert sorted(house.standing().values()) == [1] * (len(people) - 1)

    def test_who_deleted_the_member_is_counted_and_their_relation_ends(self, house: House) -> None:
        people = house.customers()
        campaign = house.ask(people)
        gone = house.sends()[0]["recipients"][0]
        house.place.post("acts", act="customer_deletes", userid=gone["userid"], external_userid=gone["external_userid"])
        house.place.post("confirm")
        house.work("gateway.follow_up")
        assert house.tally(campaign) == {"sent": len(people) - 1, "skipped: not_friend": 1}
        with house.tx() as tx:
            lost = tx.execute("select relation from contacts where external_userid = :id", {"id": gone["external_userid"]}).scalar_one()
        assert lost == "deleted_by_customer"


class TestReading:
    def test_people_come_page_by_page(self, house: House) -> None:
        people = house.customers()
        campaign = house.ask(people)
        with house.tx() as tx:
            first = gateway.people(tx, campaign, limit=25)
            rest = gateway.people(tx, campaign, after=first[-1].customer_id, limit=25)
            assert [intent.customer_id for intent in (*first, *rest)] == people
            assert gateway.people(tx, campaign, state="sent") == []
            assert gateway.touched_since(tx, people, tx.now - timedelta(days=30)) == 0


class TestLaws:
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        out=st.sets(st.integers(0, 39)),
        strangers=st.integers(0, 6),
        holdout_bp=st.sampled_from([0, 2000, 5000]),
        salt=st.text("abc", max_size=4),
        stopped=st.booleans(),
    )
    def test_everybody_has_one_place_and_the_parts_add_up_to_the_whole(
        self, house: House, out: set[int], strangers: int, holdout_bp: int, salt: str, stopped: bool
    ) -> None:
        known = house.customers()
        people = [*known, *(CustomerId(uuid4()) for _ in range(strangers))]
        with house.tx() as tx:
            for number, person in enumerate(known):
                consents.opt_out(tx, person, number in out, "said so")
            action = gateway.action(
                campaign=uuid4(),
                purpose="service",
                text="新品",
                not_before=tx.now,
                expires_at=tx.now + timedelta(days=1),
                salt=salt,
                holdout_bp=holdout_bp,
                approved=True,
            )
            foretold = gateway.preview(tx, action, people)
            id = gateway.request(tx, action)
            gateway.plan(tx, id, people)
            gateway.planned(tx, id)
            if stopped:
                gateway.stop(tx, action.campaign)
        house.drain()
        assert foretold.holdout + foretold.allowed + sum(foretold.refused.values()) == len(people)
        with house.tx() as tx:
            tally = gateway.tally(tx, action.campaign)
            listed = gateway.people(tx, action.campaign, reason="holdout")
        held = [row for row in tally if row.arm == "holdout"]
        assert {(row.state, row.reason) for row in held} <= {("skipped", "holdout")}
        assert sum(row.people for row in held) == foretold.holdout == len(listed)
        assert sum(row.people for row in tally) == len(people)
        refused = {row.reason: row.people for row in tally if row.arm == "treated" and row.state != "task"}
        assert refused == ({"stopped": len(people) - foretold.holdout} if stopped and len(people) > foretold.holdout else foretold.refused)
