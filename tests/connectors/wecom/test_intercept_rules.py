"""聊天敏感词 over HTTP: rules, and sends that they keep from going out."""

from dataclasses import replace
from typing import Any

import pytest

from siyu.connectors.wecom import InterceptRule, MsgTemplate
from siyu.connectors.wecom.model.intercept_rules import PHONE, RED_PACKET
from siyu.connectors.wecom.sandbox.settings import Limits
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.test_group_chats import code_of

RULE = InterceptRule("承诺", ("保证有效", "返现"), ("guide0101",), (100,), (PHONE,))


class TestRules:
    def test_one_round_trips_is_changed_and_deleted(self, build: Build) -> None:
        place = build()
        id = place.client.add_intercept_rule(RULE)
        assert place.client.intercept_rule(id) == RULE
        assert [(one.rule_id, one.name, one.created_at is not None) for one in place.client.intercept_rules()] == [(id, "承诺", True)]
        new = InterceptRule("新规", ("返现",), (), (100, 900), (RED_PACKET,), blocks=False)
        place.client.update_intercept_rule(id, RULE, new)
        assert place.client.intercept_rule(id) == new
        place.client.delete_intercept_rule(id)
        assert code_of(place.client.intercept_rule, id) == 41071 and code_of(place.client.intercept_rule, "made-up") == 41070
        assert place.client.intercept_rules() == []

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"rule_name": ""}, 40058),
            ({"rule_name": "长" * 21}, 40058),
            ({"word_list": []}, 41083),
            ({"word_list": ["长" * 33]}, 41083),
            ({"word_list": ["词"] * 301}, 41068),
            ({"semantics_list": [4]}, 41084),
            ({"intercept_type": 3}, 40058),
            ({"applicable_range": {}}, 40058),
            ({"applicable_range": {"user_list": ["u"] * 1001}}, 41076),
            ({"applicable_range": {"user_list": ["nobody"]}}, 60111),
            ({"applicable_range": {"department_list": [4711]}}, 60003),
        ],
    )
    def test_what_does_not_fit_is_refused(self, still: Place, change: dict[str, Any], code: int) -> None:
        body = {"rule_name": "规则", "word_list": ["词"], "intercept_type": 1, "applicable_range": {"department_list": [1]}} | change
        assert still.call("POST", "externalcontact/add_intercept_rule", body=body)["errcode"] == code

    def test_names_are_unique_and_rules_are_counted(self, build: Build) -> None:
        place = build(limits=Limits(intercept_rules=1))
        place.client.add_intercept_rule(RULE)
        assert code_of(place.client.add_intercept_rule, RULE) == 41077
        assert code_of(place.client.add_intercept_rule, replace(RULE, name="另一条")) == 41069

    def test_a_rule_needs_somebody_to_apply_to(self, build: Build) -> None:
        place = build()
        id = place.client.add_intercept_rule(RULE)
        assert code_of(place.client.update_intercept_rule, id, RULE, replace(RULE, userids=(), department_ids=())) == 40058


class TestBlocking:
    @pytest.mark.parametrize(
        ("text", "change", "sent"),
        [
            ("新品到店", {}, True),
            ("买就返现", {}, False),
            ("买就返现", {"blocks": False}, True),
            ("买就返现", {"userids": ("owner",)}, True),
            ("请打 13800138000", {}, False),
        ],
    )
    def test_a_send_with_a_word_stays_with_the_member(self, build: Build, text: str, change: dict[str, Any], sent: bool) -> None:
        place = build()
        sender = place.busiest()
        place.client.add_intercept_rule(replace(RULE, **{"userids": (sender,), "department_ids": (), **change}))
        msgid = place.client.add_msg_template(MsgTemplate(sender, place.customers_of(sender), text)).msgid
        place.post("confirm", msgid=msgid)
        assert [task.status == 2 for task in place.client.group_send_tasks(msgid)] == [sent]
        assert bool(place.get("books/summary", msgid=msgid)["sent"]) == sent
        assert [one["msgid"] for one in place.get("books/intercepts")] == ([] if sent else [msgid])
