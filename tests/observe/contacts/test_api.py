"""Connecting and changing corps over HTTP: secrets never come back, each bad input has its own answer, and the doctor has his routes."""

import secrets
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from siyu.app.capabilities import CAPABILITIES
from siyu.app.http import create_app
from siyu.app.worker import Worker
from siyu.connectors.wecom import CallbackKeys
from siyu.connectors.wecom.crypto import encrypt, envelope, signature
from siyu.connectors.wecom.sandbox import Address
from siyu.connectors.wecom.sandbox.settings import AppSettings
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from tests.app.conftest import OWNER
from tests.connectors.wecom.conftest import Place, builder
from tests.observe.contacts.scene import AES_KEY, TOKEN
from tests.observe.contacts.test_sandbox import body

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

OTHER_KEY = "Z" * 43


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with builder(tmp_path) as build:
        yield build()


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """Logged in as the owner of a fresh brand."""
    with TestClient(create_app(database, Settings(home=tmp_path)), base_url="http://siyu.test") as client:
        assert client.post("/api/setup", json=OWNER).status_code == 201
        yield client


def told(address: Address, **other: Any) -> dict[str, Any]:
    """What somebody types who connects this corp."""
    known = {"corp_id": address.corp_id, "agent_id": address.agent_id, "secret": address.secret, "base_url": address.url}
    return known | {"name": "品牌", "callback_token": TOKEN, "callback_aes_key": AES_KEY} | other


def connected(client: TestClient, place: Place, **other: Any) -> dict[str, Any]:
    answer = client.post("/api/corps", json=told(place.address, **other))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def deliver(client: TestClient, place: Place, corp: dict[str, Any], token: str, aes_key: str) -> int:
    """A callback signed and encrypted with these keys; the status of the answer."""
    keys = CallbackKeys(token, aes_key, place.address.corp_id)
    encrypted = encrypt(keys, body("edit_external_contact", "guide0101", "wm1"), random16=secrets.token_bytes(16))
    query = {"msg_signature": signature(token, "1700000000", "n", encrypted), "timestamp": "1700000000", "nonce": "n"}
    content = envelope(to=keys.receive_id, agent_id=str(place.address.agent_id), encrypted=encrypted)
    return int(client.post(corp["callback_path"], params=query, content=content).status_code)


def work(database: Database) -> None:
    contacts = next(one for one in CAPABILITIES if one.name == "contacts")
    Worker(database, [contacts]).drain()


class TestConnecting:
    def test_no_secret_comes_back(self, client: TestClient, place: Place) -> None:
        made = connected(client, place)
        shown = client.get("/api/corps").text
        assert all(secret not in shown for secret in (place.address.secret, TOKEN, AES_KEY))
        assert made["callback_url"].endswith(made["callback_path"]) and made["callback_url"].startswith("http")
        assert made["sync_job_id"] and made["stopped"] is None

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"callback_aes_key": "A" * 42}, "corp.bad_aes_key"),
            ({"callback_token": "not-a-token"}, "corp.bad_callback_token"),
            ({"base_url": "qyapi.weixin.qq.com"}, "corp.bad_address"),
            ({"base_url": "https://host:99999"}, "corp.bad_address"),
        ],
    )
    def test_each_bad_input_has_its_own_answer(self, client: TestClient, place: Place, wrong: dict[str, str], code: str) -> None:
        assert refused(client.post("/api/corps", json=told(place.address, **wrong))) == (422, code)
        made = connected(client, place)
        assert refused(client.patch(f"/api/corps/{made['id']}", json=wrong)) == (422, code)

    def test_the_length_of_a_bad_key_is_told(self, client: TestClient, place: Place) -> None:
        answer = client.post("/api/corps", json=told(place.address, callback_aes_key="A" * 40))
        assert answer.json()["params"]["length"] == 40


class TestChanging:
    def test_what_is_left_out_stays_and_what_was_done_is_on_record(self, client: TestClient, place: Place) -> None:
        made = connected(client, place)
        answer = client.patch(f"/api/corps/{made['id']}", json={"name": "新名字", "secret": "another-secret"})
        assert answer.status_code == 200 and answer.json()["name"] == "新名字" and answer.json()["agent_id"] == made["agent_id"]
        assert "another-secret" not in answer.text
        entry = client.get("/api/audit").json()["items"][0]
        assert entry["act"] == "corp.changed" and entry["subject"] == f"corp:{made['id']}"
        assert "another-secret" not in str(entry) and entry["detail"]["secret"] == "…"

    def test_a_corp_that_is_switched_off_is_read_no_more_and_hears_nothing(self, client: TestClient, place: Place) -> None:
        made = connected(client, place)
        assert made["sync_job_id"]
        off = client.patch(f"/api/corps/{made['id']}", json={"active": False}).json()
        assert off["active"] is False and off["sync_job_id"] is None
        assert client.get(f"/api/jobs/{made['sync_job_id']}").json()["state"] == "cancelled"
        for path in ("sync", "doctor", "retry"):
            assert refused(client.post(f"/api/corps/{made['id']}/{path}")) == (409, "corp.inactive")
        assert client.get(made["callback_path"], params={"msg_signature": "x", "timestamp": "1", "nonce": "1", "echostr": "x"}).status_code == 404
        assert client.patch(f"/api/corps/{made['id']}", json={"active": True}).json()["active"] is True

    def test_two_apps_of_a_corp_cannot_become_one(self, client: TestClient, place: Place) -> None:
        connected(client, place, agent_id=7)
        made = connected(client, place)
        assert refused(client.patch(f"/api/corps/{made['id']}", json={"agent_id": 7})) == (422, "corp.taken")

    def test_of_two_apps_of_a_corp_the_older_reads(self, client: TestClient, place: Place, database: Database) -> None:
        first = connected(client, place)
        second = connected(client, place, agent_id=7, name="第二个应用")
        assert (first["read_by"], second["read_by"], second["sync_job_id"]) == (None, "品牌", None)
        answer = client.post(f"/api/corps/{second['id']}/sync")
        assert refused(answer) == (409, "corp.read_elsewhere") and answer.json()["params"]["name"] == "品牌"
        assert deliver(client, place, second, TOKEN, AES_KEY) == 200
        with database.engine.begin() as connection:
            connection.execute(text("update jobs set due_at = created_at"))
        work(database)
        with database.engine.begin() as connection:
            assert {str(id) for id in connection.execute(text("select distinct corp_id from contacts")).scalars()} == {first["id"]}
            assert {str(id) for id in connection.execute(text("select corp_id from contact_refreshes")).scalars()} <= {first["id"]}
            kinds = connection.execute(text("select params ->> 'corp_id' from jobs where kind in ('contacts.sync', 'contacts.refresh')")).scalars()
            assert set(kinds) == {first["id"]}
        client.patch(f"/api/corps/{first['id']}", json={"active": False})
        assert client.post(f"/api/corps/{second['id']}/sync").status_code == 202

    def test_the_app_that_takes_over_reads_at_once_and_is_examined(self, tmp_path: Path, client: TestClient, database: Database) -> None:
        with builder(tmp_path) as build:
            place = build(apps=(AppSettings(1000002, "a" * 43), AppSettings(1000003, "b" * 43)))
            older = connected(client, place)
            younger = connected(client, place, agent_id=1000003, secret="b" * 43, name="第二个应用")
            work(database)

            def told(corp: dict[str, Any]) -> dict[str, Any]:
                (found,) = [one for one in client.get("/api/corps").json() if one["id"] == corp["id"]]
                return dict(found)

            def took_over(by: dict[str, Any]) -> None:
                assert told(by)["sync_job_id"] and told(by)["read_by"] is None
                assert client.get(f"/api/corps/{by['id']}/doctor").json()["job_id"]
                work(database)
                assert told(by)["sync_job_id"] is None
                with database.engine.begin() as connection:
                    assert connection.execute(text("select distinct corp_id from contacts")).scalars().all() == [UUID(by["id"])]

            assert told(younger)["sync_job_id"] is None
            client.patch(f"/api/corps/{younger['id']}", json={"name": "换个名字"})
            assert told(younger)["sync_job_id"] is None and told(older)["sync_job_id"] is None
            client.patch(f"/api/corps/{older['id']}", json={"active": False})
            took_over(younger)
            client.patch(f"/api/corps/{older['id']}", json={"active": True})
            took_over(older)
            client.patch(f"/api/corps/{younger['id']}", json={"active": False})
            assert told(older)["sync_job_id"] is None

    def test_unknown_corps_and_fields(self, client: TestClient, place: Place) -> None:
        assert refused(client.patch("/api/corps/00000000-0000-7000-8000-000000000000", json={"name": "x"})) == (404, "corp.not_found")
        made = connected(client, place)
        assert refused(client.patch(f"/api/corps/{made['id']}", json={"corp_id": "ww2"})) == (422, "invalid")

    def test_old_callback_keys_open_for_a_week(self, client: TestClient, place: Place, database: Database) -> None:
        made = connected(client, place)
        changed = client.patch(f"/api/corps/{made['id']}", json={"callback_token": "NewToken01", "callback_aes_key": OTHER_KEY}).json()
        assert changed["old_keys_until"]
        assert deliver(client, place, changed, TOKEN, AES_KEY) == deliver(client, place, changed, "NewToken01", OTHER_KEY) == 200
        with database.engine.begin() as connection:
            connection.execute(text("update corps set old_keys_until = created_at"))
        assert deliver(client, place, changed, "Stranger01", OTHER_KEY) == 403  # whoever is turned away makes us look at the keys again
        assert deliver(client, place, changed, TOKEN, AES_KEY) == 403
        assert client.get("/api/corps").json()[0]["old_keys_until"] is None


class TestTrial:
    def findings(self, answer: Any) -> dict[str, tuple[str, str]]:
        assert answer.status_code == 200, answer.text
        return {one["check"]: (one["state"], one["outcome"]) for one in answer.json()["findings"]}

    def test_without_a_secret_the_way_alone_is_tried_and_our_address_named(self, client: TestClient, place: Place) -> None:
        answer = client.post("/api/corps/test", json={"base_url": place.address.url})
        assert self.findings(answer) == {"address": ("ok", "ok"), "clock": ("ok", "ok")}
        assert answer.json()["ip"] == "127.0.0.1"

    def test_everything_right(self, client: TestClient, place: Place) -> None:
        answer = client.post("/api/corps/test", json={**trial(place), "secret": place.address.secret})
        assert set(self.findings(answer).values()) == {("ok", "ok")} and answer.json()["state"] == "ok"
        assert client.get("/api/corps").json() == []

    def test_after_three_wrong_secrets_wecom_is_asked_no_more_for_an_hour(self, client: TestClient, place: Place, database: Database) -> None:
        counted = place.fault("slow", "gettoken", count=None, seconds=0)
        for _ in range(3):
            answer = client.post("/api/corps/test", json={**trial(place), "secret": "wrong"})
            assert self.findings(answer)["secret"] == ("error", "wrong")
        for secret in ("wrong", place.address.secret):
            answer = client.post("/api/corps/test", json={**trial(place), "secret": secret})
            assert refused(answer) == (429, "corp.too_many_trials") and answer.json()["params"] == {"tries": 3, "minutes": 60}
        assert next(one["met"] for one in place.get("faults")["faults"] if one["id"] == counted) == 3
        assert self.findings(client.post("/api/corps/test", json=trial(place)))["address"] == ("ok", "ok")
        other = client.post("/api/corps/test", json={**trial(place), "corp_id": "ww0000000000000000", "secret": "wrong"})
        assert self.findings(other)["corp"] == ("error", "mistyped")
        with database.engine.begin() as connection:
            connection.execute(text("update secret_trials set tried_at = tried_at - interval '1 hour'"))
        answer = client.post("/api/corps/test", json={**trial(place), "secret": place.address.secret})
        assert answer.json()["state"] == "ok"

    def test_blanks_around_what_was_copied_are_dropped(self, client: TestClient, place: Place) -> None:
        pasted = {**trial(place), "corp_id": f" {place.address.corp_id} ", "secret": f"\u3000{place.address.secret}\n", "base_url": f" {place.address.url} "}
        assert client.post("/api/corps/test", json=pasted).json()["state"] == "ok"
        made = connected(client, place, **pasted, callback_token=f"{TOKEN} ", callback_aes_key=f" {AES_KEY}")
        assert (made["corp_id"], made["base_url"]) == (place.address.corp_id, place.address.url)
        assert deliver(client, place, made, TOKEN, AES_KEY) == 200
        assert client.patch(f"/api/corps/{made['id']}", json={"secret": "  "}).status_code == 422

    def test_a_right_secret_forgives_the_wrong_ones_before_it(self, client: TestClient, place: Place) -> None:
        for secret in ("wrong", "wrong", place.address.secret, "wrong", "wrong"):
            self.findings(client.post("/api/corps/test", json={**trial(place), "secret": secret}))

    def test_wrong_secrets_of_all_brands_are_counted_for_this_server(self, client: TestClient, place: Place, database: Database) -> None:
        with database.engine.begin() as connection:
            connection.execute(
                text("insert into secret_trials select gen_random_uuid(), gen_random_uuid(), 'ww' || n, 40001, :now from generate_series(1, 20) n"),
                {"now": database.clock()},
            )
        answer = client.post("/api/corps/test", json={**trial(place), "secret": place.address.secret})
        assert refused(answer) == (429, "corp.too_many_trials_here") and answer.json()["params"]["tries"] == 20

    def test_who_may_not_connect_may_not_try(self, client: TestClient, place: Place) -> None:
        client.delete("/api/session")
        assert client.post("/api/corps/test", json=trial(place)).status_code == 401


def trial(place: Place) -> dict[str, Any]:
    return {"corp_id": place.address.corp_id, "agent_id": place.address.agent_id, "base_url": place.address.url}


class TestDoctor:
    def test_he_looks_after_connecting_and_when_asked(self, client: TestClient, place: Place, database: Database) -> None:
        made = connected(client, place)
        before = client.get(f"/api/corps/{made['id']}/doctor").json()
        assert before["checked_at"] is None and before["job_id"] and before["findings"] == []
        work(database)
        found = client.get(f"/api/corps/{made['id']}/doctor").json()
        assert [one["check"] for one in found["findings"]][:4] == ["address", "clock", "secret", "corp"]
        assert found["job_id"] is None and found["checked_at"] and all(one["since"] for one in found["findings"])
        assert client.post(f"/api/corps/{made['id']}/doctor").status_code == 202

    def test_three_wrong_secrets_are_shown_and_forgiven_on_request(self, client: TestClient, place: Place, database: Database) -> None:
        made = connected(client, place, secret="not-the-secret")
        for _ in range(3):
            client.post(f"/api/corps/{made['id']}/sync")
            work(database)
        stopped = client.get("/api/corps").json()[0]["stopped"]
        assert stopped["code"] == 40001 and stopped["at"]
        assert client.post(f"/api/corps/{made['id']}/retry").status_code == 202
        assert client.get("/api/corps").json()[0]["stopped"] is None
