"""The sandbox's calls, fuzzed by its own OpenAPI document: always the platform's JSON, never a 500, and its books stay consistent."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from siyu.connectors.wecom.sandbox import openapi
from siyu.connectors.wecom.sandbox.contract import CALLS
from tests.connectors.wecom.asking import FILES, a_link, a_picture, a_service_account, a_welcome
from tests.connectors.wecom.conftest import Place, builder
from tests.connectors.wecom.fuzzing import BODIES, ODD, Known, Value, sane, spoilt, valued
from tests.connectors.wecom.test_contract import a_request

DOCUMENT = openapi.document()
SHAPES = DOCUMENT["components"]["schemas"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with builder(tmp_path_factory.mktemp("fuzzed")) as make:
        yield make(scenario={"customers": 20})


@pytest.fixture(scope="module")
def known(place: Place) -> Known:
    """Values that exist, by the ending of a field's name, so that requests get as far as they can."""
    sender = place.busiest()
    chat, group, now = next(place.client.group_chats()).chat_id, place.client.corp_tags()[0], int(place.sandbox.clock.now())
    send = place.client.add_msg_template(place.template()).msgid
    return {
        "userid": [sender, "service01", "nobody"],
        "userid_list": [sender],
        "user_list": [sender],
        "user": [sender],
        "sender": [sender],
        "touser": [sender, place.customers_of(sender)[0], "@all"],
        "external_userid": [*place.customers_of(sender)[:3]],
        "external_userid_list": [*place.customers_of(sender)[:3]],
        "chat_id": [chat],
        "chat_id_list": [chat],
        "owner": ["service01"],
        "tag_id": [group.tags[0].id],
        "add_tag": [group.tags[0].id],
        "remove_tag": [group.tags[1].id],
        "tag_list": [group.tags[0].id],
        "group_id": [group.id],
        "id": [group.id, group.tags[0].id, 1, 100],
        "department_id": [1, 100],
        "department_list": [1],
        "party": [1],
        "toparty": ["1"],
        "media_id": [a_picture(place)],
        "link_id": [a_link(place).link_id],
        "open_kfid": [a_service_account(place)],
        "template_id": [a_welcome(place)],
        "msgid": [send],
        "agentid": [place.address.agent_id],
        "time": [now, now - 86_400, now + 60],
        "chat_type": ["single", "group"],
        "msgtype": ["text", "image", "link", "miniprogram", "video", "textcard", "news", "template_card", "msgmenu"],
        "card_type": ["text_notice", "news_notice", "button_interaction", "vote_interaction", "multiple_interaction"],
        "type": [1, 2, "image", "click", "view", "text", "jsapi"],
        "media_type": ["image", "file"],
        "url": ["http://127.0.0.1:9/a", "https://brand.example/x"],
        "content": ["你好 %NICKNAME%"],
        "name": ["名字", "rule", "a.txt"],
        "limit": [1, 10, 0, 1_000_000],
        "cursor": ["", "made up"],
    }


def near(value: Any) -> Value:
    """A value that is taken, with something odd in it now and then."""
    match value:
        case dict():
            return st.fixed_dictionaries({key: near(inner) for key, inner in value.items()})
        case list():
            whole = st.just(value)
            return st.one_of(whole, whole, st.tuples(*map(near, value)).map(list), st.just(value * 3), st.just([]))
        case _:
            return st.one_of(*[st.just(value)] * 12, ODD)


def answered(place: Place, method: str, path: str, **sent: Any) -> int:
    """The errcode of an answer that is the platform's; 404 HTML and 500 are not."""
    token = place.client.token()
    answer = place.raw.request(method, f"/cgi-bin/{path}", params={"access_token": token, **sent.pop("params", {})}, **sent)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:200], str(sent)[:400])
    if answer.headers["content-type"].startswith("application/json"):
        told = answer.json()
        assert isinstance(told["errcode"], int) and isinstance(told["errmsg"], str)
        return int(told["errcode"])
    assert "content-disposition" in answer.headers
    return 0


def asker(place: Place, path: str) -> Callable[[Any], int]:
    """Sends fields the way the call takes them."""
    method = CALLS[path].method

    def ask(fields: Any) -> int:
        if method == "POST" and CALLS[path].body == "json":
            return answered(place, method, path, content=json.dumps(fields).encode())
        texts = {key: str(value).encode("utf-8", "replace").decode() for key, value in fields.items()} if isinstance(fields, dict) else {}
        return answered(place, method, path, params=texts, **({"files": {"media": FILES["media/upload"]}} if method == "POST" else {}))

    return ask


def schema_of(path: str) -> dict[str, Any]:
    operation = DOCUMENT["paths"][f"/cgi-bin/{path}"][CALLS[path].method.lower()]
    body = operation.get("requestBody", {}).get("content", {})
    if "application/json" in body:
        return dict(body["application/json"]["schema"])
    given = [one for one in operation["parameters"] if one["name"] != "access_token"]
    return {"type": "object", "properties": {one["name"]: one["schema"] for one in given}, "required": [one["name"] for one in given if one["required"]]}


class TestDocument:
    def test_it_names_every_call_and_is_served(self, place: Place) -> None:
        assert place.raw.get("/sandbox/contract.json").json() == DOCUMENT
        assert {path.removeprefix("/cgi-bin/") for path in DOCUMENT["paths"]} == set(CALLS)

    def test_every_reference_leads_somewhere(self) -> None:
        named = {part.split('"')[0] for part in json.dumps(DOCUMENT).split("#/components/schemas/")[1:]}
        assert named <= set(SHAPES)


@pytest.mark.long
class TestFuzz:
    @pytest.mark.parametrize("path", sorted(CALLS))
    def test_whatever_is_sent_the_platform_answers_in_its_words(self, place: Place, known: Known, path: str) -> None:
        ask, good = asker(place, path), a_request(place, path)
        assert ask(good) == 0  # what is spoilt below would have been taken

        @settings(max_examples=30, deadline=None, database=None, phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck))
        @given(fields=st.one_of(valued(schema_of(path), "", known, SHAPES), near(good), near(good)), chance=st.randoms(use_true_random=False))
        def fuzz(fields: Any, chance: Any) -> None:
            ask(spoilt(fields, chance))

        fuzz()
        sane(place)

    @pytest.mark.parametrize("path", sorted(path for path, call in CALLS.items() if call.method == "POST"))
    def test_bodies_that_are_no_request(self, place: Place, path: str) -> None:
        for body in BODIES:
            answered(place, "POST", path, content=body)

    def test_queries_that_are_no_text(self, place: Place) -> None:
        for path in sorted(path for path, call in CALLS.items() if call.method == "GET"):
            for query in ("?access_token=%ff%fe", "?%00=%00", "?access_token=" + "x" * 10_000, "?&&==&=", "?userid=%ed%a0%80&id=%00&external_userid=%ff"):
                answer = place.raw.get(f"/cgi-bin/{path}{query}")
                assert answer.status_code == 200 and answer.json()["errcode"] in (40014, 41001)
