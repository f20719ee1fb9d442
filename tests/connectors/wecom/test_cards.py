"""模板卡片 over HTTP: sent, clicked, changed, taken back."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from siyu.connectors.wecom import AppMessage, ButtonCard, CardButton, CardQuestion, Credentials, FormCard, NoticeCard, TemplateCard, VoteCard, WeCom
from siyu.connectors.wecom.sandbox.settings import AppSettings
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_group_chats import code_of
from tests.connectors.wecom.test_pushes import listening

TASK = ButtonCard("新任务", "3 位客户待跟进", "task-1", buttons=(CardButton("完成", "done"), CardButton("查看", url="https://siyu.example/t/1")))
SIZES = CardQuestion("size", {"s": "小", "m": "中"}, "尺码", ("s",))
VOTE = VoteCard("选一个", task_id="vote-1", question=SIZES, submit=CardButton("交", "go"), many=True)
FORM = FormCard("填一填", task_id="form-1", questions=(SIZES, CardQuestion("colour", {"r": "红"})), submit=CardButton("交", "go"))
NOTICE = NoticeCard("日报", "昨天", url="https://siyu.example/day", pairs={"新客户": "12"})
NEWS = NoticeCard("周报", url="https://siyu.example/week", picture_url="https://siyu.example/week.png")


def send(place: Place, card: TemplateCard, *userids: str) -> Any:
    return place.client.send_message(AppMessage(userids or ("guide0101",), card))


def seen(place: Place, userid: str = "guide0101") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.get("books/app_messages", userid=userid)
    return found


class TestSending:
    @pytest.mark.parametrize(("card", "interactive"), [(NOTICE, False), (NEWS, False), (TASK, True), (VOTE, True), (FORM, True)])
    def test_every_kind_arrives_and_those_with_buttons_can_be_changed(self, build: Build, card: TemplateCard, interactive: bool) -> None:
        place = build()
        sent = send(place, card)
        assert bool(sent.response_code) == interactive
        assert [message["content"] for message in seen(place)] == [card.body()]

    @pytest.mark.parametrize(
        ("card", "change", "code"),
        [
            (TASK, {"card_type": "smell"}, 42031),
            (TASK, {"task_id": ""}, 42014),
            (TASK, {"task_id": "a b"}, 42014),
            (TASK, {"button_list": []}, 40058),
            (TASK, {"button_list": [{"text": "", "key": "a"}]}, 42038),
            (TASK, {"button_list": [{"text": "a", "key": "k" * 1025}]}, 42039),
            (TASK, {"button_list": [{"text": "a", "type": 1}]}, 42028),
            (TASK, {"horizontal_content_list": [{"value": "x"}]}, 42027),
            (TASK, {"horizontal_content_list": [{"keyname": "x"}] * 7}, 42035),
            (TASK, {"horizontal_content_list": [{"keyname": "x", "type": 2}]}, 42029),
            (TASK, {"horizontal_content_list": [{"keyname": "x", "type": 3, "userid": "nobody"}]}, 42050),
            (TASK, {"action_menu": {"action_list": [{"text": "a", "key": "k"}, {"text": "b", "key": "k"}]}}, 42051),
            (NOTICE, {"main_title": {}}, 42033),
            (NOTICE, {"card_action": {}}, 42045),
            (NOTICE, {"card_action": {"type": 1}}, 42028),
            (NOTICE, {"card_action": {"type": 2}}, 42030),
            (NOTICE, {"jump_list": [{"title": "a"}] * 4}, 42042),
            (NOTICE, {"jump_list": [{"type": 1, "url": "https://a"}]}, 42033),
            (NEWS, {"card_image": {}}, 42044),
            (NEWS, {"vertical_content_list": [{"title": "a"}] * 5}, 42036),
            (VOTE, {"checkbox": {"question_key": "", "option_list": [{"id": "a", "text": "a"}]}}, 42043),
            (VOTE, {"checkbox": {"question_key": "q", "option_list": []}}, 42037),
            (VOTE, {"checkbox": {"question_key": "q", "option_list": [{"id": "a", "text": "a"}, {"id": "a", "text": "b"}]}}, 42040),
            (VOTE, {"checkbox": {"question_key": "q", "option_list": [{"id": "a", "text": ""}]}}, 42041),
            (VOTE, {"submit_button": {"text": "交"}}, 42046),
            (VOTE, {"submit_button": {"key": "go"}}, 42049),
            (FORM, {"select_list": []}, 42047),
        ],
    )
    def test_the_part_that_does_not_fit_is_named_by_its_code(self, still: Place, card: TemplateCard, change: dict[str, Any], code: int) -> None:
        body = {"touser": "owner", "agentid": still.address.agent_id, "msgtype": "template_card", "template_card": card.body() | change}
        assert still.call("POST", "message/send", body=body)["errcode"] == code

    def test_a_task_id_serves_once(self, build: Build) -> None:
        place = build()
        send(place, TASK)
        another = ButtonCard("别的", task_id="task-1", buttons=TASK.buttons)
        assert code_of(send, place, another) == 42014


class TestClicking:
    def test_a_click_calls_back_with_a_fresh_code(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        first = send(place, TASK).response_code
        fresh = place.post("cards/clicks", userid="guide0101", task_id="task-1", key="done")["response_code"]
        assert place.sandbox.pushes.drain(10)
        (event,) = receiver.events
        told = {name: event.text(name) for name in ("FromUserName", "EventKey", "TaskId", "CardType", "ResponseCode", "AgentID")}
        assert event.route == ("template_card_event", "") and told == {
            "FromUserName": "guide0101",
            "EventKey": "done",
            "TaskId": "task-1",
            "CardType": "button_interaction",
            "ResponseCode": fresh,
            "AgentID": str(place.address.agent_id),
        }
        assert fresh != first

    def test_what_was_chosen_is_told(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        send(place, FORM)
        place.post("cards/clicks", userid="guide0101", task_id="form-1", key="go", chosen={"size": ["m"], "colour": ["r"]})
        assert place.sandbox.pushes.drain(10)
        (event,) = receiver.events
        assert event["SelectedItems"] == {
            "SelectedItem": ({"QuestionKey": "size", "OptionIds": {"OptionId": "m"}}, {"QuestionKey": "colour", "OptionIds": {"OptionId": "r"}})
        }

    def test_the_menu_has_an_event_of_its_own(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        menu = {"desc": "更多", "action_list": [{"text": "不再提醒", "key": "mute"}]}
        card = NOTICE.body() | {"action_menu": menu, "task_id": "notice-1"}
        body = {"touser": "guide0101", "agentid": place.address.agent_id, "msgtype": "template_card", "template_card": card}
        assert place.call("POST", "message/send", body=body)["errcode"] == 0
        place.post("cards/clicks", userid="guide0101", task_id="notice-1", key="mute")
        assert place.sandbox.pushes.drain(10) and [event.route[0] for event in receiver.events] == ["template_card_menu_event"]

    def test_only_its_app_hears(self, build: Build, other: Neighbour) -> None:
        place = build(apps=(AppSettings(1, "a" * 43), AppSettings(2, "b" * 43)))
        receiver = listening(place, other)
        with WeCom(Credentials(place.address.corp_id, "b" * 43, 2), place.client._settings) as another:
            another.send_message(AppMessage(("guide0101",), TASK))
        place.post("cards/clicks", userid="guide0101", task_id="task-1", key="done")
        assert place.sandbox.pushes.drain(10) and receiver.events == []

    def test_what_is_not_there_cannot_be_clicked(self, build: Build) -> None:
        place = build()
        sent = send(place, TASK)

        def clicked(**order: Any) -> int:
            given = {"userid": "guide0101", "task_id": "task-1", "key": "done", **order}
            return place.control.post("/sandbox/cards/clicks", json=given).status_code

        assert clicked(userid="owner") == clicked(key="none") == clicked(chosen={"size": ["m"]}) == 409
        place.client.update_card(sent.response_code, "已完成")
        assert clicked() == 409
        place.client.recall_message(sent.msgid)
        assert clicked() == 409 and seen(place) == []


class TestChanging:
    def test_a_code_serves_once(self, build: Build) -> None:
        place = build()
        code = send(place, TASK, "guide0101", "owner").response_code
        assert place.client.update_card(code, "已完成", userids=["guide0101", "store01"]) == ("store01",)
        assert [message["replaced"] for message in seen(place)] == ["已完成"] and [message["replaced"] for message in seen(place, "owner")] == [""]
        assert code_of(place.client.update_card, code, "再来") == 60140
        again = place.post("cards/clicks", userid="owner", task_id="task-1", key="done")["response_code"]
        assert place.client.update_card(again, NOTICE) == ()
        assert seen(place, "owner")[0]["content"] == NOTICE.body()

    def test_after_three_days_it_is_too_late(self, build: Build) -> None:
        place = build()
        code = send(place, TASK).response_code
        place.post("step", seconds=72 * 3600 + 1)
        assert code_of(place.client.update_card, code, "已完成") == 60140

    def test_what_cannot_be_is_refused(self, build: Build) -> None:
        place = build(apps=(AppSettings(1, "a" * 43), AppSettings(2, "b" * 43)))
        code = send(place, TASK).response_code
        with WeCom(Credentials(place.address.corp_id, "b" * 43, 2), place.client._settings) as another:
            assert code_of(another.update_card, code, "已完成") == 42015
        wrong = {"agentid": 2, "response_code": code, "atall": 1, "button": {"replace_name": "x"}}
        assert place.call("POST", "message/update_template_card", body=wrong)["errcode"] == 301002
        assert place.call("POST", "message/update_template_card", body={"agentid": 1, "response_code": code, "atall": 1})["errcode"] == 40058

    def test_the_retired_call_changes_by_task(self, build: Build) -> None:
        place = build()
        send(place, TASK)
        body = {"agentid": place.address.agent_id, "task_id": "task-1", "userids": ["guide0101", "owner"], "replace_name": "已完成"}
        assert place.call("POST", "message/update_taskcard", body=body)["invaliduser"] == ["owner"]
        assert seen(place)[0]["replaced"] == "已完成"
        assert place.call("POST", "message/update_taskcard", body=body | {"task_id": "none"})["errcode"] == 42016


class TestRecall:
    def test_books_of_an_older_sandbox_take_it_too(self, build: Build, tmp_path: Path) -> None:
        home = tmp_path / "old"
        home.mkdir()
        with closing(sqlite3.connect(home / "books.sqlite")) as books:
            books.execute(
                "create table app_message (msgid text primary key, agent_id integer not null, msgtype text not null, content text not null,"
                " fingerprint text not null, at real not null, at_machine real not null)"
            )
        place = build(home=home)
        place.client.recall_message(place.client.send_message(AppMessage(("owner",), "发错了")).msgid)
        assert seen(place, "owner") == []

    def test_within_a_day_and_by_its_app_only(self, build: Build) -> None:
        place = build()
        msgid = place.client.send_message(AppMessage(("owner",), "发错了")).msgid
        kept = place.client.send_message(AppMessage(("owner",), "没发错")).msgid
        place.client.recall_message(msgid)
        place.client.recall_message(msgid)
        assert [message["content"]["content"] for message in seen(place, "owner")] == ["没发错"]
        place.post("step", seconds=86_401)
        assert code_of(place.client.recall_message, kept) == 42052
        assert code_of(place.client.recall_message, "made-up") == 40058
