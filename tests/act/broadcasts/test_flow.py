"""From a segment to what it brought: HTTP in front, a running sandbox behind, people who confirm, open and buy in between."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from siyu import engine
from siyu.access import accounts
from siyu.act.broadcasts.wiring import capability as broadcasts_wiring
from siyu.app.capabilities import REPLICA
from siyu.app.http import create_app
from siyu.app.worker import Worker
from siyu.infra.secrets import Secrets
from siyu.infra.settings import Settings
from siyu.observe import contacts
from siyu.observe.orders.wiring import capability as orders_wiring
from siyu.observe.sends.wiring import capability as sends_wiring
from tests.act.gateway.conftest import KEYS, WIRED, House, build, house
from tests.connectors.wecom.neighbours import IMPATIENT
from tests.crowd import PASSWORD
from tests.engine.tables import until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

__all__ = ["build", "house"]
pytestmark = pytest.mark.slow


@dataclass
class Brand:
    """The house with its console."""

    house: House
    client: TestClient

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        answer = self.client.post(f"/api{path}", json=body or {}, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/api{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_for(self, path: str, seen: Callable[[Any], bool]) -> Any:
        """The answer once the replica has caught up."""
        until(lambda: seen(self.get(path)))
        return self.get(path)

    def submitted(self, **changes: Any) -> str:
        """A broadcast to everybody in the town, submitted."""
        everybody = self.post("/segments", {"name": "好友", "filter": {"contact": "yes"}})
        material = self.post("/materials", {"title": "春茶", "text": "新茶到店 {link}", "link_url": "https://shop.example/new"})
        order = {"name": "春茶上新", "segment_id": everybody["id"], "material_id": material["id"], "holdout_bp": 2000, "horizon_days": 3} | changes
        id: str = self.post("/broadcasts", order)["id"]
        assert self.post(f"/broadcasts/{id}/submit")["frozen_count"] == everybody["members"] == len(self.house.customers())
        return id

    def sent_out(self, id: str) -> dict[str, Any]:
        """The broadcast's result once everybody's task stands."""
        self.house.wait(seconds=61)
        until(lambda: self.worked() and self.get(f"/broadcasts/{id}/result")["waiting"] == 0 < self.get(f"/broadcasts/{id}/result")["planned"])
        found: dict[str, Any] = self.get(f"/broadcasts/{id}/result")
        return found

    def _open(self, id: str) -> int:
        return int(self.get(f"/broadcasts/{id}/result")["tasks"]["open"])

    def worked(self) -> bool:
        self.house.work("gateway.tick", "gateway.follow_up", "broadcasts.settle")
        return True

    def ended(self, id: str) -> dict[str, Any]:
        """The broadcast's result once nobody waits any more."""
        until(lambda: self.worked() and self.get(f"/broadcasts/{id}")["state"] in ("done", "stopped") and not self._open(id))
        found: dict[str, Any] = self.get(f"/broadcasts/{id}/result")
        return found


@pytest.fixture
def brand(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Brand]:
    settings = Settings(home=tmp_path / "home", engine_memory_mb=512)
    settings.home.mkdir()
    monkeypatch.setenv("SIYU_HOME", str(settings.home))
    app = create_app(house.database, settings)
    contacts.use(keys=Secrets(KEYS), budget=IMPATIENT)  # the application has just brought its own, but the house has sealed its corp with these
    house.worker = Worker(house.database, (*WIRED, orders_wiring, broadcasts_wiring))
    with house.tx() as tx:
        accounts.add(tx, login="owner", name="店主", role="owner", password=PASSWORD)
    with engine.running(settings, house.database, REPLICA), TestClient(app, base_url="http://siyu.test") as client:
        until(lambda: bool(engine.status()["answering"]))
        assert client.post("/api/session", json={"login": "owner", "password": PASSWORD}).status_code == 200
        yield Brand(house, client)


def test_from_a_segment_to_what_it_brought(brand: Brand) -> None:
    town = len(brand.house.customers())
    id = brand.submitted()
    asked = brand.sent_out(id)
    held = asked["holdout"]
    assert (asked["audience"], asked["planned"], asked["asked"], asked["delivered"]) == (town, town - held, town - held, 0)
    assert 0 < held < town / 2
    assert asked["tasks"]["open"] == len(brand.house.sends()) > asked["tasks"]["confirmed"] == 0
    in_tasks = set(brand.house.standing())
    assert len(in_tasks) == town - held
    for own in supervisors(brand):
        (waiting,) = [task["count"] for task in own("/today")["tasks"] if task["id"] == "open_tasks"]
        members = {member["userid"] for member in own("/staff?limit=100")["items"]}
        senders = [send["recipients"][0]["userid"] for send in brand.house.sends()]
        assert waiting == sum(sender in members for sender in senders) < len(senders)

    leaver = min(brand.house.sends(), key=lambda send: len(send["recipients"]))["recipients"][0]  # alone in the task, which is confirmed all the same
    brand.house.place.post("acts", act="customer_deletes", userid=leaver["userid"], external_userid=leaver["external_userid"])
    brand.house.place.post("confirm")
    done = brand.ended(id)
    assert (done["state"], done["delivered"], done["refused"], done["asked"]) == ("done", town - held - 1, [{"reason": "not_friend", "count": 1}], town - held)
    assert done["delivered"] + done["holdout"] + 1 == done["audience"] == town
    assert (done["tasks"]["open"], done["tasks"]["confirmed"]) == (0, asked["tasks"]["open"])
    assert sum(row["delivered"] for row in done["tasks"]["by_staff"]) == done["delivered"]
    assert {one["arm"] for one in people(brand, id, "sent")} == {"treated"}
    assert all(one["sent_at"] and one["staff"] for one in people(brand, id, "sent"))

    with brand.house.tx() as tx:
        tx.execute(
            "update tenants set settings = settings || jsonb_build_object('sandbox', true) where id = :tenant_id"
        )  # elsewhere nobody says who opens a link
        (code, *_) = tx.execute("select code from links where tenant_id = :tenant_id order by code").scalars()
        friends = {row.external_userid: row.unionid for row in tx.execute("select external_userid, unionid from contacts where tenant_id = :tenant_id")}
    opener, buyer, *_ = sorted(in_tasks - {leaver["external_userid"]})
    neighbour = min(set(friends) - in_tasks)
    assert brand.client.get(f"/t/{code}", headers={"x-siyu-sandbox-visitor": opener}, follow_redirects=False).status_code == 302
    brand.house.wait(hours=1)
    for number, who in enumerate((buyer, neighbour)):
        lines = [{"sku": "TEA", "quantity": 1, "unit_price": "39.90"}]
        order = {"shop": "main", "order_no": f"A{number}", "paid_at": brand.house.clock.at.isoformat(), "unionid": friends[who], "lines": lines}
        assert brand.post("/orders", order)["outcome"] == "new"
    brand.house.drain()
    result = brand.wait_for(f"/broadcasts/{id}/result", lambda found: found["orders_after"] > 0)
    assert (result["orders_after"], Decimal(result["revenue_after"])) == (1, Decimal("39.9"))  # the neighbour was held out

    early = brand.wait_for(f"/broadcasts/{id}/lift", lambda found: found["holdout"]["n"] > 0)
    assert (early["verdict"], early["point_fen"]) == ("too_early", None)
    assert (early["treated"]["n"], early["holdout"]["n"]) == (town - held, held)  # whoever left still counts: as drawn, not as delivered
    brand.house.wait(days=3)
    late = brand.wait_for(f"/broadcasts/{id}/lift", lambda found: found["verdict"] != "too_early")
    assert late["point_fen"] is not None and late["low_fen"] <= late["point_fen"] <= late["high_fen"]
    assert datetime.fromisoformat(late["ends_at"]) == datetime.fromisoformat(brand.get(f"/broadcasts/{id}")["started_at"]) + timedelta(days=3)

    for own in supervisors(brand):
        mine, seen = own(f"/broadcasts/{id}/recipients?limit=100")["items"], own(f"/broadcasts/{id}/result")
        sent = {one["customer_id"] for one in mine if one["state"] == "sent"}
        assert 0 < len(mine) < town
        assert (seen["audience"], seen["holdout"], seen["delivered"]) == (len(mine), sum(one["arm"] == "holdout" for one in mine), len(sent))
        assert sum(row["delivered"] for row in seen["tasks"]["by_staff"]) == len(sent)
        assert (seen["link_opened"], seen["orders_after"]) == (customer_of(brand, opener) in sent, customer_of(brand, buyer) in sent)


def test_stopped_while_staff_confirm_what_was_sent_stays_and_the_rest_is_withdrawn(brand: Brand) -> None:
    id = brand.submitted(holdout_bp=0)
    asked = brand.sent_out(id)
    first = brand.house.sends()[0]
    brand.house.place.post("confirm", msgid=first["msgid"])
    assert brand.post(f"/broadcasts/{id}/stop")["state"] == "stopped"
    brand.house.drain()
    result = brand.ended(id)
    sent = len(first["recipients"])
    assert (result["state"], result["delivered"], result["refused"]) == ("stopped", sent, [{"reason": "stopped", "count": asked["planned"] - sent}])
    assert all(send["cancelled"] for send in brand.house.sends() if send["msgid"] != first["msgid"])
    assert (result["tasks"]["open"], result["tasks"]["confirmed"], [row["delivered"] for row in result["tasks"]["by_staff"]]) == (0, 1, [sent])
    again = brand.client.post(f"/api/broadcasts/{id}/stop")
    assert (again.status_code, again.json()["code"]) == (409, "broadcast.wrong_state")


def test_whom_others_have_reached_this_week_is_left_out_in_the_estimate_and_in_the_result(brand: Brand) -> None:
    house = brand.house
    house.worker = Worker(house.database, (*WIRED, orders_wiring, broadcasts_wiring, sends_wiring))
    town, guide = len(house.customers()), min(person["guide"] for person in house.place.get("books/people"))
    msgid = house.place.post("sends", userid=guide, text="老客户福利")["msgid"]
    house.wait(seconds=2)
    house.work("sends.sync_all")
    (by_hand,) = [send for send in house.sends() if send["msgid"] == msgid]
    left_out = [{"reason": "recently_reached_elsewhere", "count": sum(one["status"] == 1 for one in by_hand["recipients"])}]
    id = brand.submitted(holdout_bp=0)
    estimate = brand.post(f"/broadcasts/{id}/estimate")
    assert (estimate["planned"], estimate["refused"]) == (town - left_out[0]["count"], left_out) and left_out[0]["count"] > 0
    result = brand.sent_out(id)
    assert (result["asked"], result["refused"]) == (town - left_out[0]["count"], left_out)
    assert {one["reason"] for one in people(brand, id, "skipped")} == {"recently_reached_elsewhere"}


def people(brand: Brand, id: str, state: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = brand.get(f"/broadcasts/{id}/recipients?state={state}&limit=100")["items"]
    return found


def supervisors(brand: Brand) -> Iterator[Callable[[str], Any]]:
    """A reader of the API for each department with members, as the supervisor of it alone."""
    with brand.house.tx() as tx:
        departments = tx.execute(
            "select distinct d.id from departments d join staff s on s.tenant_id = d.tenant_id and d.wecom_id = any (s.departments) "
            "join contacts c on c.tenant_id = s.tenant_id and c.staff_id = s.id where d.tenant_id = :tenant_id and d.path like '/%/%/' order by d.id"
        ).scalars()
        there = {account.login: account for account in accounts.page(tx)}
        logins = [
            there.get(f"leader{n}") or accounts.add(tx, login=f"leader{n}", name="店长", role="supervisor", password=PASSWORD, department_ids=[id])
            for n, id in enumerate(departments)
        ]
    assert len(logins) > 1
    for account in logins:
        client = TestClient(brand.client.app, base_url="http://siyu.test")
        assert client.post("/api/session", json={"login": account.login, "password": PASSWORD}).status_code == 200
        yield Brand(brand.house, client).get


def customer_of(brand: Brand, external_userid: str) -> str:
    with brand.house.tx() as tx:
        query = (
            "select i.customer_id from contacts c join identities i on i.tenant_id = c.tenant_id and i.id = c.identity_id "
            "where c.tenant_id = :tenant_id and c.external_userid = :who limit 1"
        )
        return str(tx.execute(query, {"who": external_userid}).scalar_one())
