"""What a person at the sandbox can do as a customer or as a member of staff, over its control interface."""

import json
from typing import Any

import pytest

from siyu.connectors.wecom import ContactWay, LinkAttachment, MsgTemplate, NewMoment, Refused, Remark
from tests.connectors.wecom.asking import a_welcome_code
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_pushes import QUICK, Receiver, listening

DAY = 86_400


def refused(place: Place, path: str, /, **body: Any) -> tuple[int, str]:
    answer = place.control.post(f"/sandbox/{path}", json=body)
    return answer.status_code, answer.json()["detail"]


def a_pair(place: Place) -> dict[str, str]:
    userid = place.busiest()
    return {"userid": userid, "external_userid": place.customers_of(userid)[0]}


def a_stranger(place: Place, userid: str) -> str:
    known = set(place.customers_of(userid))
    return next(str(one["external_userid"]) for one in place.get("books/people") if one["external_userid"] not in known)


def lines(place: Place, pair: dict[str, str]) -> list[tuple[str, str, str | None]]:
    return [(line["kind"], line["by"], line["text"]) for line in place.get("books/chats", **pair)["lines"]]


def routes(place: Place, receiver: Receiver) -> list[str]:
    assert place.sandbox.pushes.drain(10)
    return [event.route[1] for event in receiver.events]


class TestChats:
    def test_both_write_and_the_member_answers_what_was_asked(self, place: Place) -> None:
        pair = a_pair(place)
        place.post("messages", **pair, text="有货吗？")
        place.post("step", seconds=60)
        place.post("messages", **pair, text="有的", by="member")
        place.post("step", seconds=60)
        place.post("messages", **pair, text="好的，谢谢")
        assert lines(place, pair) == [("text", "customer", "有货吗？"), ("text", "member", "有的"), ("text", "customer", "好的，谢谢")]
        place.post("step", seconds=DAY)
        day = int(place.sandbox.clock.now() // DAY * DAY - 8 * 3600)
        (figures,) = place.call(
            "POST", "externalcontact/get_user_behavior_data", body={"userid": [pair["userid"]], "start_time": day - DAY, "end_time": day - DAY}
        )["behavior_data"] or [{}]
        assert (figures["chat_cnt"], figures["message_cnt"], figures["reply_percentage"]) == (1, 1, 100)

    def test_what_was_sent_stands_in_the_chat(self, place: Place) -> None:
        pair = a_pair(place)
        place.client.add_msg_template(MsgTemplate(pair["userid"], (pair["external_userid"],), "周末有新品"))
        assert lines(place, pair) == []
        place.post("confirm", userid=pair["userid"])
        place.post("acts", act="post_moment", userid=pair["userid"], text="到店有礼")
        assert sorted(lines(place, pair)) == [("moment", "member", "到店有礼"), ("send", "member", "周末有新品")]

    def test_who_is_no_friend_is_not_written_to(self, place: Place) -> None:
        userid = place.busiest()
        stranger = a_stranger(place, userid)
        assert refused(place, "messages", userid=userid, external_userid=stranger, by="member") == (404, "they are no friends")
        pair = a_pair(place)
        place.post("acts", act="customer_deletes", **pair)
        assert refused(place, "messages", **pair) == (404, "they are no friends")

    def test_the_first_words_are_awaited_sent_or_missed(self, place: Place) -> None:
        pair = a_pair(place)
        assert place.get("books/chats", **pair)["welcome"] is None
        machine = [place.sandbox.clock.machine()]
        place.sandbox.clock.machine = lambda: machine[0]
        a_welcome_code(place, **pair)
        assert place.get("books/chats", **pair)["welcome"] == {"state": "waiting", "seconds_left": 20}
        machine[0] += 21
        assert place.get("books/chats", **pair)["welcome"]["state"] == "missed"
        code = a_welcome_code(place, **pair)
        place.client.send_welcome(code, "欢迎", (LinkAttachment("新品", "https://brand.example/new"),))
        chat = place.get("books/chats", **pair)
        assert chat["welcome"]["state"] == "sent"
        assert [(line["kind"], line["link"], line["opened"]) for line in chat["lines"]] == [("welcome", "https://brand.example/new", False)]


class TestAddingAgain:
    def test_friends_add_each_other_once(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        pair = a_pair(place)
        way = place.client.add_contact_way(ContactWay((pair["userid"],), state="spring")).config_id
        place.post("step", seconds=60)
        before = place.client.contact(pair["external_userid"]), place.get("books/welcomes"), place.get(f"books/people/{pair['external_userid']}")
        for half in (False, True):
            assert place.post("acts", act="add", **pair, state="again", half=half) == {"changed": False}
            scanned = place.post("acts", act="scan", config_id=way, external_userid=pair["external_userid"], half=half)
            assert scanned == {"changed": False, "userid": pair["userid"]}
        assert before == (place.client.contact(pair["external_userid"]), place.get("books/welcomes"), place.get(f"books/people/{pair['external_userid']}"))
        assert routes(place, receiver) == []

    def test_who_waits_to_be_confirmed_does_not_ask_twice(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        userid = place.busiest()
        pair = {"userid": userid, "external_userid": a_stranger(place, userid)}
        assert place.post("acts", act="add", **pair, half=True) == {"changed": True}
        assert place.post("acts", act="add", **pair, half=True) == {"changed": False}
        assert routes(place, receiver) == ["add_half_external_contact"]

    def test_who_left_comes_back(self, place: Place) -> None:
        pair = a_pair(place)
        for act in ("customer_deletes", "staff_deletes"):
            assert place.post("acts", act=act, **pair) == {"changed": True}
            assert place.post("acts", act="add", **pair) == {"changed": True}


class TestHalfAdded:
    def a_way(self, place: Place, userid: str, **more: Any) -> str:
        return place.client.add_contact_way(ContactWay((userid,), state="spring", **more)).config_id

    def test_it_is_no_relation_until_the_member_confirms(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        userid = place.busiest()
        stranger = a_stranger(place, userid)
        pair = {"userid": userid, "external_userid": stranger}
        assert place.post("acts", act="scan", config_id=self.a_way(place, userid), external_userid=stranger, half=True) == {"changed": True, "userid": userid}
        assert routes(place, receiver) == ["add_half_external_contact"]
        (event,) = receiver.events
        assert event.text("State") == "spring" and event.text("WelcomeCode")
        with pytest.raises(Refused) as caught:
            place.client.remark(userid, stranger, Remark("新朋友"))
        assert caught.value.code == 84061
        (friend,) = [one for one in place.get(f"books/people/{stranger}")["friends"] if one["half"]]
        assert friend["userid"] == userid and friend["state"] == "spring"
        place.client.send_welcome(event.text("WelcomeCode"), "欢迎")
        assert place.post("contacts/confirmations", **pair) == {"changed": True}
        assert place.post("contacts/confirmations", **pair) == {"changed": False}
        assert routes(place, receiver)[1:] == ["add_external_contact"]
        assert (receiver.events[1].text("State"), receiver.events[1].text("WelcomeCode")) == ("spring", "")
        assert stranger in place.customers_of(userid)

    def test_a_word_of_the_member_confirms_and_brings_a_code_when_none_was_used(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        userid = place.busiest()
        pair = {"userid": userid, "external_userid": a_stranger(place, userid)}
        place.post("acts", act="add", **pair, half=True)
        place.post("messages", **pair, text="在吗")
        assert routes(place, receiver) == ["add_half_external_contact"]
        place.post("messages", **pair, text="您好", by="member")
        assert routes(place, receiver)[1:] == ["add_external_contact"]
        assert receiver.events[1].text("WelcomeCode") not in ("", receiver.events[0].text("WelcomeCode"))

    def test_a_customer_who_gives_up_leaves_no_trace_with_the_platform(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        userid = place.busiest()
        pair = {"userid": userid, "external_userid": a_stranger(place, userid)}
        place.post("acts", act="add", **pair, half=True)
        assert place.post("acts", act="customer_deletes", **pair) == {"changed": True}
        assert place.post("contacts/confirmations", **pair) == {"changed": False}
        assert routes(place, receiver) == ["add_half_external_contact"]

    def test_codes_that_ask_and_members_who_still_have_the_customer_know_no_halves(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        pair = a_pair(place)
        stranger = a_stranger(place, pair["userid"])
        asking = self.a_way(place, pair["userid"], skip_verify=False)
        place.post("acts", act="scan", config_id=asking, external_userid=stranger, half=True)
        place.post("acts", act="customer_deletes", **pair)
        place.post("acts", act="add", **pair, half=True)
        assert routes(place, receiver) == ["add_external_contact", "del_follow_user", "add_external_contact"]


class TestContacts:
    def test_a_member_notes_and_tags_by_hand_and_the_app_hears_of_it(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        pair = a_pair(place)
        tag = place.get("books/tags")[0]
        held = next(one for one in place.get(f"books/people/{pair['external_userid']}")["friends"] if one["userid"] == pair["userid"])["tags"]
        assert place.post("contacts/remarks", **pair, remark="王姐") == {"changed": True}
        assert place.post("contacts/remarks", **pair, remark="王姐") == {"changed": False}
        assert place.post("contacts/tags", **pair, remove=held) == {"changed": True}
        assert place.post("contacts/tags", **pair, add=[tag["id"]]) == {"changed": True}
        assert routes(place, receiver) == ["edit_external_contact"] * 3
        (follow,) = [one for one in place.client.contact(pair["external_userid"]).follows if one.userid == pair["userid"]]
        assert follow.remark == "王姐" and [one.tag_id for one in follow.tags] == [tag["id"]]
        assert refused(place, "contacts/tags", **pair, add=["et_none"]) == (404, "no such tag")
        assert place.control.post("/sandbox/contacts/remarks", json={**pair, "remark": "长" * 21}).status_code == 422

    def test_the_same_over_the_interface_is_not_told(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        pair = a_pair(place)
        place.client.remark(pair["userid"], pair["external_userid"], Remark("王姐"))
        assert routes(place, receiver) == []


class TestLinks:
    def test_a_link_is_opened_by_its_receiver_once(self, place: Place, other: Neighbour) -> None:
        pair = a_pair(place)
        customer = pair["external_userid"]
        link = LinkAttachment("新品", f"{other.url}/t/spring")
        msgid = place.client.add_msg_template(MsgTemplate(pair["userid"], (customer,), "新品到店", (link,))).msgid
        assert refused(place, "links/openings", external_userid=customer, message=msgid) == (404, "the customer got no such message")
        place.post("confirm", msgid=msgid)
        opened = place.post("links/openings", external_userid=customer, message=msgid)
        assert opened == {"changed": True, "url": link.url, "fetched": True, "status": 200}
        assert place.post("links/openings", external_userid=customer, message=msgid)["changed"] is False
        (heard,) = other.heard
        assert (heard.path, heard.headers["x-siyu-sandbox-visitor"]) == ("/t/spring", customer)
        assert place.get("books/summary")["link_opened"] == 1
        assert place.get("books/chats", **pair)["lines"][0]["opened"] is True

    def test_first_words_and_moments_may_hold_one_and_need_not(self, place: Place, other: Neighbour) -> None:
        pair = a_pair(place)
        code = a_welcome_code(place, **pair)
        place.client.send_welcome(code, f"先看 {other.url}/t/first")
        assert place.post("links/openings", external_userid=pair["external_userid"], message=code)["status"] == 200
        moment_id = place.post("acts", act="post_moment", userid=pair["userid"], text="到店有礼")["moment_id"]
        assert refused(place, "links/openings", external_userid=pair["external_userid"], message=moment_id) == (409, "there is no link in it")

    def test_other_hosts_are_written_down_and_not_visited(self, place: Place) -> None:
        pair = a_pair(place)
        msgid = place.client.add_msg_template(MsgTemplate(pair["userid"], (pair["external_userid"],), "看 https://brand.example/x")).msgid
        place.post("confirm", msgid=msgid)
        opened = place.post("links/openings", external_userid=pair["external_userid"], message=msgid)
        assert (opened["fetched"], opened["status"]) == (False, None)


class TestOrders:
    def test_an_order_is_told_at_once_with_its_cause(self, build: Build, other: Neighbour) -> None:
        place = build(scenario={"shop": {"refund_rate": 0.0}})
        pair = a_pair(place)
        customer = pair["external_userid"]
        assert place.post("orders", external_userid=customer)["status"] is None
        other.answer = lambda heard: (201, b"")
        place.post("shop", url=f"{other.url}/orders", key="shop-key")
        msgid = place.client.add_msg_template(MsgTemplate(pair["userid"], (customer,), "新品到店")).msgid
        assert refused(place, "orders", external_userid=customer, msgid=msgid) == (404, "the customer got no such message")
        place.post("confirm", msgid=msgid)
        ordered = place.post("orders", external_userid=customer, msgid=msgid)
        assert ordered["status"] == 201 and float(ordered["amount"]) > 0
        assert [json.loads(heard.body)["order_no"] for heard in other.heard][1:] == [ordered["order_no"]]
        summary = place.get("books/summary")
        assert (summary["orders"], summary["orders_caused"], summary["orders_organic"]) == (2, 1, 0)
        told = place.get(f"books/people/{customer}")["orders"]
        assert {order["cause"] for order in told} == {"act"} and len(told) == 2


class TestTasks:
    @pytest.mark.parametrize("status", [2, 4])
    def test_who_is_disabled_or_not_activated_does_nothing_in_the_client(self, build: Build, status: int) -> None:
        place = build(scenario={"staff": {"confirm_rate": 1}})
        pair = a_pair(place)
        userid = pair["userid"]
        msgid = place.client.add_msg_template(MsgTemplate(sender=userid, external_userids=(pair["external_userid"],), text="新品")).msgid
        place.post("members", userid=userid, status=status)
        place.post("step", seconds=3 * DAY)
        assert place.post("confirm", msgid=msgid) == {"confirmed": 0}
        (task,) = place.get("books/tasks", userid=userid)
        assert task["done_at"] is None and task["planned_at"] is None
        for path, body in (
            ("sends", {"text": "新品"}),
            ("tasks/refusals", {"msgid": msgid}),
            ("messages", {**pair, "by": "member", "text": "您好"}),
            ("contacts/remarks", {**pair, "remark": "老客"}),
            ("contacts/confirmations", pair),
            ("acts", {"act": "post_moment", "text": "新品"}),
        ):
            assert refused(place, path, **({"userid": userid} | body)) == (409, "the member cannot use WeCom"), path
        place.post("members", userid=userid, status=1)
        assert place.post("confirm", msgid=msgid) == {"confirmed": 1}

    def test_a_task_says_when_it_will_be_done_and_may_be_left(self, build: Build) -> None:
        place = build(scenario={"staff": {"confirm_rate": 1.0}})
        pair = a_pair(place)
        msgid = place.client.add_msg_template(MsgTemplate(pair["userid"], (pair["external_userid"],), "周末有新品")).msgid
        place.client.add_moment(NewMoment("新品", senders=(pair["userid"],)))
        place.post("clock", business="2026-03-02T10:01:00+08:00")
        tasks = {task["kind"]: task for task in place.get("books/tasks", userid=pair["userid"])}
        assert (tasks["send"]["id"], tasks["send"]["receivers"], tasks["send"]["done_at"]) == (msgid, 1, None)
        assert tasks["send"]["planned_at"] and tasks["moment"]["planned_at"]
        assert next(one for one in place.get("books/staff") if one["userid"] == pair["userid"])["open_tasks"] == 2
        assert place.post("tasks/refusals", userid=pair["userid"], msgid=msgid) == {"changed": True}
        assert place.post("tasks/refusals", userid=pair["userid"], moment_id=tasks["moment"]["id"]) == {"changed": True}
        assert place.post("tasks/refusals", userid=pair["userid"], msgid=msgid) == {"changed": False}
        place.post("step", seconds=3 * DAY)
        assert all(task["done_at"] is None and task["planned_at"] is None for task in place.get("books/tasks", userid=pair["userid"]))
        place.post("confirm", msgid=msgid, userid=pair["userid"])
        place.post("publish", userid=pair["userid"])
        done = {task["kind"]: task for task in place.get("books/tasks", userid=pair["userid"])}
        assert done["send"]["reached"] == 1 and done["moment"]["done_at"]
        assert refused(place, "tasks/refusals", userid=pair["userid"])[0] == 422


class TestPortraits:
    def test_people_are_found_by_name_and_id(self, place: Place) -> None:
        someone = place.get("books/people")[7]
        found = place.get("books/people", q=someone["name"][:2], limit=50)
        assert someone in found and all(someone["name"][:2] in one["name"] for one in found)
        assert [one["external_userid"] for one in place.get("books/people", q=someone["external_userid"])] == [someone["external_userid"]]
        assert len(place.get("books/people", limit=3)) == 3 and place.get("books/people", q="%") == []
        assert [one["userid"] for one in place.get("books/staff", q="guide0101")] == ["guide0101"]
        assert place.control.get("/sandbox/books/people/nobody").json()["detail"] == "no such customer"
        assert place.control.get("/sandbox/books/staff/nobody").json()["detail"] == "no such member"

    def test_both_sides_of_a_relation_are_told(self, place: Place) -> None:
        pair = a_pair(place)
        place.post("acts", act="customer_deletes", **pair)
        (theirs,) = [one for one in place.get(f"books/people/{pair['external_userid']}")["friends"] if one["userid"] == pair["userid"]]
        ours = place.get(f"books/staff/{pair['userid']}", q=pair["external_userid"])
        assert ours["friends"] == [theirs] and ours["customers"] >= 1
        assert (theirs["left_by_customer"], theirs["left_by_staff"]) == (1, 0)

    def test_codes_on_the_walls(self, place: Place) -> None:
        userid = place.busiest()
        way = place.client.add_contact_way(ContactWay((userid,), state="spring", remark="门店")).config_id
        found = place.get("books/codes")
        assert found["contact_ways"] == [
            {"config_id": way, "remark": "门店", "state": "spring", "skip_verify": True, "temporary": False, "over": False, "members": [userid]}
        ]
        assert (found["acquisition_links"], found["group_codes"]) == ([], [])


class TestPushesAgain:
    def test_a_callback_is_pushed_again_with_the_same_body(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        place.post("acts", act="customer_deletes", **a_pair(place))
        assert place.sandbox.pushes.drain(10)
        (push,) = place.get("books/pushes", last=50)
        place.post("pushes/again", id=push["id"])
        assert place.sandbox.pushes.drain(10)
        assert len(receiver.bodies) == 2 and len(set(receiver.bodies)) == 1
        assert [one["id"] for one in place.get("books/pushes", last=1)] == [push["id"] + 1]
        assert refused(place, "pushes/again", id=4711) == (404, "no such callback")
