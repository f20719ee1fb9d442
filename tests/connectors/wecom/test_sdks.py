"""Other people's SDKs take the sandbox for the platform, and read and write its callbacks: wechatpy as it comes from PyPI."""

from collections.abc import Iterator
from typing import Any

import pytest
from wechatpy.exceptions import InvalidSignatureException, WeChatClientException
from wechatpy.work import WeChatClient
from wechatpy.work.client.api import WeChatExternalContactGroupChat
from wechatpy.work.crypto import WeChatCrypto
from wechatpy.work.exceptions import InvalidCorpIdException

from siyu.connectors.wecom import CallbackKeys, open_push, parse
from siyu.connectors.wecom.crypto import encrypt, envelope, signature
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Heard, Neighbour

TOKEN, AES_KEY = "SandboxToken01", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"


def sdk(place: Place, secret: str | None = None) -> WeChatClient:
    """wechatpy at the sandbox's address; its token call names the host itself, as `API_BASE_URL` does not reach it."""

    class Client(WeChatClient):  # type: ignore[misc]
        API_BASE_URL = f"{place.address.url}/cgi-bin/"

        def fetch_access_token(self) -> Any:
            return self._fetch_access_token(url=f"{self.API_BASE_URL}gettoken", params={"corpid": self.corp_id, "corpsecret": self.secret})

    return Client(place.address.corp_id, secret or place.address.secret)


@pytest.fixture
def place(build: Build) -> Iterator[Place]:
    yield build()


class TestWechatpy:
    def test_it_gets_a_token_and_reads_the_organisation(self, place: Place) -> None:
        client = sdk(place)
        assert client.access_token == place.client.token()
        members = client.user.list(1, fetch_child=True)
        assert {row["userid"] for row in members} == {member.userid for member in place.client.members(1, whole_subtree=True)}
        assert client.user.get(members[0]["userid"])["name"] == members[0]["name"]
        assert [row["id"] for row in client.department.list()] == [one.id for one in place.client.departments()]

    def test_it_gets_a_new_token_when_the_platform_has_killed_the_old_one(self, place: Place) -> None:
        client = sdk(place)
        client.fetch_access_token()
        place.fault("token_invalid", "user/get")
        assert client.user.get(place.busiest())["userid"] == place.busiest()

    def test_it_reads_customers_by_all_three_calls(self, place: Place) -> None:
        api = sdk(place).external_contact
        member = place.busiest()
        customers = api.list(member)["external_userid"]
        assert member in api.get_follow_user_list()["follow_user"] and tuple(customers) == place.customers_of(member)
        assert api.get(customers[0])["external_contact"]["external_userid"] == customers[0]
        rows = list(api.gen_all_by_user(member, limit=2))
        assert [row["external_contact"]["external_userid"] for row in rows] == customers

    def test_it_makes_tags_and_puts_them_on(self, place: Place) -> None:
        api = sdk(place).external_contact
        member = place.busiest()
        customer = place.customers_of(member)[0]
        made = api.add_corp_tag(None, "人群", 1, [{"name": "育儿", "order": 2}])["tag_group"]
        api.mark_tag(member, customer, add_tag=[made["tag"][0]["id"]])
        (follow,) = [row for row in api.get(customer)["follow_user"] if row["userid"] == member]
        assert "育儿" in {tag["tag_name"] for tag in follow["tags"]}
        assert api.get_corp_tag_list([made["tag"][0]["id"]])["tag_group"][0]["group_name"] == "人群"

    def test_it_makes_a_contact_way_and_changes_it(self, place: Place) -> None:
        api = sdk(place).external_contact
        made = api.add_contact_way(1, 2, state="store:7", user=[place.busiest()])
        api.update_contact_way(made["config_id"], "立牌", state="store:8")
        way = api.get_contact_way(made["config_id"])["contact_way"]
        assert (way["state"], way["remark"], way["user"], way["qr_code"]) == ("store:8", "立牌", [place.busiest()], made["qr_code"])
        api.del_contact_way(made["config_id"])
        assert list(place.client.contact_way_ids()) == []

    def test_it_sends_to_customers_and_to_staff(self, place: Place) -> None:
        client = sdk(place)
        member = place.busiest()
        sent = client.external_contact.add_msg_template({"sender": member, "external_userid": list(place.customers_of(member)), "text": {"content": "你好"}})
        assert sent["fail_list"] == []
        before = client.external_contact.get_group_msg_result(sent["msgid"])
        assert before["check_status"] == 1 and {row["status"] for row in before["detail_list"]} == {0}
        place.post("confirm", msgid=sent["msgid"])
        results = {row["external_userid"]: row["status"] for row in client.external_contact.get_group_msg_result(sent["msgid"])["detail_list"]}
        assert results == {row.external_userid: row.status for row in place.client.group_send_results(sent["msgid"], member)}
        pages = client.post("externalcontact/get_groupmsg_send_result", data={"msgid": sent["msgid"], "userid": member})["send_list"]
        assert {row["external_userid"]: row["status"] for row in pages} == results
        assert {row.status for row in place.client.group_send_results(sent["msgid"], member)} <= {1, 3}
        assert client.message.send_text(place.address.agent_id, [member], "今天有任务")["errcode"] == 0

    def test_it_notes_what_a_member_knows_of_a_customer(self, place: Place) -> None:
        client = sdk(place)
        member = place.busiest()
        customer = place.customers_of(member)[0]
        noted = {"userid": member, "external_userid": customer, "remark": "老客", "description": "爱烛台", "remark_mobiles": ["13800000001"]}
        assert client.post("externalcontact/remark", data=noted)["errcode"] == 0  # it has no method of its own for this call
        (follow,) = [row for row in client.external_contact.get(customer)["follow_user"] if row["userid"] == member]
        assert (follow["remark"], follow["description"], follow["remark_mobiles"]) == ("老客", "爱烛台", ["13800000001"])

    def test_it_hands_customers_over_by_the_retired_call(self, place: Place) -> None:
        api = sdk(place).external_contact
        member = place.busiest()
        first, second = place.customers_of(member)[:2]
        api.transfer(first, member, "service01", "以后由我为您服务")
        with pytest.raises(WeChatClientException) as caught:
            api.transfer(first, member, "service02")
        assert caught.value.errcode == 40129
        place.post("acts", act="member_leaves", userid=member)
        waiting = api.get_unassigned_list()
        assert waiting["is_last"] and second in {row["external_userid"] for row in waiting["info"]}
        api.transfer(second, member, "service02")
        assert [row.external_userid for row in place.client.resigned_handover_results(member, "service02")] == [second]

    def test_it_reads_groups_and_figures(self, place: Place) -> None:
        client = sdk(place)
        groups = WeChatExternalContactGroupChat(client)
        chats = [row["chat_id"] for row in groups.list_all(limit=2)]
        assert chats == [one.chat_id for one in place.client.group_chats()] == [row["chat_id"] for row in groups.list(limit=100)["group_chat_list"]]
        chat = groups.get(chats[0])["group_chat"]
        assert client.external_contact.get_group_chat_info(chats[0])["group_chat"] == chat
        yesterday = int(place.sandbox.clock.now()) - 86_400
        (item,) = groups.statistic(yesterday, owner_userid_list=[chat["owner"]])["items"]
        assert item["owner"] == chat["owner"] and item["data"]["member_total"] > 0
        (day,) = client.external_contact.get_user_behavior_data([chat["owner"]], yesterday, yesterday)["behavior_data"]
        assert day["stat_time"] <= yesterday and day["new_contact_cnt"] >= 0

    def test_it_reads_our_callbacks(self, place: Place, other: Neighbour) -> None:
        crypto = WeChatCrypto(TOKEN, AES_KEY, place.address.corp_id)
        heard: list[str] = []

        def answer(request: Heard) -> tuple[int, bytes]:
            told = (request.query["msg_signature"], request.query["timestamp"], request.query["nonce"])
            if request.method == "GET":
                return 200, crypto.check_signature(*told, request.query["echostr"]).encode()
            heard.append(crypto.decrypt_message(request.body, *told))
            return 200, b""

        other.answer = answer
        place.post("callbacks", url=f"{other.url}/wecom", token=TOKEN, aes_key=AES_KEY)
        member = place.busiest()
        customer = place.customers_of(member)[0]
        place.post("acts", act="customer_deletes", userid=member, external_userid=customer)
        assert place.sandbox.pushes.drain(10)
        (event,) = [parse(body.encode() if isinstance(body, str) else body) for body in heard]
        assert event.route == ("change_external_contact", "del_follow_user") and event.text("ExternalUserID") == customer

    def test_we_read_what_it_writes_and_it_refuses_what_is_forged(self, place: Place) -> None:
        keys = CallbackKeys(TOKEN, AES_KEY, place.address.corp_id)
        crypto = WeChatCrypto(TOKEN, AES_KEY, place.address.corp_id)
        body = b"<xml><Event><![CDATA[x]]></Event></xml>"
        written = crypto.encrypt_message(body.decode(), "nonce1", "1772417162").encode()
        mark = written.split(b"<MsgSignature><![CDATA[")[1].split(b"]]>")[0].decode()
        assert open_push(keys, written, msg_signature=mark, timestamp="1772417162", nonce="nonce1") == body

        ours = encrypt(keys, body, random16=b"0123456789abcdef")
        with pytest.raises(InvalidSignatureException):
            crypto.decrypt_message(envelope(to=keys.receive_id, agent_id="1", encrypted=ours), "0" * 40, "1", "n")
        foreign = encrypt(CallbackKeys(TOKEN, AES_KEY, "ww0000000000000000"), body, random16=b"0123456789abcdef")
        with pytest.raises(InvalidCorpIdException):
            crypto.decrypt_message(envelope(to=keys.receive_id, agent_id="1", encrypted=foreign), signature(TOKEN, "1", "n", foreign), "1", "n")
