"""wechatpy as it comes from PyPI on files, pages, cards and 微信客服."""

import io
from typing import Any

from siyu.connectors.wecom import js_signature
from tests.connectors.wecom.asking import MP4, PNG, a_card, a_code, a_service_chat
from tests.connectors.wecom.conftest import Place
from tests.connectors.wecom.test_sdks import sdk


def a_file(name: str, content: bytes) -> Any:
    file = io.BytesIO(content)
    file.name = name
    return file


class TestWechatpy:
    def test_it_uploads_files_and_sends_them(self, still: Place) -> None:
        client = sdk(still)
        picture = client.media.upload("image", a_file("新品.png", PNG))
        film = client.media.upload("video", a_file("a.mp4", MP4))
        assert (picture["type"], film["type"]) == ("image", "video")
        assert still.client.media(picture["media_id"]).content == PNG
        assert client.media.upload_img(a_file("logo.png", PNG))["url"].startswith(still.address.url)
        assert client.message.send_image(still.address.agent_id, ["owner"], picture["media_id"])["errcode"] == 0

    def test_it_signs_pages_as_we_do(self, still: Place) -> None:
        api = sdk(still).jsapi
        ticket, page = api.get_ticket()["ticket"], "https://siyu.example/side?x=1"
        assert (ticket, api.get_agent_ticket()["ticket"]) == (still.client.js_ticket(), still.client.agent_ticket())
        assert api.get_jsapi_signature("n0nce", ticket, 1_700_000_000, page) == js_signature(ticket, nonce="n0nce", timestamp=1_700_000_000, url=page)

    def test_it_knows_who_logged_in(self, still: Place) -> None:
        assert sdk(still).oauth.get_user_info(a_code(still))["UserId"] == still.busiest()

    def test_it_changes_a_card_the_old_way(self, still: Place) -> None:
        a_card(still, "sdk-task")
        assert sdk(still).message.update_taskcard(still.address.agent_id, [still.busiest()], "sdk-task", "已处理")["errcode"] == 0

    def test_it_serves_customers(self, still: Place) -> None:
        chat = a_service_chat(still)
        id, customer = chat["open_kfid"], chat["external_userid"]
        api = sdk(still).kf
        assert [row["text"]["content"] for row in api.sync_msg("")["msg_list"] if row.get("open_kfid") == id] == ["你好"]
        assert api.get_service_state(id, customer)["service_state"] == 0
        assert [row["userid"] for row in api.get_servicer_list(id)["servicer_list"]] == [still.busiest()]
        assert id in {row["open_kfid"] for row in api.get_account_list()["account_list"]}
        assert sdk(still).kf_message.send_text(customer, id, "您好")["msgid"]
        code = api.trans_service_state(id, customer, 2)["msg_code"]
        assert api.send_msg_on_event(code, "text", {"text": {"content": "请稍候"}})["msgid"]
        assert [row["external_userid"] for row in api.batchget_customer([customer])["customer_list"]] == [customer]
