"""Whatever is sent to any route, the answer is one that the console can word: never a 5xx, and decimals in one writing."""

import re
from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import pytest

from siyu.infra import secrets
from tests.app.doors import Asked, Doors, worded
from tests.crowd import PASSWORD, Crowd, raised, sql

HALF, NUL = "half \ud83d", "a\0b"
UNTIDY = re.compile(r"-?\d+\.\d*0|-?\d+(\.\d+)?[eE][+-]?\d+|-0")
LOG_OUT = "DELETE /api/session"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def living(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """A brand of these tests' own: what they send changes it."""
    with raised(server_url, template, tmp_path_factory.mktemp("fuzzed")) as crowd:
        yield crowd


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    """Filled by the first test that asks."""
    return {}


@pytest.fixture
def doors(crowd: Crowd, known: dict[str, Any]) -> Doors:
    """Every route, with ids of what there is, so that requests get as far as they can."""
    document = crowd.get("/api/openapi.json")
    if not known:
        known |= furnished(crowd, list(document["paths"]))
    return Doors(document, known)


def furnished(crowd: Crowd, paths: list[str]) -> dict[str, Any]:
    """One of everything, and another of whatever can be deleted."""
    client = crowd.client()

    def made(path: str, **more: Any) -> str:
        answer = client.post(f"/api{path}", **more)
        assert answer.status_code in {201, 202}, answer.text
        return str(answer.json().get("id") or answer.json()["job_id"])

    readable(crowd)
    segment, material = ({"name": "好友", "filter": {"contact": "yes"}}, {"title": "春茶", "text": "新茶到店"})
    order, corp = client.get("/api/orders").json()["items"][0], client.get("/api/corps").json()[0]["id"]
    file = {"file": ("orders.csv", "order_no,paid_at,sku,quantity,unit_price\n1,2026-01-01,茶,1,5\n".encode())}
    ids = {name: made(f"/{name}", json=body) for name, body in (("segments", segment), ("materials", material), ("sources", {"name": "店"}))}
    spare = {
        f"DELETE /api/{name}/{{id}}": made(f"/{name}", json=body)
        for name, body in (("segments", segment), ("materials", material), ("sources", {"name": "另"}))
    }
    sql(crowd.database, "update broadcasts set segment_id = :id", id=ids["segments"])
    sql(crowd.database, """update send_actions set content = '{"text": "新茶到店"}'""")
    draft = {"name": "春茶", "segment_id": ids["segments"], "material_id": ids["materials"]}
    account = {"login": "spare", "name": "Spare", "role": "analyst", "password": PASSWORD}
    mapping = {"order_no": "order_no", "paid_at": "paid_at", "sku": "sku", "quantity": "quantity", "unit_price": "unit_price"}
    ids |= {
        "customers": str(crowd.people[0].id),
        "orders": order["id"],
        "corps": corp,
        "broadcasts": made("/broadcasts", json=draft),
        "accounts": made("/accounts", json=account),
        "imports": made("/imports", files=file),
        "jobs": made(f"/corps/{corp}/sync"),
    }
    places = {
        f"{path} {name}": id for path in paths for prefix, id in ids.items() for name in ("id", "order_id", "import_id") if path.startswith(f"/api/{prefix}/{{")
    }
    over = {f"/api/broadcasts/{{id}}/{name} id": str(crowd.broadcasts["over"]) for name in ("result", "recipients", "lift")}
    return {
        **places,
        **spare,
        **over,
        **draft,
        "filter": {"contact": "yes", "orders_min": 1, "q": "x", "staff_id": str(crowd.members["ann"])},
        "timezone": "Asia/Shanghai",
        "language": "en-US",
        "paid_at": "2026-03-01T10:00:00+08:00",
        "refunded_at": "2026-03-02T09:00:00+08:00",
        "order_no": order["order_no"],
        "shop": order["shop"],
        "columns": ["name", "revenue"],
        "format": "csv",
        "file": "orders.csv",
        "role": "analyst",
        "password": PASSWORD,
        "/api/customers/export columns": "name",
        "PUT /api/imports/{import_id}/mapping body": {"mapping": mapping, "options": {"shop": "main", "timezone": "Asia/Shanghai"}},
        "POST /api/orders/{order_no}/refunds body": {"shop": order["shop"], "refund_no": "R", "refunded_at": "2026-03-02T09:00:00+08:00", "amount": "0.01"},
        "POST /api/accounts body": {**account, "login": "another"},
        "POST /api/accounts/{id}/reset body": {"password": "x"},  # refused before it is hashed
        "POST /api/session body": {"login": "owner", "password": PASSWORD},
        "POST /api/me/password body": {"old": PASSWORD, "new": PASSWORD},
        "POST /api/corps body": {"corp_id": "ww2", "agent_id": 1, "name": "二", "secret": "s", "callback_token": "t", "callback_aes_key": "a" * 43},
        "PUT /api/rfm/cutoffs body": {"mode": "fixed", "measure": "gross", "r": [7, 30, 90, 180], "f": [1, 2, 3, 4], "m": ["10", "20.5", "30", "40"]},
    }


def readable(crowd: Crowd) -> None:
    """The secrets of the crowd's corp can be read, though they open nothing."""
    keys = secrets.load(crowd.settings.home)
    with crowd.acting() as tx:
        corps = list(tx.execute("select id from corps where tenant_id = :tenant_id").scalars())
    for corp in corps:
        for column in ("secret", "callback_token", "callback_aes_key"):
            sealed = keys.encrypt("a" * 43, context=f"corps.{column}:{corp}")
            sql(crowd.database, f"update corps set {column} = :sealed where id = :corp", sealed=sealed, corp=corp)


def send(crowd: Crowd, asked: Asked) -> Any:
    """The answer; whoever was logged out or tried too often comes in again."""
    answer = asked.send(crowd.client())
    if answer.status_code == 401:
        crowd.clients.pop("owner", None)
    if answer.status_code in {401, 429}:
        sql(crowd.database, "delete from login_tries")
    return answer


def fault(answer: Any) -> str | None:
    """What is wrong with an answer: a 5xx, no problem+json, or a code without words."""
    if answer.status_code < 400:
        return None
    if answer.headers["content-type"] != "application/problem+json":
        return f"{answer.status_code} {answer.headers['content-type']}"
    code = answer.json()["code"]
    return f"{answer.status_code} {code}" if answer.status_code >= 500 or not worded(code, answer.status_code) else None


def untidy(value: Any) -> Iterator[str]:
    """Decimals of an answer with an exponent or zeros that say nothing."""
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from untidy(inner)
    if isinstance(value, str) and UNTIDY.fullmatch(value):
        yield value


@pytest.mark.long
class TestTexts:
    def test_nothing_with_a_nul_or_half_a_character_gets_past_the_edge(self, crowd: Crowd, doors: Doors) -> None:
        sent = 0
        for asked, field, text in doors.texts(NUL, HALF):
            answer = asked.send(crowd.client())
            assert (answer.status_code, answer.json()["code"], answer.json()["params"]) == (422, "text.unprintable", {"field": field}), (asked, text)
            sent += 1
        assert sent > 250
        assert worded("text.unprintable", 422)

    @pytest.mark.parametrize(("body", "field"), [({"filter": {NUL: 1}}, "filter"), ({HALF: 1}, "body"), ([{"a": [NUL]}], "0.a.0"), (NUL, "body")])
    def test_says_where(self, crowd: Crowd, body: Any, field: str) -> None:
        answer = Asked("POST", "/api/segments/preview", body=body).send(crowd.client())
        assert (answer.json()["code"], answer.json()["params"]) == ("text.unprintable", {"field": field})

    def test_a_file_name_too(self, crowd: Crowd) -> None:
        body = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a\0b.csv"\r\n\r\norder_no\r\n--x--\r\n'
        answer = crowd.client().post("/api/imports", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
        assert answer.status_code in {400, 422}, answer.text


@pytest.mark.long
class TestFaults:
    def test_none_whatever_is_sent(self, crowd: Crowd, doors: Doors) -> None:
        found: dict[str, str] = {}
        for asked in doors.spoilt():
            route = f"{asked.method} {asked.path}"
            if route != LOG_OUT and (wrong := fault(send(crowd, asked))):
                found[f"{route} {asked.spoilt}"] = wrong
        assert found == {}

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"\xff\xfe",
            b"null",
            b"NaN",
            b'{"filter":' + b"1" * 5_000 + b"}",
            b'{"filter":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
            b'{"filter":{"q":' + b"[" * 400 + b"]" * 400 + b"}}",
            '{"filter":{}}'.encode("utf-16"),
        ],
    )
    def test_none_by_bodies_that_are_no_json_or_odd_json(self, crowd: Crowd, body: bytes) -> None:
        for path in ("/api/segments/preview", "/api/materials", "/api/session"):
            for headers in (JSON, {"content-type": "multipart/form-data"}, {"content-type": "text/xml"}, {**JSON, "idempotency-key": "k"}):
                answer = crowd.client().post(path, content=body, headers=headers)
                assert fault(answer) is None, (path, headers, answer.text)

    @pytest.mark.parametrize(
        "headers",
        [{"idempotency-key": token_hex(5_000)}, {"idempotency-key": "é"}, {"user-agent": "x" * 10_000}, {"authorization": "Bearer é"}, {"cookie": "siyu=é"}],
    )
    def test_none_by_headers(self, crowd: Crowd, headers: dict[str, str]) -> None:
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        for path, body in (("/api/materials", {"title": "春茶", "text": "到店"}), ("/api/session", {"login": "owner", "password": PASSWORD})):
            answer = crowd.client().post(path, json=body, headers=encoded)
            assert fault(answer) is None, answer.text


class TestDecimals:
    def test_are_written_in_one_way(self, crowd: Crowd, doors: Doors) -> None:
        found = {}
        for asked, _ in doors.good():
            if asked.method == "GET" and asked.path != "/api/customers/export":
                answer = send(crowd, asked)
                if answer.status_code == 200 and (odd := list(untidy(answer.json()))):
                    found[asked.path] = odd[:5]
        assert found == {}

    def test_of_answers_have_no_rule_of_their_own(self, doors: Doors) -> None:
        """A plain `Decimal` shows in the document as a text with a pattern; an answer's is an `Exact`."""
        schemas = doors.document["components"]["schemas"]
        assert [name for name, told in schemas.items() if not name.endswith("In") and "pattern" in str(told)] == []
