"""The edge around every route: keys, refusals, sessions, unknown paths."""

import errno
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text
from starlette.testclient import TestClient

from siyu.app.capabilities import CAPABILITIES
from siyu.app.http import create_app
from siyu.infra.database import Database
from siyu.infra.settings import Settings

MATERIAL = {"title": "春季上新", "text": "新品到店,欢迎来看"}
OWN_AFFAIRS = {"read_me", "change_me", "change_password", "begin_totp", "confirm_totp", "remove_totp", "log_out", "prove", "refresh_session"}
BEFORE_LOG_IN = {"list_wecom_log_ins", "start_wecom_log_in", "finish_wecom_log_in", "read_setup", "set_up", "log_in", "open_link"}
ANYBODY_SIGNED_IN = {"sign_page", "today", "alarms", "list_roles", "read_tenant"}
WITHOUT_PERMISSION = OWN_AFFAIRS | BEFORE_LOG_IN | ANYBODY_SIGNED_IN


def count(client: TestClient) -> int:
    return len(client.get("/api/materials").json()["items"])


class TestIdempotency:
    def test_a_key_acts_once_and_answers_alike(self, client: TestClient) -> None:
        first = client.post("/api/materials", json=MATERIAL, headers={"idempotency-key": "k1"})
        again = client.post("/api/materials", json=MATERIAL, headers={"idempotency-key": "k1"})
        assert first.status_code == again.status_code == 201
        assert first.json() == again.json()
        assert again.headers["idempotent-replay"] == "true"
        assert count(client) == 1

    def test_a_key_with_another_body_is_refused(self, client: TestClient) -> None:
        client.post("/api/materials", json=MATERIAL, headers={"idempotency-key": "k1"})
        other = client.post("/api/materials", json={**MATERIAL, "text": "别的"}, headers={"idempotency-key": "k1"})
        assert (other.status_code, other.json()["code"]) == (409, "idempotency.key_reused")
        assert count(client) == 1

    def test_a_refused_request_may_come_again_with_its_key(self, client: TestClient) -> None:
        bad = client.post("/api/materials", json={**MATERIAL, "title": ""}, headers={"idempotency-key": "k1"})
        assert bad.status_code == 422
        good = client.post("/api/materials", json=MATERIAL, headers={"idempotency-key": "k1"})
        assert good.status_code == 201

    def test_many_at_once_with_one_key_have_one_effect(self, client: TestClient) -> None:
        def post(_: int) -> tuple[int, str]:
            answer = client.post("/api/materials", json=MATERIAL, headers={"idempotency-key": "race"})
            return answer.status_code, answer.json()["id"]

        with ThreadPoolExecutor(12) as threads:
            answers = set(threads.map(post, range(60)))
        assert len(answers) == 1
        assert count(client) == 1


class TestProblems:
    def test_a_refusal_says_code_params_and_number(self, client: TestClient) -> None:
        answer = client.post("/api/materials", json={**MATERIAL, "title": "x" * 61})
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (problem["code"], problem["params"]["field"]) == ("material.invalid", "title")
        assert problem["request_id"] == answer.headers["x-request-id"]

    def test_whoever_asks_for_chinese_first_reads_it(self, client: TestClient) -> None:
        asked = ["/api/broadcasts/00000000-0000-7000-8000-000000000000", "/api/nothing", "/api/broadcasts?limit=x"]
        titles = {
            language: [client.get(path, headers={"accept-language": language}).json()["title"] for path in asked]
            for language in ("zh-CN,zh;q=0.9,en;q=0.8", "en-US,zh;q=0.5")
        }
        assert list(titles.values()) == [
            ["群发不存在", "没有找到", "内容有误"],
            ["No such broadcast.", "No such path.", "Some fields cannot be meant."],
        ]

    def test_unknown_paths(self, client: TestClient) -> None:
        assert client.get("/api/nothing").json()["code"] == "not_found"
        assert client.get("/static/old/main.js").status_code == 404

    def test_pages_may_be_asked_whether_they_are_there(self, client: TestClient) -> None:
        answer = client.head("/")
        assert (answer.status_code, answer.content) == (200, b"")

    @pytest.mark.parametrize("path", ["/customers/anything", "/orders/%00", "/orders/%ff%zz", "/orders?q=%00", "/side/%00", "/%00", "/%2e%2e/%00"])
    def test_an_address_outside_the_api_gets_the_console_whose_page_says_what_it_names(self, client: TestClient, path: str) -> None:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")

    def test_a_path_of_the_api_that_cannot_be_kept_stays_a_problem(self, client: TestClient) -> None:
        assert client.get("/api/orders/%00").json()["code"] == "text.unprintable"

    def test_malformed_input_names_the_field(self, client: TestClient) -> None:
        answer = client.post("/api/materials", json={"title": 5})
        assert answer.status_code == 422
        assert {field["field"] for field in answer.json()["params"]["fields"]} == {"title", "text"}

    @pytest.mark.parametrize(
        ("body", "line", "column"),
        [(b"{nope", 1, 2), (b'{\n "title": "x",\n "text": }', 3, 10), (b'{"title": "\xff"}', 1, 12), (b"[" * 200_000, 1, 1), ("{“title”: 1}".encode(), 1, 2)],
    )
    def test_a_body_that_is_no_json_is_said_to_be_none_and_where(self, client: TestClient, body: bytes, line: int, column: int) -> None:
        answer = client.post("/api/materials", content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (422, "body.not_json")
        assert (answer.json()["params"]["line"], answer.json()["params"]["column"]) == (line, column)

    def test_a_body_of_another_shape_is_named_as_the_body(self, client: TestClient) -> None:
        answer = client.post("/api/materials", json=[])
        assert [field["field"] for field in answer.json()["params"]["fields"]] == ["body"]


class TestSessions:
    def test_without_one_nothing_is_told(self, client: TestClient) -> None:
        client.cookies.clear()
        answer = client.get("/api/materials")
        assert (answer.status_code, answer.json()["code"]) == (401, "session.required")

    def test_another_sites_page_cannot_write(self, client: TestClient) -> None:
        answer = client.post("/api/materials", json=MATERIAL, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
        assert count(client) == 0

    def test_every_route_asks_for_a_permission(self) -> None:
        routes = [route for capability in CAPABILITIES for router in capability.routers for route in router.routes if isinstance(route, APIRoute)]
        assert len(routes) > 60
        unguarded = {
            route.operation_id
            for route in routes
            if route.include_in_schema and not any(getattr(check.dependency, "permission", None) for check in route.dependencies)
        }
        assert unguarded <= WITHOUT_PERMISSION, unguarded - WITHOUT_PERMISSION


class TestStoreAway:
    """Nobody answers where the database should be."""

    @pytest.fixture
    def client(self, tmp_path: Path) -> Iterator[TestClient]:
        with closing(Database("postgresql+psycopg://siyu:none@127.0.0.1:9/siyu")) as nowhere:
            yield TestClient(create_app(nowhere, Settings(home=tmp_path)), base_url="http://siyu.test")

    def test_it_is_said_that_one_may_try_again(self, client: TestClient) -> None:
        answer = client.get("/api/setup")
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "store.away", "5")

    def test_health_is_no_yes(self, client: TestClient) -> None:
        answer = client.get("/api/health")
        assert (answer.status_code, answer.json()["status"], answer.json()["database"]) == (503, "down", False)


class TestStoreFull:
    """PostgreSQL, or the operating system, has no room left."""

    @pytest.fixture
    def full(self, client: TestClient, database: Database) -> TestClient:
        """Whatever is written to materials finds the disk full, as PostgreSQL says it."""
        with database.engine.begin() as connection:
            connection.execute(
                text("create function no_room() returns trigger language plpgsql as $$ begin raise 'no space left' using errcode = '53100'; end $$")
            )
            connection.execute(text("create trigger no_room before insert on materials for each row execute function no_room()"))
        return client

    @pytest.mark.parametrize(
        ("language", "title"), [("zh-CN", "磁盘已满"), ("en-US", "The disk is full, so nothing was written. Free some space, then try again.")]
    )
    def test_it_is_said_what_helps(self, full: TestClient, language: str, title: str) -> None:
        answer = full.post("/api/materials", json=MATERIAL, headers={"accept-language": language})
        assert (answer.status_code, answer.headers["content-type"]) == (507, "application/problem+json")
        assert (answer.json()["code"], answer.json()["title"]) == ("store.full", title)
        assert answer.json()["request_id"] == answer.headers["x-request-id"]

    def test_health_says_so_and_reading_goes_on(self, full: TestClient) -> None:
        before = full.get("/api/health").json()
        assert (before["status"], before["disk"] != "full") == ("ok", True)
        full.post("/api/materials", json=MATERIAL)
        answer = full.get("/api/health")
        assert (answer.status_code, answer.json()["status"], answer.json()["disk"], answer.json()["database"]) == (507, "full", "full", True)
        assert count(full) == 0

    def test_a_store_that_is_gone_on_a_full_disk_is_gone_because_of_that(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(total=1 << 34, used=1 << 34, free=0))
        with closing(Database("postgresql+psycopg://siyu:none@127.0.0.1:9/siyu")) as nowhere:
            client = TestClient(create_app(nowhere, Settings(home=tmp_path)), base_url="http://siyu.test")
            assert (client.get("/api/setup").status_code, client.get("/api/setup").json()["code"]) == (507, "store.full")
            health = client.get("/api/health")
        assert (health.status_code, health.json()["status"], health.json()["database"]) == (507, "full", False)

    def test_a_body_that_finds_no_room_on_its_way_in(self, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_room(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("starlette.datastructures.UploadFile.write", no_room)
        answer = client.post("/api/imports", files={"file": ("a.csv", b"a,b\n")}, data={"kind": "orders"})
        assert (answer.status_code, answer.json()["code"]) == (507, "store.full")
