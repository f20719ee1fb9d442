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
from tests.connectors.wecom.test_contract import a_request

DOCUMENT = openapi.document()
SHAPES = DOCUMENT["components"]["schemas"]
Value = st.SearchStrategy[Any]

NUMBERS = st.one_of(st.integers(-2, 40), st.sampled_from([0, 1, 2, 1_000_001, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 1_772_416_800, 253_402_300_800]))
WORDS = st.one_of(st.sampled_from(["", "0", "1", "x" * 5_000, "a\x00b", "half \ud83d", "../x", "' or 1=1 --", "%s", "💥", "²", "9" * 30]), st.text(max_size=12))
ODD: Value = st.one_of(
    *(WORDS, NUMBERS, st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.just([]), st.just({})),
    *(st.lists(WORDS, max_size=3), st.just([[{}]]), st.just([None]), st.just([1.5]), st.just({"a": {"b": [1]}}), st.just(list(range(2_000)))),
)
"""What nobody should send."""
BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b'{"a": NaN}',
    b'{"limit": Infinity}',
    b'{"limit": ' + b"9" * 5_000 + b"}",
    b'{"a":' * 100_000,
    b"[" * 100_000,
    b'{"userid":' + b"[" * 500 + b"]" * 500 + b"}",
    '{"userid":"好"}'.encode("utf-16"),
    b'{"userid":"\\ud83d"}',
    b'{"userid":"a","userid":1}',
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with builder(tmp_path_factory.mktemp("fuzzed")) as make:
        yield make(scenario={"customers": 20})


@pytest.fixture(scope="module")
def known(place: Place) -> dict[str, list[Any]]:
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


def valued(schema: dict[str, Any], name: str, known: dict[str, list[Any]]) -> Value:
    """Values of a schema: mostly what there is, now and then something odd."""
    if "$ref" in schema:
        return valued(SHAPES[schema["$ref"].rpartition("/")[2]], name, known)
    fitting = next((known[name[start:]] for start in range(len(name)) if name[start:] in known), None)
    whole: Value
    match schema["type"]:
        case "object":
            inner = {key: valued(part, key, known) for key, part in schema.get("properties", {}).items()}
            required = set(schema.get("required", ()))
            whole = st.fixed_dictionaries(
                {key: it for key, it in inner.items() if key in required}, optional={k: it for k, it in inner.items() if k not in required}
            )
        case "array":
            whole = st.lists(valued(schema["items"], name, known), max_size=3)
        case "integer":
            whole = NUMBERS
        case "boolean":
            whole = st.booleans()
        case _:
            whole = WORDS
    if fitting and schema["type"] in ("string", "integer"):
        return st.one_of(st.sampled_from(fitting), st.sampled_from(fitting), st.sampled_from(fitting), whole, ODD)
    return st.one_of(*[whole] * 8, ODD)


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


def spoilt(fields: Any, chance: Any) -> Any:
    """The same with one of its fields left out now and then."""
    if isinstance(fields, dict) and fields and chance.random() < 0.2:
        return {key: value for key, value in fields.items() if key != chance.choice(sorted(fields))}
    return fields


def sane(place: Place) -> None:
    """What must hold in the platform's books whatever was asked of it."""
    with place.sandbox.books.read() as db:

        def none(question: str) -> None:
            assert db.execute(question).fetchall() == [], question

        none("select * from pragma_integrity_check where integrity_check <> 'ok'")
        none("select * from pragma_foreign_key_check")
        none("select * from follow_tag where tag_id not in (select id from tag)")
        none("select * from follow_tag t where not exists (select 1 from follow f where f.userid = t.userid and f.external_userid = t.external_userid)")
        none("select * from tag where group_id not in (select id from tag_group)")
        none("select group_id, name from tag group by group_id, name having count(*) > 1")
        none("select * from tag_group where id not in (select group_id from tag)")
        none("select * from follow where userid not in (select userid from staff) or external_userid not in (select external_userid from customer)")
        none("select * from send_recipient where msgid not in (select msgid from send)")
        none("select * from send_task where msgid not in (select msgid from send)")
        none("select * from send_recipient where userid not in (select userid from send_task where send_task.msgid = send_recipient.msgid)")
        none("select * from send_chat where not exists (select 1 from send_task t where t.msgid = send_chat.msgid and t.userid = send_chat.userid)")
        none("select * from send_chat where chat_id not in (select chat_id from chat)")
        none("select * from acquisition_quota where used < 0 or used > total")
        none("select * from contact_way where length(remark) > 30 or length(state) > 30")
        none("select * from product where price < 0 or price > 5000000")
        none("select * from chat where owner not in (select userid from staff)")
        none("select chat_id from chat_member where left_at is null group by chat_id having count(*) > 500")


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


class TestFuzz:
    @pytest.mark.parametrize("path", sorted(CALLS))
    def test_whatever_is_sent_the_platform_answers_in_its_words(self, place: Place, known: dict[str, list[Any]], path: str) -> None:
        ask, good = asker(place, path), a_request(place, path)
        assert ask(good) == 0  # what is spoilt below would have been taken

        @settings(max_examples=30, deadline=None, database=None, phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck))
        @given(fields=st.one_of(valued(schema_of(path), "", known), near(good), near(good)), chance=st.randoms(use_true_random=False))
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
