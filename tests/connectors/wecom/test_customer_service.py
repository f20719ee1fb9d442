"""微信客服 over HTTP: accounts, sessions, messages both ways, what is called back."""

from typing import Any

import pytest

from siyu.connectors.wecom import ServiceMessage, ServiceReply, ServiceState
from siyu.connectors.wecom.model.customer_service import BOT, FROM_CUSTOMER, FROM_SERVICER, FROM_SYSTEM, NEW, OVER, PERSON, QUEUE
from siyu.connectors.wecom.sandbox.settings import Limits
from tests.connectors.wecom.asking import a_picture, a_service_account, a_service_chat
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_group_chats import code_of
from tests.connectors.wecom.test_pushes import listening

HELLO = ServiceReply.text("你好")


def read(place: Place, open_kfid: str, cursor: str = "", **more: Any) -> list[ServiceMessage]:
    return [message for message, _ in place.client.service_messages(open_kfid, cursor, **more)]


class TestAccounts:
    def test_one_is_made_renamed_and_deleted(self, build: Build) -> None:
        place = build(limits=Limits(kf_accounts=1))
        client, picture = place.client, a_picture(place)
        id = client.add_service_account("售后", picture)
        assert id.startswith("wk") and [(one.open_kfid, one.name, one.managed) for one in client.service_accounts()] == [(id, "售后", True)]
        client.update_service_account(id, name="售前")
        assert [one.name for one in client.service_accounts()] == ["售前"]
        assert code_of(client.add_service_account, "另一个", picture) == 95005
        client.delete_service_account(id)
        assert code_of(client.delete_service_account, id) == 95000 and list(client.service_accounts()) == []
        assert code_of(client.add_service_account, "长" * 17, picture) == 40058
        assert code_of(client.add_service_account, "售后", "made-up") == 40007

    def test_older_clients_list_with_get(self, still: Place) -> None:
        id = a_service_account(still)
        assert id in {row["open_kfid"] for row in still.call("GET", "kf/account/list", query={"limit": 100})["account_list"]}

    def test_servicers_are_members_and_departments(self, still: Place) -> None:
        id, member = a_service_account(still), still.busiest()
        results = still.client.add_servicers(id, ["OWNER", "nobody"], department_ids=[900, 4711])
        assert [(row.userid, row.department_id, row.code) for row in results] == [
            ("owner", None, 0),
            ("nobody", None, 60111),
            ("", 900, 0),
            ("", 4711, 60003),
        ]
        assert {(one.userid, one.department_id, one.receiving) for one in still.client.servicers(id)} == {
            (member, None, True),
            ("owner", None, True),
            ("", 900, True),
        }
        assert [row.code for row in still.client.remove_servicers(id, ["Owner", "store01"], department_ids=[900])] == [0, 95014, 0]
        assert [one.userid for one in still.client.servicers(id)] == [member]
        assert code_of(still.client.add_servicers, id) == 40058


class TestComing:
    def test_who_opens_the_address_is_welcomed_once(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        id, customer = a_service_account(place), place.customers_of(place.busiest())[0]
        url = place.client.service_url(id, "web")
        assert url == place.client.service_url(id, "web") != place.client.service_url(id, "poster")
        place.post("kf/entries", url=f"{url}?scene_param=%E7%AB%A0", external_userid=customer)
        assert place.sandbox.pushes.drain(10)
        (event,) = receiver.events
        assert event.route == ("kf_msg_or_event", "") and (event.text("OpenKfId"), event.text("FromUserName")) == (id, "")
        (entry,) = read(place, id, token=event.text("Token"))
        assert (entry.event, entry.origin, entry.external_userid) == ("enter_session", FROM_SYSTEM, customer)
        assert (entry.body["scene"], entry.body["scene_param"]) == ("web", "章")
        code = entry.body["welcome_code"]
        assert place.client.answer_service_event(code, HELLO)
        assert code_of(place.client.answer_service_event, code, HELLO) == 95007
        place.post("kf/entries", url=url, external_userid=customer)
        assert "welcome_code" not in read(place, id)[-1].body

    def test_a_welcome_comes_within_twenty_seconds(self, build: Build) -> None:
        place = build()
        id, customer = a_service_account(place), place.customers_of(place.busiest())[0]
        place.post("kf/entries", url=place.client.service_url(id), external_userid=customer)
        code = read(place, id)[0].body["welcome_code"]
        ahead = place.sandbox.clock.machine() + 21
        place.sandbox.clock.machine = lambda: ahead
        assert code_of(place.client.answer_service_event, code, HELLO) == 95007

    def test_who_they_are_is_told_for_two_days(self, build: Build) -> None:
        place = build()
        id, customer = a_service_account(place), place.customers_of(place.busiest())[0]
        place.post("kf/entries", url=place.client.service_url(id, "web"), external_userid=customer)
        (known,) = place.client.service_customers([customer, "wmNobody"])
        assert (known.external_userid, known.scene) == (customer, "web") and known.nickname and known.unionid
        place.post("step", seconds=48 * 3600)
        assert place.client.service_customers([customer]) == []
        answer = place.call("POST", "kf/customer/batchget", body={"external_userid_list": [customer]})
        assert (answer["customer_list"], answer["invalid_external_userid"]) == ([], [customer])


class TestReading:
    def test_messages_are_read_on_from_a_cursor_for_three_days(self, build: Build) -> None:
        place = build()
        chat = a_service_chat(place)
        id, customer = chat["open_kfid"], chat["external_userid"]
        ((first, cursor),) = place.client.service_messages(id)
        assert (first.text, first.origin, first.external_userid, first.kind) == ("你好", FROM_CUSTOMER, customer, "text")
        place.post("kf/messages", open_kfid=id, external_userid=customer, text="在吗", menu_id="m1")
        (second,) = read(place, id, cursor)
        assert (second.text, second.body["menu_id"]) == ("在吗", "m1")
        assert read(place, a_service_account(place)) == []
        place.post("step", seconds=3 * 86_400)
        assert read(place, id) == []

    def test_a_page_says_whether_to_go_on(self, build: Build) -> None:
        place = build()
        id = a_service_chat(place)["open_kfid"]
        a_service_chat(place)
        everything = place.call("POST", "kf/sync_msg", body={"limit": 1})
        assert (len(everything["msg_list"]), everything["has_more"]) == (1, 1)
        rest = place.call("POST", "kf/sync_msg", body={"limit": 1, "cursor": everything["next_cursor"]})
        assert (len(rest["msg_list"]), rest["has_more"]) == (1, 0) and len(rest["next_cursor"]) <= 64
        end = place.call("POST", "kf/sync_msg", body={"cursor": rest["next_cursor"]})
        assert (end["msg_list"], end["has_more"]) == ([], 0) and place.call("POST", "kf/sync_msg", body={"cursor": "made up"})["errcode"] == 50100
        assert place.call("POST", "kf/sync_msg", body={"open_kfid": id, "voice_format": 2})["errcode"] == 40058

    def test_a_token_lives_for_ten_minutes_and_without_one_it_is_slow(self, build: Build, other: Neighbour) -> None:
        place = build(limits=Limits(kf_sync_without_token_per_hour=1))
        receiver = listening(place, other)
        id = a_service_chat(place)["open_kfid"]
        assert place.sandbox.pushes.drain(10)
        token = receiver.events[-1].text("Token")
        assert read(place, id) and code_of(lambda: read(place, id)) == 45009
        assert read(place, id, token=token) and code_of(lambda: read(place, a_service_account(place), token=token)) == 95007
        assert code_of(lambda: read(place, id, token="made-up")) == 95007
        ahead = place.sandbox.clock.machine() + 601
        place.sandbox.clock.machine = lambda: ahead
        assert code_of(lambda: read(place, id, token=token)) == 95007


class TestWriting:
    def test_five_answers_and_then_the_customer_must_write_again(self, build: Build) -> None:
        place = build()
        chat = a_service_chat(place)
        id, customer = chat["open_kfid"], chat["external_userid"]
        for _ in range(5):
            assert place.client.send_service_message(id, customer, HELLO)
        assert code_of(place.client.send_service_message, id, customer, HELLO) == 95001
        place.post("kf/messages", open_kfid=id, external_userid=customer)
        assert place.client.send_service_message(id, customer, ServiceReply("image", {"media_id": a_picture(place)}, msgid="own-1")) == "own-1"
        assert code_of(place.client.send_service_message, id, customer, ServiceReply.text("再说一遍", msgid="own-1")) == 40058
        assert [message.origin for message in read(place, id)] == [FROM_CUSTOMER, FROM_CUSTOMER]
        assert [row["kind"] for row in place.get("books/kf") if row["origin"] == 0] == ["text"] * 5 + ["image"]
        place.post("step", seconds=48 * 3600 + 1)
        assert code_of(place.client.send_service_message, id, customer, HELLO) == 95002

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"msgtype": "smell"}, 40008),
            ({"text": {}}, 44004),
            ({"text": {"content": "好" * 700}}, 45002),
            ({"msgtype": "image", "image": {"media_id": "made-up"}}, 40007),
            ({"msgtype": "link", "link": {"url": "https://a"}}, 41016),
            ({"msgtype": "msgmenu", "msgmenu": {"list": [{}] * 11}}, 95008),
            ({"msgtype": "location", "location": {}}, 40058),
            ({"open_kfid": "wkNone"}, 95000),
            ({"open_kfid": ""}, 60251),
            ({"touser": "wmNobody"}, 40096),
        ],
    )
    def test_what_does_not_fit_is_refused(self, still: Place, change: dict[str, Any], code: int) -> None:
        chat = a_service_chat(still)
        body = {"touser": chat["external_userid"], "open_kfid": chat["open_kfid"], "msgtype": "text", "text": {"content": "你好"}}
        assert still.call("POST", "kf/send_msg", body=body | change)["errcode"] == code

    def test_who_has_not_written_cannot_be_written_to(self, still: Place) -> None:
        customer = still.customers_of(still.busiest())[0]
        assert code_of(still.client.send_service_message, a_service_account(still), customer, HELLO) == 95002


class TestEntries:
    def test_an_address_that_is_none_is_not_found(self, still: Place) -> None:
        open_kfid, customer = a_service_account(still), still.customers_of(still.busiest())[0]
        gone = still.call("POST", "kf/add_contact_way", body={"open_kfid": open_kfid})["url"]
        still.call("POST", "kf/account/del", body={"open_kfid": open_kfid})
        for url in (gone, "https://work.weixin.qq.com/kf/none", "nowhere"):
            answer = still.control.post("/sandbox/kf/entries", json={"url": url, "external_userid": customer})
            assert (answer.status_code, answer.json()) == (404, {"detail": "no such link"})


class TestSessions:
    def test_from_the_app_to_a_person_and_to_its_end(self, build: Build) -> None:
        place = build()
        chat, member = a_service_chat(place), place.busiest()
        id, customer = chat["open_kfid"], chat["external_userid"]
        client = place.client
        assert client.service_state(id, customer) == ServiceState(NEW, "")
        assert client.change_service_state(id, customer, BOT) == ""
        code = client.change_service_state(id, customer, PERSON, servicer=member)
        assert client.service_state(id, customer) == ServiceState(PERSON, member) and client.answer_service_event(code, HELLO)
        assert code_of(client.send_service_message, id, customer, HELLO) == 95018
        place.post("kf/messages", open_kfid=id, external_userid=customer, userid=member, text="我来")
        assert place.control.post("/sandbox/kf/messages", json={**chat, "userid": "owner"}).status_code == 409
        place.post("kf/endings", open_kfid=id, external_userid=customer, userid=member)
        *_, answer, ended = read(place, id)
        assert (answer.text, answer.origin, answer.servicer) == ("我来", FROM_SERVICER, member)
        assert (ended.event, ended.body["old_servicer_userid"]) == ("session_status_change", member)
        assert client.answer_service_event(ended.body["msg_code"], HELLO)
        assert client.service_state(id, customer).state == OVER
        assert code_of(client.send_service_message, id, customer, HELLO) == code_of(client.change_service_state, id, customer, QUEUE) == 95013
        place.post("kf/messages", open_kfid=id, external_userid=customer)
        assert client.service_state(id, customer).state == NEW

    def test_changes_that_are_not_allowed_are_refused(self, build: Build) -> None:
        place = build()
        chat, member = a_service_chat(place), place.busiest()
        id, customer = chat["open_kfid"], chat["external_userid"]

        def to(state: int, servicer: str = "") -> int:
            return code_of(lambda: place.client.change_service_state(id, customer, state, servicer=servicer))

        assert (to(NEW), to(7), to(PERSON), to(PERSON, "owner")) == (95016, 95016, 95014, 95014)
        place.post("kf/pauses", open_kfid=id, userid=member)
        assert to(PERSON, member) == 95019 and [one.receiving for one in place.client.servicers(id)] == [False]
        assert read(place, id)[-1].event == "servicer_status_change"
        place.post("kf/pauses", open_kfid=id, userid=member, stopped=False)
        assert place.client.change_service_state(id, customer, PERSON, servicer=member)
        assert to(BOT) == 95016
