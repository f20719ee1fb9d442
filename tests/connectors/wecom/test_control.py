"""The control interface, fuzzed by its own OpenAPI document: an answer, or a no that names the field; never a 500, whatever is sent."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from siyu.connectors.wecom import ContactWay, NewMoment
from siyu.connectors.wecom.sandbox.clock import iso
from siyu.connectors.wecom.sandbox.faults import KINDS
from tests.connectors.wecom.asking import a_card, a_link, a_payment, a_service_chat
from tests.connectors.wecom.conftest import Place, builder
from tests.connectors.wecom.fuzzing import BODIES, Known, Value, sane, spoilt, valued
from tests.connectors.wecom.neighbours import neighbour


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with builder(tmp_path_factory.mktemp("controlled")) as make:
        yield make(scenario={"customers": 20})


@pytest.fixture(scope="module")
def known(place: Place) -> Iterator[Known]:
    """Values that exist, by the ending of a field's name, so that orders get as far as they can."""
    sender = place.busiest()
    customers, chat = place.customers_of(sender), place.get("books/groups")[0]["chat_id"]
    way = place.client.add_contact_way(ContactWay((sender,), state="spring")).config_id
    send = place.client.add_msg_template(place.template("看 http://127.0.0.1:9/x")).msgid
    place.client.add_moment(NewMoment("新品", senders=(sender,)))
    place.post("confirm", msgid=send)
    place.post("step", seconds=10)
    desk, link, paid = a_service_chat(place), a_link(place), a_payment(place)
    a_card(place, "task-1")
    order = place.post("orders", external_userid=customers[0])["order_no"]
    now = place.sandbox.clock.now()
    with neighbour() as other:
        yield {
            "userid": [sender, "service01", "store01", "owner", "nobody"],
            "external_userid": [*customers[:3], *(one["external_userid"] for one in place.get("books/people")[:3])],
            "external_userids": [list(customers[:2])],
            "chat_id": [chat],
            "config_id": [way],
            "msgid": [send],
            "message": [send],
            "markers": [["看"], []],
            "moment_id": [one["moment_id"] for one in place.get("books/moments")],
            "order_no": [order],
            "out_trade_no": [paid["out_trade_no"]],
            "task_id": ["task-1"],
            "key": ["seen", "shop-key"],
            "open_kfid": [desk["open_kfid"]],
            "url": [other.url, link.url_for("live"), place.client.service_url(desk["open_kfid"], "web"), "http://[", "http://127.0.0.1:99999/", "x:y"],
            "token": ["abc"],
            "aes_key": ["AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"],
            "id": [1, 2],
            "add": [place.get("books/tags")[0]["id"]],
            "kind": list(KINDS),
            "path": ["*", "/cgi-bin/user/get", "add_external_contact", "/cgi-bin/nowhere"],
            "params": [{}, {"seconds": 1}, {"seconds": -5}, {"seconds": "x"}, {"code": 40096}, {"code": "abc"}, {"times": 2}, {"clock": "moon"}],
            "until": [iso(now + 3600), iso(now + 86_400)],
            "business": [iso(now + 3600), iso(now - 3600)],
            "seconds": [0, 1, 3600],
            "events": [1, 5],
            "count": [1, 3],
            "limit": [-1, 0, 5],
            "last": [-1, 0, 5],
        }


def operations(place: Place) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of all that needs the key."""
    document = place.raw.get("/sandbox/openapi.json").json()
    return [(method.upper(), path, told) for path, methods in sorted(document["paths"].items()) for method, told in methods.items()]


def shapes_of(place: Place) -> dict[str, Any]:
    return dict(place.raw.get("/sandbox/openapi.json").json()["components"]["schemas"])


def told(place: Place, method: str, path: str, **sent: Any) -> httpx.Response:
    """The answer, which is none of a server in trouble; a no because of what was sent names where it stood."""
    answer = place.control.request(method, path, **sent)
    assert answer.status_code in (200, 400, 404, 409, 422), (method, path, answer.status_code, answer.text[:200], str(sent)[:400])
    detail = answer.json()["detail"] if answer.status_code == 422 else []
    assert isinstance(detail, str) or all(one["loc"] and one["msg"] for one in detail)
    return answer


def asked(place: Place, method: str, path: str, operation: dict[str, Any], fields: dict[str, Any], body: Any) -> None:
    texts = {name: str(value).encode("utf-8", "replace").decode() for name, value in fields.items() if value is not None}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(texts.pop(parameter["name"], "") or "x", safe=""))
    content = {"content": json.dumps(body).encode(), "headers": {"content-type": "application/json"}} if "requestBody" in operation else {}
    told(place, method, path, params=texts, **content)


def _fuzz(place: Place, method: str, path: str, operation: dict[str, Any], fields: Value, body: Value) -> None:
    @settings(max_examples=60, deadline=None, database=None, phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck))
    @given(fields=fields, body=body, chance=st.randoms(use_true_random=False))
    def fuzz(fields: Any, body: Any, chance: Any) -> None:
        asked(place, method, path, operation, fields, spoilt(body, chance))

    fuzz()


@pytest.mark.long
class TestFuzz:
    def test_whatever_is_ordered_the_answer_is_one(self, place: Place, known: Known) -> None:
        shapes = shapes_of(place)
        for method, path, operation in operations(place):
            given_here = [one for one in operation.get("parameters", ()) if one["in"] != "header"]
            fields: Value = st.fixed_dictionaries({}, optional={one["name"]: valued(one["schema"], one["name"], known, shapes) for one in given_here})
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            body: Value = valued(schema, "", known, shapes) if schema else st.none()

            _fuzz(place, method, path, operation, fields, body)
            place.control.delete("/sandbox/faults").raise_for_status()
            place.post("clock", pause=True)
        sane(place)
        assert place.post("step", seconds=60)["business"] == place.get("clock")["business"]

    def test_bodies_that_are_no_order(self, place: Place) -> None:
        for method, path, operation in operations(place):
            for body in BODIES if "requestBody" in operation else ():
                told(place, method, path, content=body, headers={"content-type": "application/json"})


class TestFaults:
    @pytest.mark.parametrize(
        ("order", "field"),
        [
            ({"kind": "gremlins"}, ["kind"]),
            ({"kind": "code"}, ["params", "code"]),
            ({"kind": "code", "params": {"code": "abc"}}, ["params", "code"]),
            ({"kind": "code", "params": {"code": 99_999_999}}, ["params", "code"]),
            ({"kind": "code", "params": {"code": 0}}, ["params", "code"]),
            ({"kind": "slow", "params": {"seconds": "x"}}, ["params", "seconds"]),
            ({"kind": "timeout_before", "params": {"seconds": -5}}, ["params", "seconds"]),
            ({"kind": "late_apply", "params": {"seconds": 1e12}}, ["params", "seconds"]),
            ({"kind": "late_apply", "params": {"clock": "moon"}}, ["params", "clock"]),
            ({"kind": "http_500", "params": {"status": 200}}, ["params", "status"]),
            ({"kind": "fail_list", "params": {"share": 2}}, ["params", "share"]),
            ({"kind": "push_doubled", "params": {"times": 0}}, ["params", "times"]),
            ({"kind": "busy_before", "params": {"second": 5}}, ["params", "second"]),
            ({"kind": "busy_before", "path": "/cgi-bin/nowhere"}, ["path"]),
            ({"kind": "busy_before", "path": "user/get"}, ["path"]),
            ({"kind": "busy_before", "path": "add_external_contact"}, ["path"]),
            ({"kind": "push_lost", "path": "/cgi-bin/user/get"}, ["path"]),
            ({"kind": "busy_before", "count": 10**30}, ["count"]),
            ({"kind": "busy_before", "probability": 1.5}, ["probability"]),
        ],
        ids=str,
    )
    def test_what_does_not_fit_a_kind_is_refused_by_name(self, still: Place, order: dict[str, Any], field: list[str]) -> None:
        before = still.get("faults")["faults"]
        answer = told(still, "POST", "/sandbox/faults", json=order)
        assert answer.status_code == 422
        assert [one["loc"] for one in answer.json()["detail"]] == [["body", *field]]
        assert still.get("faults")["faults"] == before

    def test_every_kind_is_taken_as_the_page_orders_it(self, place: Place) -> None:
        usual = {
            "code": {"code": 40096},
            "http_500": {"status": 502},
            "fail_list": {"share": 0.5},
            "push_doubled": {"times": 4},
            "push_late": {"seconds": 86_400},
        }
        for kind in KINDS:
            told(place, "POST", "/sandbox/faults", json={"kind": kind, "params": usual.get(kind, {})}).raise_for_status()
        place.control.delete("/sandbox/faults").raise_for_status()


class TestNames:
    @pytest.mark.parametrize(
        ("path", "order", "field"),
        [
            ("pushes/again", {"id": 99_999_999_999_999_999_999_999}, "id"),
            ("callbacks", {"url": "http://[", "token": "a", "aes_key": "A" * 43}, "url"),
            ("callbacks", {"url": "ftp://127.0.0.1/", "token": "a", "aes_key": "A" * 43}, "url"),
            ("callbacks", {"url": "http://127.0.0.1:9/", "token": "a", "aes_key": "short"}, "aes_key"),
            ("shop", {"url": "http://127.0.0.1:99999/", "key": "k"}, "url"),
            ("shop", {"url": "http://127.0.0.1:9/", "key": "钥匙"}, "key"),
            ("acquisition/visits", {"url": "http://[", "external_userid": "x"}, "url"),
            ("kf/entries", {"url": "http://[", "external_userid": "x"}, "url"),
            ("acquisition/quota", {"count": 10**12}, "count"),
            ("acquisition/quota", {"count": 1, "days": 10**9}, "days"),
            ("clock", {"speed": 0.5}, "speed"),
            ("clock", {"speed": 10_001}, "speed"),
            ("clock", {"skew": 1e300}, "skew"),
            ("messages", {"userid": "a", "external_userid": "b", "text": "half \ud83d"}, "text"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_the_field_is_named(self, still: Place, path: str, order: dict[str, Any], field: str) -> None:
        answer = told(still, "POST", f"/sandbox/{path}", content=json.dumps(order).encode(), headers={"content-type": "application/json"})
        assert (answer.status_code, [one["loc"] for one in answer.json()["detail"]]) == (422, [["body", field]])

    def test_nobody_who_does_not_exist_joins_a_group(self, still: Place) -> None:
        chat_id = still.get("books/groups")[0]["chat_id"]
        for who in ({"userid": "ghost"}, {"external_userid": "ghost"}, {}):
            assert told(still, "POST", "/sandbox/acts", json={"act": "join_group", "chat_id": chat_id, **who}).status_code == 404
