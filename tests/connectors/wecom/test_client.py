"""The client against answers made by hand: outcomes, tokens, paging, silence about secrets."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx
import pytest

from siyu.connectors.wecom import (
    Action,
    AppMessage,
    ClientSettings,
    Credentials,
    LinkAttachment,
    MsgTemplate,
    NotSent,
    OtherAttachment,
    OutcomeUnknown,
    Refused,
    TextCard,
    Unavailable,
    WeCom,
    action_of,
)

SECRET = "s3cr3t-of-the-app"
TEMPLATE = MsgTemplate("guide01", ("wm1", "wm2"), "你好", (LinkAttachment("新品", "https://brand.example/t/abc"),))


class Platform:
    """Answers by path; a list is used up one answer a call, its last one stays."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {"gettoken": {"errcode": 0, "access_token": "token-1", "expires_in": 7200}, **answers}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.tokens: list[str] = []
        self.lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.rsplit("/", 1)[-1]
        with self.lock:
            self.calls.append((path, json.loads(request.content) if request.content else dict(request.url.params)))
            self.tokens.append(request.url.params.get("access_token", ""))
            answer = self.answers[path]
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        if callable(answer):
            answer = answer(request)
        return httpx.Response(200, json=answer)

    def count(self, path: str) -> int:
        return sum(called == path for called, _ in self.calls)


Connect = Callable[[Platform], WeCom]


@pytest.fixture
def connect() -> Iterator[Connect]:
    opened = []

    def make(platform: Platform) -> WeCom:
        client = WeCom(
            Credentials("ww1", SECRET, 1000002), ClientSettings("https://wecom.example"), transport=httpx.MockTransport(platform), wait=lambda seconds: None
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


class TestCreating:
    """What a creating call raises decides whether it may be made again."""

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.ReadTimeout("slow"),
            httpx.WriteError("reset"),
            httpx.ReadError("reset"),
            httpx.RemoteProtocolError("cut"),
            httpx.Response(502, text="<html>Bad Gateway</html>"),
            httpx.Response(500, json={"errcode": 45009}),
            httpx.Response(302, headers={"location": "https://elsewhere.example"}),
            httpx.Response(200, text="<html></html>"),
            httpx.Response(200, content=b'{"errcode":0,"msgid":"m'),
            httpx.Response(200, json=["not", "an", "object"]),
            httpx.Response(200, json={"errcode": "many"}),
            {"errcode": -1, "errmsg": "system busy"},
            {"errcode": 0, "errmsg": "ok"},
        ],
        ids=lambda answer: type(answer).__name__,
    )
    def test_no_believable_answer_is_an_unknown_outcome_and_is_never_repeated(self, connect: Connect, answer: Any) -> None:
        platform = Platform(add_msg_template=answer)
        with pytest.raises(OutcomeUnknown):
            connect(platform).add_msg_template(TEMPLATE)
        assert platform.count("add_msg_template") == 1

    @pytest.mark.parametrize("fault", [httpx.ConnectError("refused"), httpx.ConnectTimeout("far away"), httpx.PoolTimeout("busy")])
    def test_what_never_left_was_not_sent(self, connect: Connect, fault: Exception) -> None:
        with pytest.raises(NotSent) as caught:
            connect(Platform(add_msg_template=fault)).add_msg_template(TEMPLATE)
        assert caught.value.action is Action.RETRY

    @pytest.mark.parametrize(
        ("code", "action"),
        [(45009, Action.WAIT), (45033, Action.SLOW), (60020, Action.CONFIG), (48002, Action.CONFIG), (41048, Action.DONE), (40058, Action.FIX)],
    )
    def test_a_code_of_the_contract_is_a_refusal_with_its_class(self, connect: Connect, code: int, action: Action) -> None:
        with pytest.raises(Refused) as caught:
            connect(Platform(add_msg_template={"errcode": code, "errmsg": "no"})).add_msg_template(TEMPLATE)
        assert (caught.value.code, caught.value.action) == (code, action)

    def test_without_a_token_nothing_was_sent(self, connect: Connect) -> None:
        platform = Platform(gettoken=httpx.ReadTimeout("slow"))
        with pytest.raises(NotSent):
            connect(platform).add_msg_template(TEMPLATE)
        assert platform.count("add_msg_template") == 0

    def test_answer_and_body_are_to_the_letter(self, connect: Connect) -> None:
        platform = Platform(add_msg_template={"errcode": 0, "errmsg": "ok", "fail_list": ["wm2"], "msgid": "msg1", "later": {}})
        created = connect(platform).add_msg_template(TEMPLATE)
        assert (created.msgid, created.failed) == ("msg1", ("wm2",))
        assert platform.calls[-1][1] == {
            "chat_type": "single",
            "allow_select": False,
            "external_userid": ["wm1", "wm2"],
            "sender": "guide01",
            "text": {"content": "你好"},
            "attachments": [{"msgtype": "link", "link": {"title": "新品", "url": "https://brand.example/t/abc"}}],
        }


class TestReading:
    def test_a_fault_of_the_platform_is_tried_three_times(self, connect: Connect) -> None:
        platform = Platform(get_follow_user_list=[{"errcode": -1}, httpx.Response(502), {"errcode": 0, "follow_user": ["a"]}])
        assert connect(platform).follow_users() == ["a"]
        assert platform.count("get_follow_user_list") == 3

    def test_after_three_tries_it_is_unavailable(self, connect: Connect) -> None:
        platform = Platform(get_follow_user_list=[httpx.ReadTimeout("slow")])
        with pytest.raises(Unavailable):
            connect(platform).follow_users()
        assert platform.count("get_follow_user_list") == 3

    def test_a_refusal_is_not_repeated(self, connect: Connect) -> None:
        platform = Platform(get_follow_user_list={"errcode": 45009, "errmsg": "api freq out of limit"})
        with pytest.raises(Refused):
            connect(platform).follow_users()
        assert platform.count("get_follow_user_list") == 1

    def test_a_member_without_customers_has_none_however_it_is_worded(self, connect: Connect) -> None:
        assert connect(Platform(list={"errcode": 84061, "errmsg": "not external contact"})).external_userids("a") == []
        assert connect(Platform(list={"errcode": 0, "external_userid": []})).external_userids("a") == []

    def test_a_missing_errcode_is_success(self, connect: Connect) -> None:
        assert connect(Platform(get_follow_user_list={"follow_user": ["a"]})).follow_users() == ["a"]


class TestPaging:
    def row(self, name: str) -> dict[str, Any]:
        return {"external_contact": {"external_userid": name, "name": name, "type": 1, "gender": 0}, "follow_info": {"userid": "a", "remark": "", "tag_id": []}}

    def test_pages_are_read_until_the_cursor_is_empty(self, connect: Connect) -> None:
        pages = [
            {"errcode": 0, "external_contact_list": [self.row("wm1")], "next_cursor": "c1"},
            {"errcode": 0, "external_contact_list": [], "next_cursor": "c2"},
            {"errcode": 0, "external_contact_list": [self.row("wm2")], "next_cursor": ""},
        ]
        platform = Platform(get_by_user=pages)
        assert [contact.contact.external_userid for contact in connect(platform).contacts(["a"])] == ["wm1", "wm2"]
        assert [body.get("cursor") for path, body in platform.calls if path == "get_by_user"] == [None, "c1", "c2"]

    def test_a_lost_cursor_starts_over_once(self, connect: Connect) -> None:
        first = {"errcode": 0, "external_contact_list": [self.row("wm1")], "next_cursor": "c1"}
        pages = [first, {"errcode": 50100}, first, {"errcode": 0, "external_contact_list": [self.row("wm2")]}]
        assert [c.contact.external_userid for c in connect(Platform(get_by_user=pages)).contacts(["a"])] == ["wm1", "wm1", "wm2"]

    def test_a_cursor_that_is_lost_again_is_refused(self, connect: Connect) -> None:
        first = {"errcode": 0, "external_contact_list": [], "next_cursor": "c1"}
        with pytest.raises(Refused):
            list(connect(Platform(get_by_user=[first, {"errcode": 50100}, first, {"errcode": 50100}])).contacts(["a"]))

    def test_members_are_asked_in_hundreds(self, connect: Connect) -> None:
        platform = Platform(get_by_user={"errcode": 0, "external_contact_list": [], "next_cursor": ""})
        assert list(connect(platform).contacts([f"u{n}" for n in range(250)])) == []
        assert [len(body["userid_list"]) for path, body in platform.calls if path == "get_by_user"] == [100, 100, 50]


class TestTokens:
    OK: ClassVar[dict[str, Any]] = {"errcode": 0, "follow_user": ["a"]}

    def fresh(self) -> Callable[[httpx.Request], dict[str, Any]]:
        numbers = iter(range(1, 1000))
        return lambda request: {"errcode": 0, "access_token": f"token-{next(numbers)}", "expires_in": 7200}

    @pytest.mark.parametrize("code", [40014, 42001])
    def test_a_dead_token_is_renewed_and_the_call_repeated_once(self, connect: Connect, code: int) -> None:
        platform = Platform(gettoken=self.fresh(), get_follow_user_list=[{"errcode": code}, self.OK])
        assert connect(platform).follow_users() == ["a"]
        assert platform.tokens == ["", "token-1", "", "token-2"]

    @pytest.mark.parametrize("code", [40014, 42001])
    def test_a_platform_that_refuses_every_token_is_a_matter_of_settings(self, connect: Connect, code: int) -> None:
        platform = Platform(gettoken=self.fresh(), get_follow_user_list={"errcode": code})
        with pytest.raises(Refused) as caught:
            connect(platform).follow_users()
        assert caught.value.action is Action.CONFIG
        assert platform.count("get_follow_user_list") == 2

    def test_a_burst_of_dead_tokens_gives_one_refresh(self, connect: Connect) -> None:
        together = threading.Barrier(4)

        def by_token(request: httpx.Request) -> dict[str, Any]:
            if request.url.params["access_token"] == "token-1":
                together.wait(10)
                return {"errcode": 42001}
            return self.OK

        platform = Platform(gettoken=self.fresh(), get_follow_user_list=by_token)
        client = connect(platform)
        with ThreadPoolExecutor(4) as pool:
            assert [f.result() for f in [pool.submit(client.follow_users) for _ in range(4)]] == [["a"]] * 4
        assert platform.count("gettoken") == 2

    def test_a_token_is_renewed_before_its_end(self) -> None:
        now = [0.0]
        platform = Platform(gettoken=self.fresh(), get_follow_user_list=self.OK)
        with WeCom(Credentials("ww1", SECRET, 1), transport=httpx.MockTransport(platform), machine_clock=lambda: now[0]) as client:
            client.follow_users()
            now[0] = 7100
            client.follow_users()
            assert platform.count("gettoken") == 1
            now[0] = 7150
            client.follow_users()
            assert platform.count("gettoken") == 2

    def test_wrong_credentials_are_a_matter_of_settings_and_asked_once(self, connect: Connect) -> None:
        platform = Platform(gettoken={"errcode": 40001, "errmsg": "invalid credential"})
        with pytest.raises(Refused) as caught:
            connect(platform).follow_users()
        assert caught.value.action is Action.CONFIG
        assert platform.count("gettoken") == 1


class TestSilence:
    """Tokens and secrets show nowhere."""

    @pytest.mark.parametrize(
        "answer", [{"errcode": 40058, "errmsg": "no"}, httpx.ReadTimeout("slow"), httpx.ConnectError("refused"), httpx.Response(500), {"errcode": 0}]
    )
    def test_neither_logs_nor_exceptions_hold_them(self, connect: Connect, caplog: pytest.LogCaptureFixture, answer: Any) -> None:
        caplog.set_level(logging.DEBUG)
        client = connect(Platform(get_follow_user_list=answer))
        seen = repr(client.credentials)
        try:
            client.follow_users()
        except Exception as error:
            chain: BaseException | None = error
            while chain is not None:
                seen += repr(chain) + str(chain)
                seen += str(getattr(getattr(chain, "_request", None), "url", ""))
                chain = chain.__cause__ or chain.__context__
        seen += caplog.text + "".join(repr(record.args) for record in caplog.records)
        assert SECRET not in seen
        assert "token-1" not in seen


class TestMessages:
    def test_a_text_to_staff(self, connect: Connect) -> None:
        platform = Platform(send={"errcode": 0, "msgid": "m1", "invaliduser": "b|c"})
        sent = connect(platform).send_message(AppMessage(("a", "b", "c"), "今天有 3 个待办"))
        assert (sent.msgid, sent.invalid_userids) == ("m1", ("b", "c"))
        assert platform.calls[-1][1] == {
            "touser": "a|b|c",
            "agentid": 1000002,
            "msgtype": "text",
            "text": {"content": "今天有 3 个待办"},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 1800,
        }

    def test_a_card_to_a_department(self, connect: Connect) -> None:
        platform = Platform(send={"errcode": 0, "msgid": "m1"})
        card = TextCard("待确认的群发", "3 个客户", "https://brand.example/tasks")
        connect(platform).send_message(AppMessage((), card, department_ids=(101, 102), duplicate_check_seconds=None))
        body = platform.calls[-1][1]
        assert body["toparty"] == "101|102"
        assert body["textcard"] == {"title": "待确认的群发", "description": "3 个客户", "url": "https://brand.example/tasks"}
        assert "enable_duplicate_check" not in body


class TestListings:
    def test_sends_are_read_with_times_as_number_or_text_and_unknown_attachments(self, connect: Connect) -> None:
        rows = [
            {"msgid": "m1", "create_time": 1700000000, "create_type": 0, "text": {"content": "你好"}, "attachments": [{"msgtype": "hologram"}]},
            {"msgid": "m2", "create_time": "1700000000", "create_type": 1, "creator": "a"},
        ]
        sends = list(
            connect(Platform(get_groupmsg_list_v2={"errcode": 0, "group_msg_list": rows})).group_sends(
                datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
            )
        )
        assert sends[0].created_at == sends[1].created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
        assert (sends[0].creator, sends[1].creator) == (None, "a")
        assert sends[0].attachments == (OtherAttachment("hologram"),)


class TestCodes:
    @pytest.mark.parametrize(
        ("code", "action"), [(0, "OK"), (-1, "RETRY"), (41063, "LATER"), (50100, "SYNC"), (41093, "DONE"), (41094, "WAIT"), (40201, "STOP")]
    )
    def test_codes_have_their_class(self, code: int, action: str) -> None:
        assert action_of(code) == Action(action)

    def test_unknown_codes_count_as_wrong_requests(self) -> None:
        assert action_of(99_999_999) is Action.FIX

    def test_cancelling_what_is_cancelled_is_done(self, connect: Connect) -> None:
        connect(Platform(cancel_groupmsg_send={"errcode": 41093})).cancel_group_send("m1")
