"""The sandbox against the contract: shapes of answers, codes, paging, limits, the raw wire."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from siyu.connectors.wecom import ContactWay, Credentials, JoinWay, LinkAttachment, MsgTemplate, NewMoment, NewTag, Refused, WeCom
from siyu.connectors.wecom.sandbox import AppSettings, Limits
from siyu.connectors.wecom.sandbox.contract import CALLS
from tests.connectors.wecom.asking import FILES, REQUESTS, a_welcome_code
from tests.connectors.wecom.conftest import Build, Place

CONTRACT: dict[str, Any] = json.loads((Path(__file__).parent / "golden" / "contract.json").read_text("utf-8"))["calls"]
TYPES: dict[str, Any] = {"str": str, "int": int, "obj": dict}


def a_request(place: Place, path: str) -> dict[str, Any]:
    """Fields with which the call succeeds in this town."""
    sender = place.busiest()
    customers = place.customers_of(sender)
    match path:
        case "agent/get":
            return {"agentid": place.address.agent_id}
        case "department/get":
            return {"id": 1}
        case "user/get" | "externalcontact/list":
            return {"userid": sender}
        case "user/list" | "user/simplelist":
            return {"department_id": 1, "fetch_child": 1}
        case "user/getuserid":
            return {"mobile": place.get("books/staff")[0]["mobile"]}
        case "externalcontact/get":
            return {"external_userid": customers[0]}
        case "externalcontact/batch/get_by_user":
            return {"userid_list": [sender]}
        case "externalcontact/add_msg_template":
            return {"sender": sender, "external_userid": list(customers), "text": {"content": "你好"}}
        case "externalcontact/get_groupmsg_list_v2":
            place.client.add_msg_template(place.template())
            now = int(place.sandbox.clock.now())
            return {"chat_type": "single", "start_time": now - 60, "end_time": now + 60}
        case (
            "externalcontact/get_groupmsg_task"
            | "externalcontact/get_group_msg_result"
            | "externalcontact/remind_groupmsg_send"
            | "externalcontact/cancel_groupmsg_send"
        ):
            return {"msgid": place.client.add_msg_template(place.template()).msgid}
        case "externalcontact/get_groupmsg_send_result":
            return {"msgid": place.client.add_msg_template(place.template(sender=sender)).msgid, "userid": sender}
        case "externalcontact/add_corp_tag":
            return {"group_name": "人群", "tag": [{"name": "育儿"}]}
        case "externalcontact/edit_corp_tag" | "externalcontact/del_corp_tag":
            tag = place.client.add_corp_tags([NewTag(path)], group_name="待改").tags[0].id
            return {"id": tag, "name": "改好"} if path.endswith("edit_corp_tag") else {"tag_id": [tag]}
        case "externalcontact/mark_tag":
            return {"userid": sender, "external_userid": customers[0], "add_tag": [place.client.corp_tags()[0].tags[0].id]}
        case "externalcontact/remark":
            return {"userid": sender, "external_userid": customers[0], "remark": "老客"}
        case "externalcontact/add_contact_way":
            return {"type": 1, "scene": 2, "user": [sender], "state": "s"}
        case "externalcontact/get_contact_way" | "externalcontact/update_contact_way" | "externalcontact/del_contact_way":
            return {"config_id": place.client.add_contact_way(ContactWay((sender,))).config_id, "remark": "门店"}
        case "externalcontact/list_contact_way":
            place.client.add_contact_way(ContactWay((sender,)))
            return {}
        case "externalcontact/transfer_customer":
            return {"handover_userid": sender, "takeover_userid": "service01", "external_userid": customers[-1:], "transfer_success_msg": "以后由我为您服务"}
        case "externalcontact/transfer":
            return {"handover_userid": sender, "takeover_userid": "service01", "external_userid": customers[0]}
        case "externalcontact/transfer_result":
            place.client.hand_over(sender, "service01", customers[-2:-1])
            return {"handover_userid": sender, "takeover_userid": "service01"}
        case "externalcontact/resigned/transfer_customer" | "externalcontact/resigned/transfer_result":
            place.post("acts", act="member_leaves", userid="service02")
            return {"handover_userid": "service02", "takeover_userid": "service01", "external_userid": customers[:1]}
        case "externalcontact/groupchat/transfer" | "externalcontact/groupchat/onjob_transfer":
            return {"chat_id_list": ["wr-none"], "new_owner": "service01"}
        case "externalcontact/groupchat/statistic" | "externalcontact/groupchat/statistic_group_by_day":
            owner = place.client.group_chat(next(place.client.group_chats()).chat_id).owner
            return {"day_begin_time": int(place.sandbox.clock.now()) - 86_400, "owner_filter": {"userid_list": [owner]}}
        case "externalcontact/add_moment_task":
            return {"text": {"content": "新品"}, "visible_range": {"sender_list": {"user_list": [sender, "nobody"]}}}
        case "externalcontact/get_moment_task_result":
            return {"jobid": place.client.add_moment(NewMoment("新品", senders=(sender,)))}
        case "externalcontact/get_moment_task" | "externalcontact/cancel_moment_task":
            jobid = place.client.add_moment(NewMoment("新品", senders=(sender,)))
            place.post("step", seconds=3)
            return {"moment_id": place.client.moment_job(jobid).moment_id}
        case "externalcontact/get_moment_customer_list" | "externalcontact/get_moment_send_result" | "externalcontact/get_moment_comments":
            return {"moment_id": place.post("acts", act="post_moment", userid=sender, text="新品")["moment_id"], "userid": sender}
        case "externalcontact/get_moment_list":
            place.post("acts", act="post_moment", userid=sender, text="新品")
            now = int(place.sandbox.clock.now())
            return {"start_time": now - 60, "end_time": now + 60}
        case "externalcontact/get_user_behavior_data":
            now = int(place.sandbox.clock.now())
            return {"userid": [sender], "start_time": now - 2 * 86_400, "end_time": now}
        case "externalcontact/opengid_to_chatid":
            return {"opengid": place.get("books/groups")[0]["opengid"]}
        case "externalcontact/groupchat/list":
            return {"limit": 10}
        case "externalcontact/groupchat/get":
            return {"chat_id": next(place.client.group_chats()).chat_id, "need_name": 1}
        case "externalcontact/groupchat/add_join_way":
            return {"scene": 2, "chat_id_list": [next(place.client.group_chats()).chat_id]}
        case "externalcontact/groupchat/get_join_way" | "externalcontact/groupchat/update_join_way" | "externalcontact/groupchat/del_join_way":
            chats = [next(place.client.group_chats()).chat_id]
            return {"config_id": place.client.add_join_way(JoinWay(tuple(chats))), "scene": 2, "chat_id_list": chats}
        case "externalcontact/send_welcome_msg":
            return {"welcome_code": a_welcome_code(place, sender, customers[0]), "text": {"content": "欢迎"}}
        case "message/send":
            return {"touser": f"{sender}|Nobody", "msgtype": "text", "agentid": place.address.agent_id, "text": {"content": "你好"}}
        case _:
            return REQUESTS[path](place) if path in REQUESTS else {}


def reached(answer: Any, name: str) -> list[Any]:
    """The values a contract name like `follow_user[].userid` stands for."""
    values = [answer]
    for part in name.split("."):
        many = part.endswith("[]")
        found = [value[part.removesuffix("[]")] for value in values if isinstance(value, dict) and part.removesuffix("[]") in value]
        values = [item for value in found for item in value] if many else found
    return values


def is_a(value: Any, kind: str) -> bool:
    if kind.startswith("list["):
        return isinstance(value, list) and all(is_a(item, kind[5:-1]) for item in value)
    return isinstance(value, TYPES[kind]) and not isinstance(value, bool)


class TestShapes:
    @pytest.mark.parametrize("path", sorted(path for path, spec in CONTRACT.items() if not spec.get("binary")))
    def test_every_call_answers_in_the_shape_of_the_contract(self, still: Place, path: str) -> None:
        place = still
        spec = CONTRACT[path]
        if path == "gettoken":
            answer = place.raw.get("/cgi-bin/gettoken", params={"corpid": place.address.corp_id, "corpsecret": place.address.secret}).json()
        else:
            request = a_request(place, path)
            asks = spec["method"] == "GET" or path in FILES
            answer = place.call(spec["method"], path, query=request if asks else None, body=None if asks else request, file=FILES.get(path))
        assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
        allowed = {"errcode", "errmsg"}
        for field in spec["response"]:
            names = [name.strip() for name in field["name"].split("/")]
            prefix = names[0].rpartition(".")[0]
            for name in [names[0], *(f"{prefix}.{n}" if prefix else n for n in names[1:])]:
                allowed.add(name.split(".")[0].removesuffix("[]"))
                values = reached(answer, name)
                if field["required"]:
                    assert values, f"{path} answers without {name}"
                if field["type"] in TYPES or field["type"].startswith("list["):
                    assert all(is_a(value, field["type"]) for value in values if not name.endswith("[]")), f"{path}.{name} is no {field['type']}"
        assert set(answer) <= allowed, "fields the contract does not know"

    def test_nothing_of_the_contract_part_is_missing(self) -> None:
        assert set(CONTRACT) == set(CALLS) | {"gettoken", "getcallbackip", "get_api_domain_ip"}
        assert {path: spec["method"] for path, spec in CONTRACT.items() if path in CALLS} == {path: call.method for path, call in CALLS.items()}

    def test_members_and_relations_have_their_fields(self, still: Place) -> None:
        userid = still.busiest()
        member = still.call("GET", "user/list", query={"department_id": 1, "fetch_child": 1})["userlist"][0]
        assert set(member) <= {field["name"] for field in CONTRACT["user/get"]["response"]}
        rows = still.call("POST", "externalcontact/batch/get_by_user", body={"userid_list": [userid]})["external_contact_list"]
        row = next(one for one in rows if one["follow_info"]["tag_id"])
        known = {field["name"].removeprefix("follow_user[].") for field in CONTRACT["externalcontact/get"]["response"]}
        assert set(row["follow_info"]) - {"tag_id"} <= known
        assert all(id.startswith("et") for id in row["follow_info"]["tag_id"])
        followers = still.call("GET", "externalcontact/get", query={"external_userid": row["external_contact"]["external_userid"]})["follow_user"]
        tag = next(one for one in followers if one["userid"] == userid)["tags"][0]
        assert set(tag) == {"group_name", "tag_name", "tag_id", "type"}

    def test_ids_have_the_platforms_shapes(self, still: Place) -> None:
        assert re.fullmatch(r"ww[0-9a-f]{16}", still.address.corp_id)
        assert all(re.fullmatch(r"wm\w{30}", id) for id in still.customers_of(still.busiest()))
        assert still.client.add_msg_template(still.template()).msgid.startswith("msg")

    def test_group_send_rows(self, place: Place) -> None:
        userid = place.busiest()
        link = LinkAttachment("新品", "https://brand.example/t/a")
        msgid = place.client.add_msg_template(place.template(sender=userid, attachments=(link,))).msgid
        now = int(place.sandbox.clock.now())
        listed = place.call("POST", "externalcontact/get_groupmsg_list_v2", body={"chat_type": "single", "start_time": now - 9, "end_time": now + 9})
        assert listed["group_msg_list"] == [
            {"msgid": msgid, "create_time": now, "create_type": 0, "text": {"content": "周末有新品"}, "attachments": [link.body()]},
        ]
        assert place.call("POST", "externalcontact/get_groupmsg_task", body={"msgid": msgid})["task_list"] == [{"userid": userid, "status": 0}]
        result = place.call("POST", "externalcontact/get_groupmsg_send_result", body={"msgid": msgid, "userid": userid})["send_list"]
        assert [row["external_userid"] for row in result] == sorted(place.customers_of(userid))
        assert all(row == {"external_userid": row["external_userid"], "userid": userid, "status": 0} for row in result)
        place.post("confirm", msgid=msgid)
        assert place.call("POST", "externalcontact/get_groupmsg_task", body={"msgid": msgid})["task_list"] == [
            {"userid": userid, "status": 2, "send_time": now}
        ]
        assert {
            row["status"] for row in place.call("POST", "externalcontact/get_groupmsg_send_result", body={"msgid": msgid, "userid": userid})["send_list"]
        } == {1}


class TestCodes:
    @pytest.mark.parametrize(
        ("path", "fields", "code"),
        [
            ("department/list", {"id": 4711}, 60003),
            ("department/list", {"id": "x"}, 40058),
            ("user/list", {}, 40058),
            ("user/list", {"department_id": 4711}, 60003),
            ("user/get", {}, 40003),
            ("user/get", {"userid": "nobody"}, 60111),
            ("externalcontact/list", {}, 40003),
            ("externalcontact/list", {"userid": "nobody"}, 60111),
            ("externalcontact/list", {"userid": "owner"}, 84061),
            ("externalcontact/get", {}, 41035),
            ("externalcontact/get", {"external_userid": "wmNobody"}, 40096),
            ("externalcontact/batch/get_by_user", {}, 40058),
            ("externalcontact/batch/get_by_user", {"userid_list": "guide0101"}, 40058),
            ("externalcontact/batch/get_by_user", {"userid_list": [f"u{n}" for n in range(101)]}, 40058),
            ("externalcontact/batch/get_by_user", {"userid_list": ["nobody"]}, 60111),
            ("externalcontact/batch/get_by_user", {"userid_list": ["guide0101"], "cursor": "made up"}, 50100),
            ("externalcontact/add_msg_template", {}, 40058),
            ("externalcontact/add_msg_template", {"sender": "guide0101"}, 40058),
            ("externalcontact/add_msg_template", {"chat_type": "group", "text": {"content": "x"}}, 40058),
            ("externalcontact/add_msg_template", {"text": {"content": "x"}}, 40058),
            ("externalcontact/add_msg_template", {"sender": "guide0101", "text": {"content": "好" * 1334}}, 40058),
            ("externalcontact/add_msg_template", {"sender": "guide0101", "text": "x"}, 40058),
            ("externalcontact/add_msg_template", {"sender": "nobody", "text": {"content": "x"}}, 60111),
            ("externalcontact/add_msg_template", {"external_userid": ["wmNobody"], "text": {"content": "x"}}, 41048),
            ("externalcontact/add_msg_template", {"external_userid": ["x"] * 10 + [f"w{n}" for n in range(10_001)], "text": {"content": "x"}}, 40058),
            ("externalcontact/add_msg_template", {"sender": "owner", "text": {"content": "x"}}, 41048),
            ("externalcontact/add_msg_template", {"sender": "guide0101", "attachments": [{"msgtype": "file", "file": {"media_id": "m"}}] * 10}, 41064),
            ("externalcontact/add_msg_template", {"sender": "guide0101", "attachments": [{"msgtype": "smell"}]}, 41065),
            ("externalcontact/add_msg_template", {"sender": "guide0101", "attachments": [{"msgtype": "image", "image": {}}]}, 40007),
            ("externalcontact/get_groupmsg_list_v2", {"chat_type": "single"}, 40058),
            ("externalcontact/get_groupmsg_list_v2", {"chat_type": "single", "start_time": 0, "end_time": 32 * 86_400}, 40058),
            ("externalcontact/get_groupmsg_list_v2", {"chat_type": "both", "start_time": 0, "end_time": 1}, 40058),
            ("externalcontact/get_groupmsg_task", {}, 41046),
            ("externalcontact/get_groupmsg_task", {"msgid": "msgNone"}, 41047),
            ("externalcontact/get_groupmsg_send_result", {"msgid": "msgNone", "userid": "guide0101"}, 41047),
            ("externalcontact/remind_groupmsg_send", {"msgid": "msgNone"}, 41047),
            ("externalcontact/cancel_groupmsg_send", {"msgid": "msgNone"}, 41047),
            ("message/send", {}, 40008),
            ("message/send", {"msgtype": "smell"}, 40008),
            ("message/send", {"msgtype": "text", "touser": "owner"}, 41011),
            ("message/send", {"msgtype": "text", "touser": "owner", "agentid": 1}, 301002),
            ("message/send", {"msgtype": "text", "touser": "owner", "agentid": 1000002, "text": {}}, 44004),
            ("message/send", {"msgtype": "text", "agentid": 1000002, "text": {"content": "x"}}, 82001),
            ("message/send", {"msgtype": "text", "agentid": 1000002, "text": {"content": "x"}, "touser": "nobody|none"}, 81013),
            ("message/send", {"msgtype": "text", "agentid": 1000002, "text": {"content": "x"}, "touser": "|".join(map(str, range(1001)))}, 40031),
        ],
    )
    def test_wrong_requests_answer_their_code(self, still: Place, path: str, fields: dict[str, Any], code: int) -> None:
        method = CONTRACT[path]["method"]
        answer = still.call(method, path, query=fields if method == "GET" else None, body=fields if method == "POST" else None)
        assert answer["errcode"] == code

    def test_a_cursor_of_another_call_is_refused(self, build: Build) -> None:
        place = build(limits=Limits(batch_page_max=1))
        body = {"userid_list": [place.busiest()], "limit": 1}
        cursor = place.call("POST", "externalcontact/batch/get_by_user", body=body)["next_cursor"]
        now = int(place.sandbox.clock.now())
        span = {"chat_type": "single", "start_time": now, "end_time": now, "cursor": cursor}
        assert place.call("POST", "externalcontact/get_groupmsg_list_v2", body=span)["errcode"] == 50100

    def test_wrong_credentials(self, still: Place) -> None:
        def asked(**query: str) -> int:
            return int(still.raw.get("/cgi-bin/gettoken", params=query).json()["errcode"])

        corp, secret = still.address.corp_id, still.address.secret
        assert asked(corpsecret=secret) == 41002
        assert asked(corpid=corp) == 41004
        assert asked(corpid="ww0000000000000000", corpsecret=secret) == 40013
        assert asked(corpid=corp, corpsecret="wrong") == 40001

    def test_wrong_tokens(self, still: Place) -> None:
        assert still.call("GET", "department/list", token="")["errcode"] == 41001
        assert still.call("GET", "department/list", token="made-up")["errcode"] == 40014
        assert still.call("POST", "externalcontact/get_corp_tag_list", body={"access_token": still.client.token()}, token="")["errcode"] == 41001

    def test_many_wrong_secrets_block_the_caller(self, build: Build) -> None:
        place = build(limits=Limits(wrong_secrets_per_hour=3))
        codes = [place.raw.get("/cgi-bin/gettoken", params={"corpid": place.address.corp_id, "corpsecret": "wrong"}).json()["errcode"] for _ in range(5)]
        assert codes == [40001, 40001, 40001, 45009, 45009]

    def test_an_unlisted_caller_is_refused(self, build: Build) -> None:
        place = build(trusted_ips=("10.0.0.1",))
        with pytest.raises(Refused) as caught:
            place.client.follow_users()
        assert caught.value.code == 60020

    def test_an_app_sees_its_range_only_and_needs_the_right(self, build: Build) -> None:
        whole, small = AppSettings(1, "a" * 43), AppSettings(2, "b" * 43, visible_departments=(101,))
        without = AppSettings(3, "c" * 43, customer_contact=False)
        place = build(apps=(whole, small, without), scenario={"customers": 60})
        settings = place.client._settings
        with WeCom(Credentials(place.address.corp_id, small.secret, 2), settings) as seer:
            assert [department.id for department in seer.departments()] == [101]
            assert set(seer.follow_users()) == {"store01", "guide0101"}
            stranger = next(userid for userid in place.client.follow_users() if userid not in ("store01", "guide0101") and place.customers_of(userid))
            for attempt in (lambda: seer.external_userids(stranger), lambda: list(seer.contacts([stranger])), lambda: seer.departments(100)):
                with pytest.raises(Refused) as caught:
                    attempt()
                assert caught.value.code == 60011
            with pytest.raises(Refused) as caught:
                seer.contact(next(id for id in place.customers_of(stranger) if not set(place.customers_of("guide0101")) & {id}))
            assert caught.value.code == 84061
        with WeCom(Credentials(place.address.corp_id, without.secret, 3), settings) as unlisted:
            assert unlisted.departments()
            with pytest.raises(Refused) as caught:
                unlisted.follow_users()
            assert caught.value.code == 48002


class TestTokens:
    def test_asking_again_gives_the_same_token_with_the_life_left(self, still: Place) -> None:
        query = {"corpid": still.address.corp_id, "corpsecret": still.address.secret}
        first = still.raw.get("/cgi-bin/gettoken", params=query).json()
        again = still.raw.get("/cgi-bin/gettoken", params=query).json()
        assert first["access_token"] == again["access_token"]
        assert 0 < again["expires_in"] <= first["expires_in"] <= 7200

    def test_tokens_live_in_machine_time(self, build: Build) -> None:
        place = build()
        token = place.client.token()
        place.post("clock", business="2026-06-01T00:00:00+00:00")
        assert place.call("GET", "department/list", token=token)["errcode"] == 0

    def test_an_old_token_is_expired(self, build: Build) -> None:
        place = build()
        token = place.client.token()
        ahead = place.sandbox.clock.machine() + 7201
        place.sandbox.clock.machine = lambda: ahead
        assert place.call("GET", "department/list", token=token)["errcode"] == 42001


class TestPaging:
    def test_batches_hold_every_pair_once_grouped_by_member(self, build: Build) -> None:
        place = build(scenario={"customers": 60, "second_guide_rate": 0.5, "guides_per_store": 2}, limits=Limits(batch_page_max=7))
        members = place.client.follow_users()
        pairs = [(row.follow.userid, row.contact.external_userid) for row in place.client.contacts(members)]
        assert pairs == sorted(pairs)
        assert pairs == [(userid, id) for userid in members for id in place.customers_of(userid)]
        assert len({id for _, id in pairs}) == 60 < len(pairs)

    def test_a_limit_above_the_maximum_is_cut(self, build: Build) -> None:
        place = build(scenario={"customers": 60}, limits=Limits(batch_page_default=2, batch_page_max=3))
        members = place.client.follow_users()
        for limit, rows in ((None, 2), (0, 2), (1, 1), (500, 3)):
            body = {"userid_list": members} | ({"limit": limit} if limit is not None else {})
            assert len(place.call("POST", "externalcontact/batch/get_by_user", body=body)["external_contact_list"]) == rows

    def test_the_older_spelling_is_taken(self, still: Place) -> None:
        userid = still.busiest()
        old = still.call("POST", "externalcontact/batch/get_by_user", body={"userid": userid})
        assert old == still.call("POST", "externalcontact/batch/get_by_user", body={"userid_list": [userid]})

    def test_followers_beyond_a_page_come_with_a_cursor(self, build: Build) -> None:
        place = build(scenario={"customers": 30, "second_guide_rate": 1.0, "guides_per_store": 2}, limits=Limits(followers_page=1))
        shared = next(row.contact.external_userid for row in place.client.contacts(place.client.follow_users()))
        first = place.call("GET", "externalcontact/get", query={"external_userid": shared})
        assert len(first["follow_user"]) == 1 and first["next_cursor"]
        assert len(place.client.contact(shared).follows) == 2

    def test_sends_are_listed_newest_first_over_pages_and_results_too(self, build: Build) -> None:
        place = build(limits=Limits(sends_page_max=2, results_page_max=2))
        userid = place.busiest()
        made = []
        for number in range(5):
            made.append(place.client.add_msg_template(place.template(f"第{number}条", sender=userid)).msgid)
            place.post("step", seconds=1)
        now = place.sandbox.clock.now()
        body = {"chat_type": "single", "start_time": int(now) - 60, "end_time": int(now) + 60, "limit": 100}
        listed: list[str] = []
        cursor = ""
        while True:
            page = place.call("POST", "externalcontact/get_groupmsg_list_v2", body=body | {"cursor": cursor})
            assert len(page["group_msg_list"]) <= 2
            listed += [row["msgid"] for row in page["group_msg_list"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert listed == made[::-1]
        assert [row.external_userid for row in place.client.group_send_results(made[0], userid)] == sorted(place.customers_of(userid))

    def test_tags_by_group_or_by_tag(self, still: Place) -> None:
        groups = [group for group in still.client.corp_tags() if group.order]  # the town's own, whatever other tests have made
        assert [group.name for group in groups] == ["会员等级", "来源渠道", "兴趣"]
        one = groups[1].tags[0]
        by_tag = still.call("POST", "externalcontact/get_corp_tag_list", body={"tag_id": [one.id]})["tag_group"]
        assert [(row["group_name"], [tag["name"] for tag in row["tag"]]) for row in by_tag] == [("来源渠道", [one.name])]
        both = still.call("POST", "externalcontact/get_corp_tag_list", body={"tag_id": [one.id], "group_id": [groups[0].id]})["tag_group"]
        assert [row["group_name"] for row in both] == ["会员等级"]
        assert both[0]["deleted"] is False


class TestGroupSends:
    def test_ids_that_are_no_friends_of_the_sender_fail(self, still: Place) -> None:
        sender = still.busiest()
        own = still.customers_of(sender)
        stranger = next(row.contact.external_userid for row in still.client.contacts(still.client.follow_users()) if row.contact.external_userid not in own)
        created = still.client.add_msg_template(MsgTemplate(sender, (*own, stranger, "wmNobody"), "你好"))
        assert created.failed == (stranger, "wmNobody")

    def test_an_app_knows_the_parts_of_its_members_only(self, build: Build) -> None:
        small = AppSettings(2, "b" * 43, visible_departments=(101,))
        place = build(apps=(AppSettings(1, "a" * 43), small), scenario={"customers": 60})
        token = place.raw.get("/cgi-bin/gettoken", params={"corpid": place.address.corp_id, "corpsecret": small.secret}).json()["access_token"]
        inside, outside = "guide0101", next(userid for userid in place.client.follow_users() if userid != "guide0101" and place.customers_of(userid))
        alone = place.client.add_msg_template(MsgTemplate(outside, (), "你好")).msgid
        both = place.client.add_msg_template(MsgTemplate("", (place.customers_of(inside)[0], place.customers_of(outside)[0]), "你好")).msgid
        for path in ("get_groupmsg_task", "cancel_groupmsg_send", "remind_groupmsg_send", "get_group_msg_result"):
            assert place.call("POST", f"externalcontact/{path}", body={"msgid": alone}, token=token)["errcode"] == 60011
        tasks = place.call("POST", "externalcontact/get_groupmsg_task", body={"msgid": both}, token=token)["task_list"]
        assert [task["userid"] for task in tasks] == [inside] and len(list(place.client.group_send_tasks(both))) == 2
        now = int(place.sandbox.clock.now())
        span = {"chat_type": "single", "start_time": now - 9, "end_time": now + 9}
        listed = place.call("POST", "externalcontact/get_groupmsg_list_v2", body=span, token=token)["group_msg_list"]
        assert [row["msgid"] for row in listed] == [both]

    def test_a_sender_alone_means_all_customers(self, still: Place) -> None:
        sender = still.busiest()
        msgid = still.client.add_msg_template(MsgTemplate(sender, (), "你好")).msgid
        assert {row.external_userid for row in still.client.group_send_results(msgid, sender)} == set(still.customers_of(sender))

    def test_without_a_sender_a_customer_goes_to_who_talked_last(self, build: Build) -> None:
        place = build(scenario={"customers": 10, "second_guide_rate": 1.0, "guides_per_store": 2})
        customer = next(row.contact.external_userid for row in place.client.contacts(place.client.follow_users()))
        follows = place.client.contact(customer).follows
        latest = max(follows, key=lambda follow: follow.created_at or 0)
        msgid = place.client.add_msg_template(MsgTemplate("", (customer,), "你好")).msgid
        assert [task.userid for task in place.client.group_send_tasks(msgid)] == [latest.userid]

    def test_a_tag_filter_joins_groups_by_and_and_tags_by_or(self, build: Build) -> None:
        place = build(scenario={"customers": 60})
        library = {tag.name: tag.id for group in place.client.corp_tags() for tag in group.tags}
        either, also = [library["普通会员"], library["金卡会员"]], [library["门店扫码"]]
        rows = list(place.client.contacts(place.client.follow_users()))
        by_customer: dict[str, set[str]] = {}
        for row in rows:
            by_customer.setdefault(row.contact.external_userid, set()).update(tag.tag_id for tag in row.follow.tags)
        wanted = {id for id, tags in by_customer.items() if tags & set(either) and tags & set(also)}
        body = {"tag_filter": {"group_list": [{"tag_list": either}, {"tag_list": also}]}, "text": {"content": "x"}}
        msgid = place.call("POST", "externalcontact/add_msg_template", body=body)["msgid"]
        got = {row.external_userid for task in place.client.group_send_tasks(msgid) for row in place.client.group_send_results(msgid, task.userid)}
        assert got == wanted and 0 < len(wanted) < 60

    def test_cancelling_stops_what_was_not_sent_and_twice_is_told(self, place: Place) -> None:
        msgid = place.client.add_msg_template(place.template()).msgid
        place.client.cancel_group_send(msgid)
        assert place.call("POST", "externalcontact/cancel_groupmsg_send", body={"msgid": msgid})["errcode"] == 41093
        assert place.call("POST", "externalcontact/remind_groupmsg_send", body={"msgid": msgid})["errcode"] == 41093
        place.post("step", seconds=5 * 86_400)
        summary = place.get("books/summary")
        assert (summary["cancelled"], summary["sent"], summary["tasks_confirmed"]) == (1, 0, 0)

    def test_three_reminders_in_a_day(self, build: Build) -> None:
        place = build(scenario={"staff": {"confirm_rate": 0.0, "confirm_after_reminder_rate": 0.0}})
        msgid = place.client.add_msg_template(place.template()).msgid
        for _ in range(3):
            place.client.remind_group_send(msgid)
        with pytest.raises(Refused) as caught:
            place.client.remind_group_send(msgid)
        assert caught.value.code == 41094
        place.post("step", seconds=86_401)
        place.client.remind_group_send(msgid)

    def test_right_after_creation_questions_may_have_to_wait(self, build: Build) -> None:
        place = build(limits=Limits(dispatch_seconds=30))
        msgid = place.client.add_msg_template(place.template()).msgid
        with pytest.raises(Refused) as caught:
            list(place.client.group_send_tasks(msgid))
        assert caught.value.code == 41063
        place.post("step", seconds=31)
        assert list(place.client.group_send_tasks(msgid))


class TestAppMessages:
    def test_receivers_out_of_range_are_listed_in_lower_case(self, still: Place) -> None:
        body = {"touser": "OWNER|NoBody", "msgtype": "text", "agentid": still.address.agent_id, "text": {"content": "你好"}}
        answer = still.call("POST", "message/send", body=body)
        assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody")

    def test_more_than_the_rate_is_dropped_in_silence(self, build: Build) -> None:
        place = build(limits=Limits(message_member_per_minute=2))
        for number in range(4):
            body = {"touser": "owner", "msgtype": "text", "agentid": place.address.agent_id, "text": {"content": f"{number}"}}
            assert place.call("POST", "message/send", body=body)["errcode"] == 0
        with place.sandbox.books.read() as db:
            assert tuple(db.execute("select count(*), sum(delivered) from app_message_receiver").fetchone()) == (4, 2)

    def test_an_equal_message_is_dropped_when_asked(self, place: Place) -> None:
        body = {"touser": "owner", "msgtype": "text", "agentid": place.address.agent_id, "text": {"content": "你好"}, "enable_duplicate_check": 1}
        for _ in range(3):
            assert place.call("POST", "message/send", body=body)["errcode"] == 0
        with place.sandbox.books.read() as db:
            assert db.execute("select sum(delivered) from app_message_receiver").fetchone()[0] == 1


class TestWire:
    """As an SDK would speak that sends no content type and reads what the platform really writes."""

    def test_a_body_without_content_type_is_json(self, still: Place) -> None:
        request = httpx.Request(
            "POST",
            f"{still.address.url}/cgi-bin/externalcontact/get_corp_tag_list?access_token={still.client.token()}",
            content=b"{}",
        )
        assert "content-type" not in request.headers
        assert still.raw.send(request).json()["errcode"] == 0

    @pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "application/json;charset=gbk"])
    def test_the_content_type_does_not_matter(self, still: Place, kind: str) -> None:
        body = json.dumps({"userid_list": [still.busiest()]}).encode()
        query = {"access_token": still.client.token()}
        answer = still.raw.post("/cgi-bin/externalcontact/batch/get_by_user", params=query, content=body, headers={"content-type": kind})
        assert answer.json()["external_contact_list"]

    def test_a_post_call_made_with_get_has_no_body(self, still: Place) -> None:
        answer = still.raw.request(
            "GET", "/cgi-bin/externalcontact/get_groupmsg_task", params={"access_token": still.client.token()}, content=b'{"msgid": "x"}'
        )
        assert answer.json()["errcode"] == 41046

    def test_broken_json_is_told(self, still: Place) -> None:
        answer = still.call("POST", "externalcontact/get_groupmsg_task", body=b'{"msgid": ')
        assert answer["errcode"] == 40058
        assert answer["errmsg"].startswith("Warning: wrong json format.")

    def test_failures_are_worded_and_headed_as_by_the_platform(self, still: Place) -> None:
        answer = still.raw.get("/cgi-bin/department/list", params={"access_token": "wrong"})
        text = answer.json()["errmsg"]
        assert re.fullmatch(
            r"invalid access_token, hint: \[\d+_\d+_[0-9a-f]{32}\], from ip: 127\.0\.0\.1, more info at https://open\.work\.weixin\.qq\.com/devtool/query\?e=40014",
            text,
        )
        assert (answer.headers["error-code"], answer.headers["error-msg"]) == ("40014", text)
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"
        assert answer.headers["connection"] == "close"

    @pytest.mark.parametrize("path", ["/unknown", "/user/create", "/externalcontact/", "/externalcontact/get/", "/", "", "/" + "a" * 2000])
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
    def test_no_app_has_a_right_to_a_path_that_is_not_part_of_the_contract(self, still: Place, method: str, path: str) -> None:
        for token, code in ((still.client.token(), 48002), ("", 41001), ("made-up", 40014)):
            answer = still.raw.request(method, f"/cgi-bin{path}", params={"access_token": token}, content=b"{}")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=UTF-8")
            assert answer.json()["errcode"] == code

    @pytest.mark.parametrize("path", sorted(CONTRACT))
    def test_every_path_of_the_contract_is_known(self, still: Place, path: str) -> None:
        """Whatever is wrong with an empty request, it is not that nobody knows the call."""
        told = still.call(CONTRACT[path]["method"], path)
        assert "no such call" not in told["errmsg"]

    def test_a_body_over_the_limit_is_refused(self, build: Build) -> None:
        place = build(limits=Limits(body_bytes=100))
        assert place.call("POST", "externalcontact/get_corp_tag_list", body={"x": "y" * 200})["errcode"] == 40206


class TestRates:
    def test_calls_over_the_rate_block_the_path_for_its_window(self, build: Build) -> None:
        place = build(limits=Limits(calls_per_minute=3))
        now = [1_800_000_000.0]
        place.sandbox.clock.machine = lambda: now[0]
        place.client.token()
        codes = [place.call("GET", "department/list")["errcode"] for _ in range(5)]
        assert codes == [0, 0, 0, 45009, 45009]
        assert place.call("GET", "department/simplelist")["errcode"] == 0
        now[0] += 61
        assert place.call("GET", "department/list")["errcode"] == 0

    def test_too_many_at_a_time(self, build: Build) -> None:
        from concurrent.futures import ThreadPoolExecutor

        place = build(limits=Limits(parallel=2))
        place.client.token()
        place.fault("slow", "department/list", count=2, seconds=1.5)
        with ThreadPoolExecutor(2) as pool:
            held = [pool.submit(place.call, "GET", "department/list") for _ in range(2)]
            while sum(fault["fired"] for fault in place.get("faults")["faults"]) < 2:
                pass
            assert place.call("GET", "department/list")["errcode"] == 45033
            assert place.call("GET", "department/simplelist")["errcode"] == 0
            assert [future.result()["errcode"] for future in held] == [0, 0]
