"""继承 over HTTP: customers and groups change hands, the books follow, callbacks tell."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from siyu.connectors.wecom import Contact, Event, FailedGroup, HandoverResult, NewTag, OutcomeUnknown, Refused, Remark
from siyu.connectors.wecom.sandbox import Limits
from siyu.connectors.wecom.sandbox.clock import epoch
from tests.connectors.wecom.conftest import START, Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_pushes import Receiver, listening

DAY = 86_400
NOBODY_REFUSES = {"customer": {"refuse_handover_rate": 0.0, "delete_rate": 0.0, "orders_per_month": 0.0}}
ALL_REFUSE = {"customer": {"refuse_handover_rate": 1.0, "orders_per_month": 0.0}}


def code_of(call: Callable[..., Any], *args: Any) -> int:
    with pytest.raises(Refused) as caught:
        list(call(*args))
    return caught.value.code


def told(place: Place, receiver: Receiver) -> list[Event]:
    assert place.sandbox.pushes.drain(10)
    return receiver.events


def seen_by(place: Place, userid: str, external_userid: str) -> Contact:
    (contact,) = [row for row in place.client.contacts([userid]) if row.contact.external_userid == external_userid]
    return contact


def handed(place: Place, handover: str, takeover: str, external_userids: tuple[str, ...]) -> list[int]:
    return [row.code for row in place.client.hand_over(handover, takeover, external_userids)]


class TestInService:
    def test_who_does_not_refuse_has_moved_after_a_day_with_what_was_noted(self, build: Build, other: Neighbour) -> None:
        place = build(scenario=NOBODY_REFUSES)
        receiver = listening(place, other)
        giver, customer = place.busiest(), place.customers_of(place.busiest())[0]
        tag = place.client.add_corp_tags([NewTag("育儿")], group_name="人群").tags[0].id
        place.client.mark_tags(giver, customer, add=[tag])
        place.client.remark(giver, customer, Remark(remark="老客", description="爱烛台"))
        assert handed(place, giver, "service01", (customer,)) == [0]
        (waiting,) = place.client.handover_results(giver, "service01")
        assert (waiting.external_userid, waiting.status) == (customer, 2)
        assert waiting.at is not None and waiting.at.timestamp() == epoch(START) + DAY
        assert customer in place.customers_of(giver) and place.customers_of("service01") == ()

        place.post("step", seconds=DAY)
        assert list(place.client.handover_results(giver, "service01")) == [HandoverResult(customer, 1, waiting.at)]
        assert customer not in place.customers_of(giver) and place.customers_of("service01") == (customer,)
        follow = seen_by(place, "service01", customer).follow
        assert (follow.add_way, follow.oper_userid, follow.created_at) == (202, "owner", waiting.at)
        assert (follow.remark, follow.description) == ("老客", "爱烛台") and tag in {one.tag_id for one in follow.tags}
        events = {event.route[1]: event for event in told(place, receiver)}
        assert set(events) == {"add_external_contact", "del_external_contact"}
        assert (events["add_external_contact"].text("UserID"), events["add_external_contact"].text("WelcomeCode")) == ("service01", "")
        gone = events["del_external_contact"]
        assert (gone.text("UserID"), gone.text("ExternalUserID"), gone.text("Source")) == (giver, customer, "DELETE_BY_TRANSFER")

    def test_the_page_tells_handing_on_from_deleting(self, build: Build) -> None:
        place = build(scenario=NOBODY_REFUSES)
        giver = place.busiest()
        moved, deleted, kept = place.customers_of(giver)[:3]
        place.post("acts", act="staff_deletes", userid=giver, external_userid=deleted)
        assert handed(place, giver, "service01", (moved,)) == [0]
        place.post("step", seconds=DAY)

        def stands(customer: str) -> tuple[int, int]:
            (one,) = place.get(f"books/staff/{giver}", q=customer)["friends"]
            return one["left_by_staff"], one["handed_on"]

        assert [stands(customer) for customer in (moved, deleted, kept)] == [(1, 1), (1, 0), (0, 0)]
        place.post("acts", act="add", userid=giver, external_userid=moved)
        assert stands(moved) == (0, 0)
        place.post("step", seconds=1)
        place.post("acts", act="staff_deletes", userid=giver, external_userid=moved)
        assert stands(moved) == (1, 0)

    def test_who_refuses_stays_and_it_is_told(self, build: Build, other: Neighbour) -> None:
        place = build(scenario=ALL_REFUSE)
        receiver = listening(place, other)
        giver, customer = place.busiest(), place.customers_of(place.busiest())[0]
        assert handed(place, giver, "service01", (customer,)) == [0]
        place.post("step", seconds=DAY)
        (result,) = place.client.handover_results(giver, "service01")
        assert result.status == 3 and result.at is not None and 0 <= result.at.timestamp() - epoch(START) < DAY
        assert customer in place.customers_of(giver) and place.customers_of("service01") == ()
        (event,) = told(place, receiver)
        assert event.route == ("change_external_contact", "transfer_fail")
        assert (event.text("UserID"), event.text("ExternalUserID"), event.text("FailReason")) == ("service01", customer, "customer_refused")

    def test_a_friend_already_gets_no_second_event_and_keeps_the_own_notes(self, build: Build, other: Neighbour) -> None:
        place = build(scenario=NOBODY_REFUSES)
        giver, customer = place.busiest(), place.customers_of(place.busiest())[0]
        place.post("acts", act="add", userid="service01", external_userid=customer)
        before = seen_by(place, "service01", customer)
        receiver = listening(place, other)
        handed(place, giver, "service01", (customer,))
        place.post("step", seconds=DAY)
        assert seen_by(place, "service01", customer) == before
        assert [event.route[1] for event in told(place, receiver)] == ["del_external_contact"]

    def test_who_once_gave_a_customer_away_hears_nothing_when_they_come_back(self, build: Build, other: Neighbour) -> None:
        place = build(scenario=NOBODY_REFUSES)
        giver, customer = place.busiest(), place.customers_of(place.busiest())[0]
        handed(place, giver, "service01", (customer,))
        place.post("step", seconds=DAY)
        receiver = listening(place, other)
        handed(place, "service01", giver, (customer,))
        place.post("step", seconds=DAY)
        assert customer in place.customers_of(giver)
        assert [event.route[1] for event in told(place, receiver)] == ["del_external_contact"]

    def test_a_customer_goes_twice_in_ninety_days_and_one_way_at_a_time(self, build: Build) -> None:
        place = build(scenario=NOBODY_REFUSES)
        giver, customer = place.busiest(), place.customers_of(place.busiest())[0]
        place.post("acts", act="add", userid="store01", external_userid=customer)
        assert handed(place, giver, "service01", (customer,)) == [0]
        assert handed(place, giver, "service02", (customer,)) == [40129]
        assert handed(place, "store01", "service02", (customer,)) == [40100]
        place.post("step", seconds=DAY)
        assert handed(place, "service01", "service02", (customer,)) == [0]
        place.post("step", seconds=DAY)
        assert handed(place, "service02", giver, (customer,)) == [40128]
        place.post("step", seconds=90 * DAY)
        assert handed(place, "service02", giver, (customer,)) == [0]

    def test_a_member_takes_so_many_and_no_more(self, build: Build, other: Neighbour) -> None:
        place = build(scenario=NOBODY_REFUSES, limits=Limits(member_customers=1))
        receiver = listening(place, other)
        giver = place.busiest()
        first, second, third = place.customers_of(giver)[:3]
        assert handed(place, giver, "service01", (first, second)) == [0, 0]
        place.post("step", seconds=DAY)
        assert sorted(result.status for result in place.client.handover_results(giver, "service01")) == [1, 4]
        assert len(place.customers_of("service01")) == 1
        (failed,) = [event for event in told(place, receiver) if event.route[1] == "transfer_fail"]
        assert failed.text("FailReason") == "customer_limit_exceed"
        assert handed(place, giver, "service01", (third,)) == [40099]

    def test_each_customer_has_an_own_code_and_a_wrong_request_one_for_all(self, build: Build) -> None:
        place = build(scenario=NOBODY_REFUSES)
        giver = place.busiest()
        mine = place.customers_of(giver)
        foreign = next(id for userid in place.client.follow_users() if userid != giver for id in place.customers_of(userid) if id not in mine)
        assert handed(place, giver, "service01", (mine[0], foreign, "wmNobody")) == [0, 40131, 40096]
        hand_over = place.client.hand_over
        assert code_of(hand_over, giver, giver, mine[1:2]) == 40130
        assert code_of(hand_over, giver, "nobody", mine[1:2]) == code_of(hand_over, "nobody", "service01", mine[1:2]) == 60111
        assert code_of(hand_over, giver, "operator01", mine[1:2]) == 84074
        assert code_of(hand_over, giver, "service01", ()) == 41035
        assert code_of(hand_over, giver, "service01", tuple(f"wm{n}" for n in range(101))) == 40058
        with pytest.raises(Refused):
            place.client.hand_over(giver, "service01", mine[1:2], message="长" * 201)

    def test_after_a_lost_answer_the_results_tell(self, build: Build) -> None:
        place = build(scenario=NOBODY_REFUSES)
        giver, customer = place.busiest(), place.customers_of(place.busiest())[0]
        place.fault("timeout_after", "externalcontact/transfer_customer", seconds=0)
        with pytest.raises(OutcomeUnknown):
            place.client.hand_over(giver, "service01", (customer,))
        assert [row.status for row in place.client.handover_results(giver, "service01")] == [2]
        assert handed(place, giver, "service01", (customer,)) == [40129]

    def test_results_page(self, build: Build) -> None:
        place = build(scenario=NOBODY_REFUSES, limits=Limits(handover_page=2))
        giver = place.busiest()
        customers = place.customers_of(giver)
        assert len(customers) > 2
        handed(place, giver, "service01", customers)
        assert tuple(row.external_userid for row in place.client.handover_results(giver, "service01")) == customers
        assert list(place.client.resigned_handover_results(giver, "service01")) == []


class TestResigned:
    def test_customers_of_who_left_wait_and_move(self, build: Build, other: Neighbour) -> None:
        place = build(scenario=NOBODY_REFUSES)
        giver = place.busiest()
        customers = place.customers_of(giver)
        receiver = listening(place, other)
        assert code_of(place.client.hand_over_resigned, giver, "service01", customers[:1]) == 40097
        assert list(place.client.unassigned_customers()) == []
        place.post("acts", act="member_leaves", userid=giver)
        (event,) = told(place, receiver)
        assert event.route == ("change_contact", "delete_user") and event.text("UserID") == giver

        unassigned = list(place.client.unassigned_customers())
        assert tuple(row.external_userid for row in unassigned) == customers
        assert {(row.handover_userid, row.left_at and row.left_at.timestamp()) for row in unassigned} == {(giver, epoch(START))}
        assert code_of(place.client.hand_over, giver, "service01", customers[:1]) == 60111
        assert [row.code for row in place.client.hand_over_resigned(giver, "service01", customers[:2])] == [0, 0]
        assert tuple(row.external_userid for row in place.client.unassigned_customers()) == customers[2:]
        place.post("step", seconds=DAY)
        assert {row.status for row in place.client.resigned_handover_results(giver, "service01")} == {1}
        assert place.customers_of("service01") == customers[:2]
        assert [event.route[1] for event in told(place, receiver)[1:]] == ["add_external_contact"] * 2  # nobody is left to hear of the loss

    def test_who_refuses_waits_again(self, build: Build) -> None:
        place = build(scenario=ALL_REFUSE)
        giver = place.busiest()
        customers = place.customers_of(giver)
        place.post("acts", act="member_leaves", userid=giver)
        place.client.hand_over_resigned(giver, "service01", customers[:1])
        place.post("step", seconds=DAY)
        assert [row.status for row in place.client.resigned_handover_results(giver, "service01")] == [3]
        assert tuple(row.external_userid for row in place.client.unassigned_customers()) == customers

    def test_the_list_pages_by_cursor_and_by_number(self, build: Build) -> None:
        place = build(scenario=NOBODY_REFUSES, limits=Limits(unassigned_page=2, unassigned_rows_by_page=4))
        first, second = sorted(place.client.follow_users(), key=lambda userid: len(place.customers_of(userid)))[-2:]
        customers = place.customers_of(first), place.customers_of(second)
        place.post("acts", act="member_leaves", userid=first)
        place.post("step", seconds=60)
        place.post("acts", act="member_leaves", userid=second)
        listed = [row.external_userid for row in place.client.unassigned_customers()]
        assert tuple(listed) == customers[1] + customers[0]  # the latest leavers first
        path = "externalcontact/get_unassigned_list"
        pages = [place.call("POST", path, body={"page_id": number, "page_size": 2}) for number in range(2)]
        assert [row["external_userid"] for page in pages for row in page["info"]] == listed[:4]
        assert all("next_cursor" not in page and page["is_last"] is (len(listed) <= 2 * n) for n, page in enumerate(pages, 1))
        assert place.call("POST", path, body={"page_id": 2, "page_size": 2})["errcode"] == 40058
        assert place.call("POST", path, body={"cursor": "made up"})["errcode"] == 50100

    def test_after_a_year_it_is_too_late(self, build: Build) -> None:
        place = build(scenario=NOBODY_REFUSES)
        giver = place.busiest()
        customers = place.customers_of(giver)
        place.post("acts", act="member_leaves", userid=giver)
        now = place.sandbox.clock.now() + timedelta(days=366).total_seconds()
        place.sandbox.clock.set(business=now)
        assert list(place.client.unassigned_customers()) == []
        assert code_of(place.client.hand_over_resigned, giver, "service01", customers[:1]) == 40205


class TestGroups:
    def test_an_owner_who_stays_gives_groups_away_at_once(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        chat_id = next(place.client.group_chats()).chat_id
        before = place.client.group_chat(chat_id)
        assert place.client.hand_over_groups([chat_id, "wr-none"], "service01") == [FailedGroup("wr-none", 90501, "chat is not external group chat")]
        after = place.client.group_chat(chat_id)
        assert after.owner == "service01" and after.version != before.version
        assert {member.userid for member in after.members} == {member.userid for member in before.members} | {"service01"}
        assert [row.status for row in place.client.group_chats(["service01"])] == [0]
        assert told(place, receiver) == []  # changes over the interface call nobody back

    def test_what_cannot_be_given_stays(self, build: Build) -> None:
        place = build(limits=Limits(chat_handovers_a_day=2))
        first, second, third, fourth = (one.chat_id for one in list(place.client.group_chats())[:4])
        owners = [place.client.group_chat(id).owner for id in (first, second)]

        def codes(chat_ids: list[str], owner: str, *, resigned: bool = False) -> list[int]:
            give = place.client.hand_over_resigned_groups if resigned else place.client.hand_over_groups
            return [row.code for row in give(chat_ids, owner)]

        assert codes([first], owners[0]) == [90504]
        assert codes([first], "service01", resigned=True) == [90500]
        place.post("acts", act="member_leaves", userid=owners[1])
        assert codes([second], "service01") == [90502]
        place.post("acts", act="dismiss_group", chat_id=fourth)
        assert codes([fourth], "service01") == [49008]
        assert codes([first, third], "service01") == [] and codes([first, third], "service02") == []
        assert codes([first, third], "store01") == [40128, 40128]  # twice in 90 days
        assert (
            code_of(place.client.hand_over_groups, [], "service01")
            == code_of(place.client.hand_over_groups, ["x"] + [f"wr{n}" for n in range(100)], "o")
            == 40058
        )
        assert code_of(place.client.hand_over_groups, [first], "operator01") == 84074

    def test_a_person_gives_so_many_a_day(self, build: Build) -> None:
        place = build(limits=Limits(chat_handovers_a_day=1))
        chats = [one.chat_id for one in list(place.client.group_chats())[:2]]
        for chat_id in chats:
            assert place.client.hand_over_groups([chat_id], "service01") == []
        assert [row.code for row in place.client.hand_over_groups(chats, "service02")] == [45009]
        place.post("step", seconds=DAY)
        assert place.client.hand_over_groups(chats[1:], "service02") == []

    def test_groups_of_who_left_are_taken_over_after_a_while(self, build: Build) -> None:
        place = build()
        chat_id = next(place.client.group_chats()).chat_id
        owner = place.client.group_chat(chat_id).owner
        place.post("acts", act="member_leaves", userid=owner)
        assert [row.chat_id for row in place.client.group_chats(status=1)] == [chat_id]
        assert place.client.hand_over_resigned_groups([chat_id], "service01") == []
        assert [row.chat_id for row in place.client.group_chats(status=2)] == [chat_id]
        assert [row.code for row in place.client.hand_over_resigned_groups([chat_id], "service02")] == [90507]
        place.post("step", seconds=60)
        chat = place.client.group_chat(chat_id)
        assert chat.owner == "service01" and owner not in {member.userid for member in chat.members}
        assert [row.chat_id for row in place.client.group_chats(status=3)] == [chat_id]
        assert [row.code for row in place.client.hand_over_resigned_groups([chat_id], "service02")] == [90508]

    def test_a_new_owner_who_leaves_first_gets_nothing(self, build: Build) -> None:
        place = build()
        chat_id = next(place.client.group_chats()).chat_id
        place.post("acts", act="member_leaves", userid=place.client.group_chat(chat_id).owner)
        place.client.hand_over_resigned_groups([chat_id], "service01")
        place.post("acts", act="member_leaves", userid="service01")
        place.post("step", seconds=60)
        assert [row.chat_id for row in place.client.group_chats(status=1)] == [chat_id]
