"""客户群 over HTTP: listed, read, entered by code, left, told by callbacks."""

from dataclasses import replace

import pytest

from siyu.connectors.wecom import JoinWay, Refused
from siyu.connectors.wecom.sandbox.settings import AppSettings, Limits
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_pushes import Receiver, listening


def code_of(call: object, *args: object) -> int:
    with pytest.raises(Refused) as caught:
        call(*args)  # type: ignore[operator]
    return caught.value.code


def chats(place: Place) -> list[str]:
    return [one.chat_id for one in place.client.group_chats()]


def outsider(place: Place, chat_id: str) -> str:
    inside = {member.userid for member in place.client.group_chat(chat_id).members}
    return next(id for userid in place.client.follow_users() for id in place.customers_of(userid) if id not in inside)


def told(place: Place, receiver: Receiver) -> list[tuple[str, str]]:
    assert place.sandbox.pushes.drain(10)
    return [(event.route[1], event.text("UpdateDetail")) for event in receiver.events if event.route[0] == "change_external_chat"]


class TestReading:
    def test_groups_of_the_town_have_owners_staff_and_customers(self, build: Build) -> None:
        place = build(scenario={"customers": 120})
        listed = chats(place)
        assert listed and len(set(listed)) == len(listed)
        for chat_id in listed:
            chat = place.client.group_chat(chat_id, names=True)
            staff = {member.userid for member in chat.members if member.type == 1}
            customers = [member for member in chat.members if member.type == 2]
            assert chat.owner in staff and customers and all(member.name and member.unionid and member.joined_at for member in customers)
            assert all((member.join_scene == 1) == bool(member.invitor) for member in customers)
        assert all(not member.name for member in place.client.group_chat(listed[0]).members)

    def test_listing_pages_filters_by_owner_and_wants_a_limit(self, build: Build) -> None:
        place = build(scenario={"customers": 120})
        everything = chats(place)
        owner = place.client.group_chat(everything[0]).owner
        assert [one.chat_id for one in place.client.group_chats([owner])] == [id for id in everything if place.client.group_chat(id).owner == owner]
        assert list(place.client.group_chats([])) == []
        paged: list[str] = []
        cursor = ""
        while not paged or cursor:
            answer = place.call("POST", "externalcontact/groupchat/list", body={"limit": 2, "cursor": cursor, "offset": 99})
            paged += [row["chat_id"] for row in answer["group_chat_list"]]
            cursor = answer["next_cursor"]
        assert paged == everything
        for limit in (0, 1001, None):
            assert place.call("POST", "externalcontact/groupchat/list", body={"limit": limit} if limit is not None else {})["errcode"] == 40058

    def test_a_large_range_needs_an_owner_filter(self, build: Build) -> None:
        place = build(limits=Limits(people_without_filter=3))
        assert code_of(lambda: list(place.client.group_chats())) == 81017
        assert list(place.client.group_chats(place.client.follow_users())) != []

    def test_an_app_sees_groups_of_its_range_only(self, build: Build) -> None:
        place = build(scenario={"customers": 120}, apps=(AppSettings(1000002, "a" * 43), AppSettings(1000003, "b" * 43, visible_departments=(100,))))
        answer = place.raw.get("/cgi-bin/gettoken", params={"corpid": place.address.corp_id, "corpsecret": "b" * 43}).json()
        token = answer["access_token"]
        seen = place.call("POST", "externalcontact/groupchat/list", body={"limit": 100}, token=token)["group_chat_list"]
        hidden = set(chats(place)) - {row["chat_id"] for row in seen}
        assert seen and hidden
        assert place.call("POST", "externalcontact/groupchat/get", body={"chat_id": min(hidden)}, token=token)["errcode"] == 60011

    def test_what_is_no_group_is_told_apart(self, build: Build) -> None:
        place = build()
        chat_id = chats(place)[0]
        assert code_of(place.client.group_chat, "wr-none") == 90501
        assert place.post("acts", act="dismiss_group", chat_id=chat_id)["changed"]
        assert code_of(place.client.group_chat, chat_id) == 49008
        assert chat_id not in chats(place)


class TestWays:
    def test_a_way_round_trips_and_is_replaced_as_a_whole(self, build: Build) -> None:
        place = build()
        way = JoinWay((chats(place)[0],), "live:1", "直播间", auto_create=False, base_name="直播群", base_id=8)
        id = place.client.add_join_way(way)
        made = place.client.join_way(id)
        assert (made.config_id, made.way) == (id, way) and made.qr_code
        place.client.update_join_way(id, JoinWay(way.chat_ids, "live:2"))
        assert place.client.join_way(id).way == JoinWay(way.chat_ids, "live:2") and place.client.join_way(id).qr_code == made.qr_code
        place.client.update_join_way(id, replace(way, remark="长" * 40))
        assert place.client.join_way(id).way.remark == "长" * 30
        place.client.delete_join_way(id)
        assert code_of(place.client.join_way, id) == code_of(place.client.delete_join_way, id) == 41044

    def test_what_cannot_be_made_is_refused(self, build: Build) -> None:
        place = build(limits=Limits(contact_ways=1))
        chat_id = chats(place)[0]
        assert code_of(place.client.add_join_way, JoinWay(())) == 40058
        assert code_of(place.client.add_join_way, JoinWay((chat_id,) * 6)) == 41091
        assert code_of(place.client.add_join_way, JoinWay(("wr-none",))) == 90501
        assert code_of(place.client.add_join_way, JoinWay((chat_id,), state="长" * 31)) == 40058
        place.client.add_join_way(JoinWay((chat_id,)))
        assert code_of(place.client.add_join_way, JoinWay((chat_id,))) == 41045  # codes of both kinds share one ceiling


class TestComingAndGoing:
    def test_who_scans_is_in_with_state_and_scene_and_everybody_hears(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        chat_id = chats(place)[0]
        before = place.client.group_chat(chat_id).version
        customer = outsider(place, chat_id)
        id = place.client.add_join_way(JoinWay((chat_id,), "live:1"))
        assert place.post("acts", act="join_group", config_id=id, external_userid=customer) == {"changed": True, "chat_id": chat_id}
        chat = place.client.group_chat(chat_id)
        (member,) = [one for one in chat.members if one.userid == customer]
        assert (member.join_scene, member.state, member.invitor) == (3, "live:1", "")
        assert told(place, receiver) == [("update", "add_member")]
        (event,) = receiver.events
        assert (event.text("JoinScene"), event.text("LastMemVer"), event.text("CurMemVer")) == ("3", before, chat.version)
        assert event.elements["MemChangeList"] == {"Item": customer}

    def test_who_scans_again_is_in_already_whichever_group_has_room(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        first, second = chats(place)[:2]
        customer = outsider(place, first)
        id = place.client.add_join_way(JoinWay((first, second)))
        place.post("acts", act="join_group", chat_id=second, external_userid=customer)
        for _ in range(2):
            assert place.post("acts", act="join_group", config_id=id, external_userid=customer) == {"changed": False, "chat_id": second}
        assert told(place, receiver) == [("update", "add_member")]
        place.post("acts", act="dismiss_group", chat_id=second)
        assert place.post("acts", act="join_group", config_id=id, external_userid=customer) == {"changed": True, "chat_id": first}

    def test_a_code_or_a_group_that_is_none_is_not_found(self, build: Build) -> None:
        place = build()
        customer, id = outsider(place, chats(place)[0]), place.client.add_join_way(JoinWay((chats(place)[0],)))
        place.client.delete_join_way(id)
        orders = [{"act": "join_group", "config_id": code} for code in (id, "none")]
        orders += [{"act": act, "chat_id": "wr-none"} for act in ("join_group", "leave_group", "rename_group", "dismiss_group", "speak_in_group")]
        for order in orders:
            assert place.control.post("/sandbox/acts", json={**order, "external_userid": customer}).status_code == 404, order

    def test_a_customer_reads_who_brought_them_in(self, build: Build) -> None:
        place = build()
        group = place.get("books/groups")[0]
        customer = outsider(place, group["chat_id"])
        place.post("acts", act="join_group", chat_id=group["chat_id"], userid=group["owner"], external_userid=customer)
        name = next(one["name"] for one in place.get("books/staff") if one["userid"] == group["owner"])
        told = next(one for one in place.get(f"books/people/{customer}")["groups"] if one["chat_id"] == group["chat_id"])
        assert (told["scene"], told["invitor"]) == (1, name)

    def test_leaving_renaming_and_dismissing_call_back_each_once(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        chat_id = chats(place)[0]
        customer = next(member.userid for member in place.client.group_chat(chat_id).members if member.type == 2)
        for _ in range(2):
            place.post("acts", act="leave_group", chat_id=chat_id, external_userid=customer, removed=True)
        place.post("acts", act="rename_group", chat_id=chat_id, name="新名字")
        place.post("acts", act="dismiss_group", chat_id=chat_id)
        assert sorted(told(place, receiver)) == [("dismiss", ""), ("update", "change_name"), ("update", "del_member")]
        assert {event.text("QuitScene") for event in receiver.events if event.text("UpdateDetail") == "del_member"} == {"1"}

    def test_a_full_group_opens_another_only_when_the_code_says_so(self, build: Build) -> None:
        place = build()
        chat_id = chats(place)[0]
        size = len(place.client.group_chat(chat_id).members)
        place.sandbox.town.groups._corp.settings = replace(place.sandbox.settings, limits=Limits(chat_members=size))
        shut = place.client.add_join_way(JoinWay((chat_id,), auto_create=False))
        customer = outsider(place, chat_id)
        assert place.post("acts", act="join_group", config_id=shut, external_userid=customer) == {"changed": False, "chat_id": None}
        opens = place.client.add_join_way(JoinWay((chat_id,), base_name="直播群", base_id=8))
        fresh = place.post("acts", act="join_group", config_id=opens, external_userid=customer)["chat_id"]
        assert place.client.group_chat(fresh).name == "直播群9"
        assert place.client.join_way(opens).way.chat_ids == (chat_id, fresh)
