"""Every field of the contract within its length, its range, its kind: what is beyond answers its code and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.connectors.wecom.asking import a_link, a_picture, a_product, a_service_account
from tests.connectors.wecom.conftest import Place
from tests.connectors.wecom.test_contract import CONTRACT, a_request

Change = dict[str, Any] | Callable[[Place], dict[str, Any]]


def web(**link: Any) -> dict[str, Any]:
    return {"attachments": [{"msgtype": "link", "link": {"title": "新品", "url": "https://brand.example/a", **link}}]}


def card(place: Place, **change: Any) -> dict[str, Any]:
    return {"msgtype": "textcard", "textcard": {"title": "新任务", "description": "三位", "url": "https://brand.example/a", **change}}


def news(place: Place, *articles: dict[str, Any]) -> dict[str, Any]:
    return {"msgtype": "news", "news": {"articles": list(articles)}}


def panel(**change: Any) -> dict[str, Any]:
    """A card with buttons."""
    buttons = [{"text": "知道了", "key": "seen", "style": 1}]
    return {"msgtype": "template_card", "template_card": {"card_type": "button_interaction", "task_id": "t-bounds", "button_list": buttons, **change}}


def notice(**change: Any) -> dict[str, Any]:
    action = {"type": 1, "url": "https://brand.example/a"}
    return {"msgtype": "template_card", "template_card": {"card_type": "text_notice", "sub_title_text": "新任务", "card_action": action, **change}}


ARTICLE = {"title": "新品", "url": "https://brand.example/a"}

BEYOND: list[tuple[str, Change, int]] = [
    ("externalcontact/remark", {"remark_mobiles": [f"1380000000{n}" for n in range(6)]}, 40058),
    ("externalcontact/remark", {"remark_pic_mediaid": "none"}, 40007),
    ("externalcontact/remark", {"remark": None, "remark_mobiles": None}, 40063),
    ("externalcontact/remark", {"remark_company": "长" * 21}, 40058),
    ("externalcontact/groupchat/list", {"status_filter": 7}, 40058),
    ("externalcontact/groupchat/list", {"status_filter": -1}, 40058),
    ("externalcontact/groupchat/add_join_way", {"auto_create_room": 5}, 40058),
    ("externalcontact/groupchat/add_join_way", {"room_base_id": -1}, 40058),
    ("externalcontact/groupchat/add_join_way", {"room_base_name": "长" * 41}, 40058),
    ("externalcontact/groupchat/add_join_way", {"state": "长" * 31}, 40058),
    ("externalcontact/groupchat/add_join_way", {"scene": 3}, 41038),
    ("externalcontact/groupchat/update_join_way", {"scene": 3}, 41038),
    ("externalcontact/groupchat/update_join_way", {"auto_create_room": -1}, 40058),
    ("externalcontact/list_contact_way", {"start_time": 2, "end_time": 1}, 40058),
    ("externalcontact/add_contact_way", {"remark": "长" * 31}, 40058),
    ("externalcontact/add_contact_way", {"scene": 1, "style": 4}, 41040),
    ("externalcontact/add_contact_way", {"mark_source": "yes"}, 40058),
    ("externalcontact/add_msg_template", web(url="brand.example/a"), 45034),
    ("externalcontact/add_msg_template", web(url="/a"), 45034),
    ("externalcontact/add_msg_template", web(url="javascript:alert(1)"), 45034),
    ("externalcontact/add_msg_template", web(picurl="brand.example/a.png"), 45034),
    ("externalcontact/add_msg_template", web(url="https://" + "a" * 2048), 40058),
    ("externalcontact/add_msg_template", web(title=" "), 40058),
    ("externalcontact/add_msg_template", web(title="长" * 43), 40058),
    ("externalcontact/add_msg_template", web(desc="长" * 171), 40058),
    ("externalcontact/add_msg_template", {"attachments": [{"msgtype": "image", "image": {"pic_url": "brand.example/a.png"}}]}, 45034),
    ("externalcontact/add_msg_template", {"allow_select": "yes"}, 40058),
    ("externalcontact/add_msg_template", {"tag_filter": {"group_list": [{"tag_list": "et1"}]}}, 40058),
    ("externalcontact/add_msg_template", {"tag_filter": {"group_list": [{"tag_list": [f"et{n}" for n in range(101)]}]}}, 40058),
    ("externalcontact/send_welcome_msg", web(url="brand.example/a"), 45034),
    ("externalcontact/group_welcome_template/add", {"link": {"title": "新品", "url": "brand.example/a"}}, 45034),
    ("externalcontact/add_moment_task", {"attachments": [{"msgtype": "link", "link": {"title": "新品", "url": "brand.example/a", "media_id": "m"}}]}, 45034),
    ("externalcontact/add_moment_task", {"attachments": [{"msgtype": ["image"], "image": {}}]}, 40058),
    ("externalcontact/add_corp_tag", {"tag": [{"name": " "}]}, 40072),
    ("externalcontact/add_corp_tag", {"tag": [{"name": "一", "order": 2**32}]}, 40058),
    ("externalcontact/add_corp_tag", {"group_name": "长" * 31}, 40072),
    ("externalcontact/customer_acquisition/create_link", {"link_name": "  "}, 40058),
    ("externalcontact/customer_acquisition/update_link", lambda place: {"link_id": a_link(place).link_id, "link_name": " "}, 40058),
    ("externalcontact/add_intercept_rule", {"rule_name": " "}, 40058),
    ("externalcontact/add_intercept_rule", {"rule_name": "空白的词", "word_list": ["好", " "]}, 41083),
    ("externalcontact/add_product_album", {"description": " "}, 41087),
    ("externalcontact/update_product_album", lambda place: {"product_id": a_product(place), "description": "长" * 301}, 41073),
    ("message/send", {"safe": 3}, 40058),
    ("message/send", {"enable_id_trans": 2}, 40058),
    ("message/send", {"enable_duplicate_check": -1}, 40058),
    ("message/send", lambda place: card(place, url="brand.example"), 45034),
    ("message/send", lambda place: card(place, url="https://" + "a" * 2048), 40039),
    ("message/send", lambda place: card(place, btntxt="立即去处理"), 40058),
    ("message/send", lambda place: card(place, title=""), 41016),
    ("message/send", news, 40058),
    ("message/send", lambda place: news(place, *[ARTICLE] * 9), 45008),
    ("message/send", lambda place: news(place, {"url": "https://brand.example/a"}), 41016),
    ("message/send", lambda place: news(place, {"title": "新品"}), 41010),
    ("message/send", lambda place: news(place, {"title": "新品", "url": "brand.example"}), 45034),
    ("message/send", {"text": {"content": ["你好"]}}, 40058),
    ("message/send", panel(source={"desc_color": 4}), 40058),
    ("message/send", panel(quote_area={"type": 3}), 40058),
    ("message/send", panel(button_list=[{"text": "知道了", "key": "seen", "style": 5}]), 40058),
    ("message/send", panel(button_list=[{"text": "知道了", "key": "seen", "type": 2}]), 40058),
    ("message/send", panel(button_list=[{"text": "去看", "type": 1, "url": "brand.example"}]), 45034),
    ("message/send", panel(button_selection={"question_key": "q", "mode": 2, "option_list": [{"id": "1", "text": "一"}]}), 40058),
    ("message/send", panel(horizontal_content_list=[{"keyname": "谁", "type": 4}]), 40058),
    ("message/send", notice(card_action={"type": 1, "url": "brand.example"}), 45034),
    ("message/send", notice(jump_list=[{"title": "去看", "type": 3}]), 40058),
    ("media/upload_by_url", {"md5": "abc"}, 40058),
    ("kf/account/list", {"offset": -1}, 40058),
    ("kf/account/add", {"name": " "}, 40058),
    ("kf/account/update", lambda place: {"open_kfid": a_service_account(place), "name": "长" * 17}, 40058),
    ("kf/send_msg", {"msgtype": "link", "link": {"title": "新品", "url": "brand.example"}}, 45034),
]


@pytest.mark.parametrize(("path", "change", "code"), BEYOND)
def test_what_is_beyond_its_bounds_is_refused(still: Place, path: str, change: Change, code: int) -> None:
    body = a_request(still, path) | (change(still) if callable(change) else change)
    answer = still.call(CONTRACT[path]["method"], path, body=body)
    assert answer["errcode"] == code, answer


def test_what_is_just_within_its_bounds_is_taken(still: Place) -> None:
    def taken(path: str, **change: Any) -> dict[str, Any]:
        answer = still.call("POST", path, body=a_request(still, path) | change)
        assert answer["errcode"] == 0, (path, answer)
        return answer

    taken("externalcontact/remark", remark_mobiles=[f"1380000000{n}" for n in range(5)], remark_pic_mediaid=a_picture(still))
    for status in range(4):
        taken("externalcontact/groupchat/list", status_filter=status)
    made = taken("externalcontact/groupchat/add_join_way", auto_create_room=0, room_base_id=0, mark_source=False, state="长" * 30)
    told = still.call("POST", "externalcontact/groupchat/get_join_way", body={"config_id": made["config_id"]})["join_way"]
    assert (told["auto_create_room"], told["mark_source"]) == (0, False)
    made = taken("externalcontact/add_contact_way", mark_source=False)
    assert still.call("POST", "externalcontact/get_contact_way", body={"config_id": made["config_id"]})["contact_way"]["mark_source"] is False
    taken("externalcontact/add_msg_template", **web(title="长" * 42, desc="长" * 170, picurl="HTTP://brand.example/a.png"))
    taken("message/send", **card(still, btntxt="去处理吧"))
    taken("message/send", **news(still, *[ARTICLE] * 7, {"title": "小程序", "appid": "wx1", "pagepath": "pages/a"}))
    taken("message/send", **panel(source={"desc_color": 3}, quote_area={"type": 0}))
    taken("message/send", **notice(jump_list=[{"title": "去看", "type": 1, "url": "https://brand.example/b"}]))
    taken("message/send", safe=1, enable_id_trans=1)
