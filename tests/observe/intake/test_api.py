"""What the console sees of intake: names with and without a meaning, and what waits."""

import warnings
from datetime import timedelta

import pytest

from siyu.access import accounts
from siyu.app.http import create_app
from siyu.app.worker import Worker
from siyu.infra import jobs
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from siyu.observe.intake import model, service
from siyu.observe.intake.wiring import capability
from tests.conftest import NOW, TestClock
from tests.observe.intake.conftest import Brand

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

OWNER = {"brand": "试验品牌", "timezone": "Asia/Shanghai", "login": "owner", "name": "店主", "password": "a long enough phrase"}


@pytest.fixture
def own(brand: Brand) -> TestClient:
    """The brand as its owner sees it."""
    return signed_in(brand, "owner")


def signed_in(brand: Brand, role: str) -> TestClient:
    with brand.database.transaction(brand.tenant, SYSTEM) as tx:
        accounts.add(tx, login=role, name=role, role=role, password=OWNER["password"])
    client = TestClient(create_app(brand.database, Settings(home=brand.home)), base_url="http://siyu.test")
    assert client.post("/api/session", json={"login": role, "password": OWNER["password"]}).status_code in {200, 201}
    return client


def work(brand: Brand) -> None:
    """Run the jobs that are due."""
    Worker(brand.database, [capability]).drain()


class TestNames:
    def test_an_undeclared_name_shows_what_came_and_one_call_declares_it(self, brand: Brand, own: TestClient) -> None:
        for number in range(7):
            at = (NOW - timedelta(days=number)).isoformat()
            brand.send("track", {"userId": "u", "event": "Points Claimed", "messageId": str(number), "timestamp": at, "properties": {"points": number}})
        brand.send("track", {"userId": "u", "event": "Points Claimed", "messageId": "6"})
        (name,) = own.get("/api/event-names").json()
        assert (name["name"], name["events"], name["declared_at"], len(name["samples"])) == ("Points Claimed", 7, None, model.SAMPLES)
        assert (name["first_at"], name["last_at"]) == ("2026-02-24T02:00:00Z", "2026-03-02T02:00:00Z")
        said = {"name": "Points Claimed", "meaning": "领取积分", "fields": {"points": {"meaning": "领取的积分", "unit": "point"}}}
        assert own.post("/api/event-names", json=said).status_code == 201
        brand.send("track", {"userId": "u", "event": "Coupon Seen"})
        first, second = own.get("/api/event-names").json()
        assert (first["name"], first["meaning"]) == ("Coupon Seen", None)
        assert (second["meaning"], second["fields"], second["events"]) == ("领取积分", said["fields"], 7)
        assert own.post("/api/event-names", json={**said, "meaning": "积分到账"}).json()["meaning"] == "积分到账"

    @pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 201}, {"name": "order.paid"}, {"meaning": " "}, {"fields": {"": {"meaning": "x"}}}])
    def test_what_cannot_be_declared(self, own: TestClient, wrong: dict[str, object]) -> None:
        answer = own.post("/api/event-names", json={"name": "A", "meaning": "B", **wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "intake.bad_declaration")

    def test_names_beyond_the_bound_are_kept_in_the_log_and_not_listed(self, brand: Brand, own: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("siyu.observe.intake.store.NAMES_LISTED", 3)
        for number in range(6):
            brand.send("track", {"userId": "u", "event": f"Name {number}"})
        brand.send("track", {"userId": "u", "event": "Name 0", "messageId": "again"})
        assert {one["name"]: one["events"] for one in own.get("/api/event-names").json()} == {"Name 0": 2, "Name 1": 1, "Name 2": 1}
        assert len(brand.events()) == 7

    def test_samples_are_for_those_who_manage_names(self, brand: Brand) -> None:
        brand.send("track", {"userId": "u", "event": "Seen", "properties": {"secret": 1}})
        analyst = signed_in(brand, "analyst")
        assert [one["samples"] for one in analyst.get("/api/event-names").json()] == [[]]
        assert analyst.get("/api/parked-messages").status_code == 403
        assert analyst.post("/api/event-names", json={"name": "A", "meaning": "B"}).status_code == 403


class TestReplay:
    def test_a_wrong_clock_is_forgiven_by_the_time_of_receipt(self, brand: Brand, own: TestClient) -> None:
        brand.send("track", {"userId": "u", "event": "Seen", "messageId": "m1", "timestamp": "1970-01-01T00:00:00Z"})
        (parked,) = own.get("/api/parked-messages").json()["items"]
        assert (parked["reason"], parked["kind"]) == ("out_of_time", "track")
        path = f"/api/parked-messages/{parked['id']}/replay"
        assert own.post(path, json={"clock": "sender"}).json() == {"taken": 0, "known": 0, "parked": 1}
        assert own.post(path, json={"clock": "receipt"}).json() == {"taken": 1, "known": 0, "parked": 0}
        assert own.post(path, json={"clock": "receipt"}).json()["code"] == "intake.parked_not_found"
        (event,) = brand.events()
        assert (event.key, event.occurred_at) == ("m1", NOW)
        assert brand.send("track", {"userId": "u", "event": "Seen", "messageId": "m1"}).status_code == 200
        assert len(brand.events()) == 1, "what was replayed counts once"

    def test_a_clock_that_was_ahead_is_right_one_day(self, brand: Brand, own: TestClient, clock: TestClock) -> None:
        brand.send("track", {"userId": "u", "event": "Seen", "timestamp": (NOW + timedelta(days=3)).isoformat()})
        clock.at = NOW + timedelta(days=3)
        id = own.get("/api/parked-messages").json()["items"][0]["id"]
        assert own.post(f"/api/parked-messages/{id}/replay", json={}).json() == {"taken": 1, "known": 0, "parked": 0}
        assert brand.events()[0].occurred_at == clock.at

    def test_all_of_them_in_a_job(self, brand: Brand, own: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(service, "CHUNK", 4)
        batch = [{"type": "track", "userId": "u", "event": "Seen", "messageId": str(n), "timestamp": "2099-01-01T00:00:00Z"} for n in range(10)]
        brand.send("batch", {"batch": [*batch, {"type": "track", "event": "Seen", "messageId": "nobody"}]})
        brand.send("track", {"userId": "u", "event": "Seen", "messageId": "0"})
        assert own.get("/api/parked-messages?limit=3").json()["total"] == 11
        job = own.post("/api/parked-messages/replay", json={"clock": "receipt"})
        assert job.status_code == 202
        work(brand)
        done = own.get(f"/api/jobs/{job.json()['job_id']}").json()
        assert (done["state"], done["result"]) == ("done", {"taken": 9, "known": 1, "parked": 1})
        assert [one.reason for one in brand.parked()] == ["no_user"]
        assert sorted(event.key for event in brand.events()) == sorted(str(n) for n in range(10))

    def test_what_the_store_still_refuses_waits_on_and_stops_nobody(self, brand: Brand, own: TestClient) -> None:
        with brand.database.engine.begin() as connection:
            connection.exec_driver_sql("alter table events add constraint choosy check (name <> 'Refused')")
        batch = [{"type": "track", "userId": "u", "event": "Refused"}, {"type": "track", "userId": "u", "event": "Seen", "timestamp": "1970-01-01T00:00:00Z"}]
        brand.send("batch", {"batch": batch})
        for left in (["refused_by_store"], []):
            own.post("/api/parked-messages/replay", json={"clock": "receipt"})
            work(brand)
            assert [one.reason for one in brand.parked()] == left
            with brand.database.engine.begin() as connection:
                connection.exec_driver_sql("alter table events drop constraint if exists choosy")
        assert sorted(event.name for event in brand.events()) == ["Refused", "Seen"]

    def test_after_thirty_days_they_are_forgotten(self, brand: Brand, clock: TestClock) -> None:
        brand.send("track", {"event": "Seen"})
        for days, left in ((29, 1), (31, 0)):
            clock.at = NOW + timedelta(days=days)
            with brand.database.transaction(brand.tenant, SYSTEM) as tx:
                jobs.enqueue(tx, "intake.sweep")
            work(brand)
            assert len(brand.parked()) == left
