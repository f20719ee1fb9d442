"""Fields with which calls of the contract succeed in a town, and the files that go with some."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from siyu.connectors.wecom import AcquisitionLink, AppMessage, ButtonCard, CardButton, GroupWelcome, InterceptRule, MadeAcquisitionLink, Product, Upload
from tests.connectors.wecom.conftest import Place

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
MP4 = b"\x00\x00\x00\x18ftypmp42" + b"film"
AMR = b"#!AMR\n" + b"voice"


def a_picture(place: Place) -> str:
    return place.client.upload_media("image", Upload("新品.png", PNG)).media_id


def _job(place: Place) -> str:
    return place.client.upload_by_url("file", "a.txt", "http://127.0.0.1:9/a.txt", "0" * 32)


def a_welcome_code(place: Place, userid: str, external_userid: str) -> str:
    """With which to greet a customer who deleted the member and has just come back."""
    pair = {"userid": userid, "external_userid": external_userid}
    place.post("acts", act="customer_deletes", **pair)
    assert place.post("acts", act="add", **pair) == {"changed": True}
    return str(place.get("books/welcomes")[-1]["code"])


def a_card(place: Place, task_id: str) -> str:
    """The response code of a card that somebody got."""
    card = ButtonCard("新任务", "3 位客户待跟进", task_id, buttons=(CardButton("知道了", "seen"), CardButton("稍后", "later")))
    return place.client.send_message(AppMessage((place.busiest(),), card)).response_code


def _by_code(place: Place, path: str) -> dict[str, Any]:
    code = a_card(place, path.replace("/", "-"))
    return {"agentid": place.address.agent_id, "response_code": code, "userids": [place.busiest()], "button": {"replace_name": "已处理"}}


def _by_task(place: Place) -> dict[str, Any]:
    a_card(place, "old-task")
    return {"agentid": place.address.agent_id, "task_id": "old-task", "userids": [place.busiest()], "replace_name": "已处理"}


def a_code(place: Place, *, private: bool = False, **who: str) -> str:
    """The code of a log-in; by default of the busiest member."""
    scope = "snsapi_privateinfo" if private else "snsapi_base"
    query: dict[str, Any] = {"appid": place.address.corp_id, "agentid": place.address.agent_id, "redirect_uri": "https://siyu.example/in", "scope": scope}
    answer = place.raw.get("/connect/oauth2/authorize", params={**query, **(who or {"userid": place.busiest()})})
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]


def a_customer(place: Place) -> dict[str, Any]:
    """external_userid and unionid of somebody."""
    return {name: place.get("books/people")[0][name] for name in ("external_userid", "unionid")}


def a_link(place: Place) -> MadeAcquisitionLink:
    return place.client.add_acquisition_link(AcquisitionLink("直播间", (place.busiest(),)))


def _days(place: Place) -> dict[str, Any]:
    now = int(place.sandbox.clock.now())
    return {"link_id": a_link(place).link_id, "start_time": now - 86_400, "end_time": now}


def a_chat_key(place: Place) -> str:
    """Of the third message of somebody who came by a link."""
    link, customer = a_link(place), next(one["external_userid"] for one in place.get("books/people") if one["guide"] != place.busiest())
    userid = place.post("acquisition/visits", url=link.url_for("live"), external_userid=customer)["userid"]
    for _ in range(3):
        place.post("messages", userid=userid, external_userid=customer)
    with place.sandbox.books.read() as db:
        return str(db.execute("select key from chat_key order by rowid desc").fetchone()["key"])


def a_moment_picture(place: Place) -> str:
    return place.client.upload_attachment("image", Upload("a.png", PNG), purpose="moment").media_id


def an_album_picture(place: Place) -> str:
    return place.client.upload_attachment("image", Upload("a.png", PNG), purpose="album").media_id


def a_product(place: Place) -> str:
    return place.client.add_product(Product("香氛蜡烛", 12_800, (an_album_picture(place),), "SKU1"))


def _rule(place: Place, name: str) -> dict[str, Any]:
    return {"rule_id": place.client.add_intercept_rule(InterceptRule(name, ("返现",), department_ids=(1,)))}


def a_payment(place: Place, **more: Any) -> dict[str, str]:
    """The numbers of something that a customer of the busiest member paid."""
    member = place.busiest()
    given = {"userid": member, "external_userid": place.customers_of(member)[0], "amount_fen": 9900, "description": "定金", **more}
    numbers: dict[str, str] = place.post("payments", **given)
    return numbers


def _month(place: Place) -> dict[str, Any]:
    a_payment(place)
    now = int(place.sandbox.clock.now())
    return {"begin_time": now - 86_400, "end_time": now}


def a_service_account(place: Place) -> str:
    """Its open_kfid; the busiest member answers for it."""
    open_kfid = place.client.add_service_account("售后", a_picture(place))
    place.client.add_servicers(open_kfid, [place.busiest()])
    return open_kfid


def a_service_chat(place: Place) -> dict[str, Any]:
    """An account, and a customer who has just written to it."""
    open_kfid, customer = a_service_account(place), place.customers_of(place.busiest())[0]
    place.post("kf/messages", open_kfid=open_kfid, external_userid=customer)
    return {"open_kfid": open_kfid, "external_userid": customer}


def _reply(place: Place) -> dict[str, Any]:
    chat = a_service_chat(place)
    return {"touser": chat["external_userid"], "open_kfid": chat["open_kfid"], "msgtype": "text", "text": {"content": "你好"}}


def _event_reply(place: Place) -> dict[str, Any]:
    chat = a_service_chat(place)
    code = place.client.change_service_state(chat["open_kfid"], chat["external_userid"], 2)
    return {"code": code, "msgtype": "text", "text": {"content": "请稍候"}}


def _account(place: Place) -> dict[str, Any]:
    return {"open_kfid": a_service_account(place)}


def a_welcome(place: Place) -> str:
    return place.client.add_group_welcome(GroupWelcome("欢迎 %NICKNAME%"))


def _welcome(place: Place) -> dict[str, Any]:
    return {"template_id": a_welcome(place), "text": {"content": "你好"}}


def a_strategy(place: Place) -> int:
    """A rule group over the whole corp."""
    body = {"strategy_name": "华东", "admin_list": ["owner"], "privilege": {"view_customer_list": True}, "range": [{"type": 2, "partyid": 1}]}
    return int(place.call("POST", "externalcontact/customer_strategy/create", body=body)["strategy_id"])


def a_strategy_tag(place: Place) -> str:
    body = {"strategy_id": a_strategy(place), "group_name": "规则组标签", "tag": [{"name": "到店"}]}
    return str(place.call("POST", "externalcontact/add_strategy_tag", body=body)["tag_group"]["tag"][0]["id"])


def a_temporary_chat(place: Place) -> dict[str, str]:
    """Somebody who has just scanned a temporary code of the busiest member."""
    member = place.busiest()
    body = {"type": 1, "scene": 2, "user": [member], "is_temp": True, "conclusions": {"text": {"content": "再见"}}}
    config_id = place.call("POST", "externalcontact/add_contact_way", body=body)["config_id"]
    known = place.customers_of(member)
    customer = next(one["external_userid"] for one in place.get("books/people") if one["external_userid"] not in known)
    assert place.post("acts", act="scan", config_id=config_id, external_userid=customer) == {"changed": True, "userid": member}
    return {"userid": member, "external_userid": customer}


FILES = {
    "media/upload": ("新品.png", PNG),
    "media/upload_attachment": ("新品.png", PNG),
    "media/uploadimg": ("新品.png", PNG),
}

REQUESTS: dict[str, Callable[[Place], dict[str, Any]]] = {
    "auth/getuserdetail": lambda place: {"user_ticket": place.client.visitor(a_code(place, private=True)).user_ticket},
    "auth/getuserinfo": lambda place: {"code": a_code(place)},
    "externalcontact/add_intercept_rule": lambda place: {
        "rule_name": "承诺",
        "word_list": ["保证有效"],
        "intercept_type": 1,
        "applicable_range": {"department_list": [1]},
    },
    "externalcontact/add_product_album": lambda place: {
        "description": "烛台",
        "price": 100,
        "attachments": [{"type": "image", "image": {"media_id": an_album_picture(place)}}],
    },
    "externalcontact/add_strategy_tag": lambda place: {"strategy_id": a_strategy(place), "group_name": "规则组标签", "tag": [{"name": "到店"}]},
    "externalcontact/close_temp_chat": a_temporary_chat,
    "externalcontact/convert_to_openid": a_customer,
    "externalcontact/customer_strategy/create": lambda place: {
        "strategy_name": "华南",
        "admin_list": ["owner"],
        "range": [{"type": 1, "userid": place.busiest()}],
    },
    "externalcontact/customer_strategy/del": lambda place: {"strategy_id": a_strategy(place)},
    "externalcontact/customer_strategy/edit": lambda place: {"strategy_id": a_strategy(place), "strategy_name": "华中"},
    "externalcontact/customer_strategy/get": lambda place: {"strategy_id": a_strategy(place)},
    "externalcontact/customer_strategy/get_range": lambda place: {"strategy_id": a_strategy(place)},
    "externalcontact/del_strategy_tag": lambda place: {"tag_id": [a_strategy_tag(place)]},
    "externalcontact/edit_strategy_tag": lambda place: {"id": a_strategy_tag(place), "name": "复访"},
    "externalcontact/get_strategy_tag_list": lambda place: {"tag_id": [a_strategy_tag(place)]},
    "externalcontact/customer_acquisition/create_link": lambda place: {"link_name": "直播间", "range": {"user_list": [place.busiest()]}},
    "externalcontact/customer_acquisition/customer": lambda place: {"link_id": a_link(place).link_id},
    "externalcontact/customer_acquisition/delete_link": lambda place: {"link_id": a_link(place).link_id},
    "externalcontact/customer_acquisition/get": lambda place: {"link_id": a_link(place).link_id},
    "externalcontact/customer_acquisition/get_chat_info": lambda place: {"chat_key": a_chat_key(place)},
    "externalcontact/customer_acquisition/statistic": _days,
    "externalcontact/customer_acquisition/update_link": lambda place: {"link_id": a_link(place).link_id, "link_name": "新名"},
    "externalcontact/del_intercept_rule": lambda place: _rule(place, "待删"),
    "externalcontact/delete_product_album": lambda place: {"product_id": a_product(place)},
    "externalcontact/get_intercept_rule": lambda place: _rule(place, "待看"),
    "externalcontact/get_product_album": lambda place: {"product_id": a_product(place)},
    "externalcontact/update_intercept_rule": lambda place: _rule(place, "待改") | {"intercept_type": 2},
    "externalcontact/update_product_album": lambda place: {"product_id": a_product(place), "price": 1},
    "externalcontact/get_new_external_userid": lambda place: {"external_userid_list": [a_customer(place)["external_userid"]]},
    "externalcontact/group_welcome_template/add": lambda place: {"text": {"content": "欢迎"}},
    "externalcontact/group_welcome_template/del": _welcome,
    "externalcontact/group_welcome_template/edit": _welcome,
    "externalcontact/group_welcome_template/get": _welcome,
    "externalcontact/unionid_to_external_userid": lambda place: a_customer(place) | {"openid": "o1"},
    "externalpay/get_bill_list": _month,
    "externalpay/get_fund_flow": _month,
    "externalpay/get_payment_info": lambda place: {"payment_id": a_payment(place)["payment_id"]},
    "externalpay/getmerchant": lambda place: {"mch_id": place.sandbox.corp.merchant},
    "idconvert/batch/external_userid_to_pending_id": lambda place: {"external_userid": [a_customer(place)["external_userid"]]},
    "idconvert/unionid_to_external_userid": lambda place: a_customer(place) | {"openid": "o1"},
    "kf/account/add": lambda place: {"name": "售后", "media_id": a_picture(place)},
    "kf/account/del": _account,
    "kf/account/update": lambda place: _account(place) | {"name": "售前"},
    "kf/add_contact_way": lambda place: _account(place) | {"scene": "web"},
    "kf/customer/batchget": lambda place: {"external_userid_list": [a_service_chat(place)["external_userid"]]},
    "kf/send_msg": _reply,
    "kf/send_msg_on_event": _event_reply,
    "kf/service_state/get": a_service_chat,
    "kf/service_state/trans": lambda place: a_service_chat(place) | {"service_state": 2},
    "kf/servicer/add": lambda place: _account(place) | {"userid_list": [place.busiest()]},
    "kf/servicer/del": lambda place: _account(place) | {"userid_list": [place.busiest()]},
    "kf/servicer/list": _account,
    "kf/sync_msg": lambda place: {"open_kfid": a_service_chat(place)["open_kfid"]},
    "media/get": lambda place: {"media_id": a_picture(place)},
    "media/get_upload_by_url_result": lambda place: {"jobid": _job(place)},
    "media/upload": lambda place: {"type": "image"},
    "media/upload_attachment": lambda place: {"media_type": "image", "attachment_type": 1},
    "message/recall": lambda place: {"msgid": place.client.send_message(AppMessage((place.busiest(),), "你好")).msgid},
    "message/update_taskcard": _by_task,
    "message/update_template_card": lambda place: _by_code(place, "message/update_template_card"),
    "ticket/get": lambda place: {"type": "agent_config"},
    "user/getuserdetail": lambda place: {"user_ticket": place.client.visitor(a_code(place, private=True)).user_ticket},
    "user/convert_to_openid": lambda place: {"userid": place.busiest()},
    "user/getuserinfo": lambda place: {"code": a_code(place)},
    "media/upload_by_url": lambda place: {"scene": 1, "type": "file", "filename": "a.txt", "url": "http://127.0.0.1:9/a.txt", "md5": "0" * 32},
}
