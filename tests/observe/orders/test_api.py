"""Orders over HTTP: shops hand them in, people look at them."""

import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from siyu.app.http import create_app
from siyu.infra.database import Database
from siyu.infra.settings import Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

OWNER = {"brand": "试验品牌", "timezone": "Asia/Shanghai", "login": "owner", "name": "店主", "password": "a long enough phrase"}
ORDER = {
    "shop": "main",
    "order_no": "A1",
    "paid_at": "2026-02-01T10:00:00+08:00",
    "customer_no": "17850",
    "phone": "138 0000 0000",
    "lines": [{"sku": "TEA", "name": "茶", "quantity": 3, "unit_price": "0.335", "unit_cost": "0.1"}],
}


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create_app(database, Settings(home=tmp_path)), base_url="http://siyu.test") as client:
        assert client.post("/api/setup", json=OWNER).status_code == 201
        yield client


@pytest.fixture
def shop(client: TestClient) -> dict[str, str]:
    """The headers of a shop with a key."""
    return {"authorization": f"Bearer {client.post('/api/sources', json={'name': 'town'}).json()['key']}"}


@pytest.fixture
def machine(client: TestClient) -> Iterator[TestClient]:
    """A client without a session."""
    with TestClient(client.app, base_url="http://siyu.test") as machine:
        yield machine


class TestRecord:
    def test_new_then_known_then_changed(self, machine: TestClient, shop: dict[str, str]) -> None:
        def post(**other: Any) -> tuple[int, str]:
            answer = machine.post("/api/orders", json={**ORDER, **other}, headers=shop)
            return answer.status_code, answer.json()["outcome"]

        assert post() == (201, "new")
        assert post() == (200, "unchanged")
        assert post(phone="+8613800000000", lines=[{**ORDER["lines"][0], "quantity": "3.0"}]) == (200, "unchanged")  # type: ignore[dict-item]
        assert post(city="杭州") == (200, "changed")

    def test_the_order_as_people_see_it(self, client: TestClient, machine: TestClient, shop: dict[str, str]) -> None:
        id = machine.post("/api/orders", json=ORDER, headers=shop).json()["id"]
        machine.post("/api/orders/A1/refunds", json={"shop": "main", "refund_no": "R1", "refunded_at": ORDER["paid_at"], "amount": "0.5"}, headers=shop)
        order = client.get(f"/api/orders/{id}").json()
        assert (order["amount"], order["total_fen"], order["refunded_fen"]) == ("1.005", 101, 50)
        assert (order["status"], order["source"]) == ("partly_refunded", "api:town")
        assert [(line["kind"], line["amount"], line["unit_cost"]) for line in order["lines"]] == [("sale", "1.005", "0.1"), ("refund", "0.5", None)]
        found = {"q=A1": 1, "q=17850": 1, "q=nobody": 0, "status=paid": 0, "from=2026-02-01&to=2026-02-01": 1, "to=2026-01-31": 0}
        for question, count in found.items():
            assert len(client.get(f"/api/orders?{question}").json()["items"]) == count, question

    def test_pages_follow_each_other(self, client: TestClient) -> None:
        for number in range(5):
            client.post("/api/orders", json={**ORDER, "order_no": f"A{number}"})
        first = client.get("/api/orders?limit=3").json()
        rest = client.get(f"/api/orders?limit=3&cursor={first['next_cursor']}").json()
        assert [order["order_no"] for order in first["items"] + rest["items"]] == ["A4", "A3", "A2", "A1", "A0"]
        assert rest["next_cursor"] is None
        assert client.get("/api/orders?cursor=nonsense").status_code == 422

    @pytest.mark.parametrize(
        ("other", "status", "code"),
        [
            ({"paid_at": "2027-01-01T00:00:00Z"}, 422, "order.future"),
            ({"paid_at": "1999-01-01T00:00:00Z"}, 422, "order.too_early"),
            ({"lines": []}, 422, "invalid"),
            ({"lines": [{"sku": "A", "quantity": 1, "unit_price": "10000001"}]}, 422, "order.absurd_amount"),
            ({"lines": [{"sku": "A", "quantity": -1, "unit_price": "1"}]}, 422, "invalid"),
            ({"paid_at": "2026-02-01T10:00:00"}, 422, "invalid"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, client: TestClient, other: dict[str, Any], status: int, code: str) -> None:
        answer = client.post("/api/orders", json={**ORDER, **other})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert client.get("/api/orders").json()["items"] == []

    @pytest.mark.parametrize(
        ("other", "field"),
        [
            ({"order_no": " "}, "order_no"),
            ({"shop": "\u3000"}, "shop"),
            ({"lines": [{"sku": " ", "quantity": 1, "unit_price": "1"}]}, "lines.0.sku"),
            ({"phone": "abc"}, "phone"),
            ({"phone": "138****0000"}, "phone"),
            ({"phone": "1380000"}, "phone"),
        ],
    )
    def test_blanks_and_what_is_no_phone_are_refused_by_name(self, client: TestClient, other: dict[str, Any], field: str) -> None:
        answer = client.post("/api/orders", json={**ORDER, **other})
        assert (answer.status_code, [wrong["field"] for wrong in answer.json()["params"]["fields"]]) == (422, [field])
        assert client.get("/api/orders").json()["items"] == []

    def test_blanks_around_texts_do_not_count(self, client: TestClient) -> None:
        told = {**ORDER, "customer_name": "王", "city": "杭州"}
        assert client.post("/api/orders", json=told).status_code == 201
        blank = {name: f" {told[name]}\u3000" for name in ("shop", "order_no", "customer_no", "phone", "customer_name", "city")}
        assert client.post("/api/orders", json={**told, **blank, "unionid": " ", "country": ""}).json()["outcome"] == "unchanged"
        assert client.post("/api/orders", json={**told, "phone": " "}).json()["outcome"] == "changed"

    def test_a_shop_may_hand_in_and_nothing_else(self, machine: TestClient, shop: dict[str, str]) -> None:
        assert machine.get("/api/orders", headers=shop).status_code == 403
        assert machine.get("/api/imports", headers=shop).status_code == 403
        assert machine.post("/api/orders", json=ORDER).status_code == 401
        assert machine.post("/api/orders", json=ORDER, headers={"authorization": "Bearer sk_wrong"}).status_code == 401


class TestRefund:
    def test_of_lines_again_changes_nothing(self, client: TestClient) -> None:
        id = client.post("/api/orders", json=ORDER).json()["id"]
        body = {"shop": "main", "refund_no": "R1", "refunded_at": "2026-02-02T10:00:00+08:00", "lines": [{"sku": "TEA", "quantity": 1, "amount": "0.335"}]}
        first = client.post("/api/orders/A1/refunds", json=body)
        assert (first.status_code, client.post("/api/orders/A1/refunds", json=body).json()) == (201, first.json())
        assert client.get(f"/api/orders/{id}").json()["refunded"] == "0.335"

    def test_refusals(self, client: TestClient) -> None:
        client.post("/api/orders", json=ORDER)
        body = {"shop": "main", "refund_no": "R1", "refunded_at": "2026-02-02T10:00:00+08:00"}
        assert client.post("/api/orders/A1/refunds", json={**body, "refund_no": " ", "amount": "1"}).json()["params"]["fields"][0]["field"] == "refund_no"
        assert client.post("/api/orders/A1/refunds", json=body).json()["code"] == "invalid"
        assert client.post("/api/orders/A1/refunds", json={**body, "amount": "2"}).json()["code"] == "order.refund_too_large"
        assert client.post("/api/orders/A2/refunds", json={**body, "amount": "1"}).json()["code"] == "order.not_found"

    def test_a_date_before_the_order_is_refused(self, client: TestClient) -> None:
        id = client.post("/api/orders", json=ORDER).json()["id"]
        paid_at = datetime.fromisoformat(str(ORDER["paid_at"]))
        body = {"shop": "main", "refund_no": "R1", "amount": "0.5"}
        early = client.post("/api/orders/A1/refunds", json={**body, "refunded_at": (paid_at - timedelta(seconds=1)).isoformat()})
        assert (early.status_code, early.json()["code"]) == (422, "order.refund_before_order")
        assert datetime.fromisoformat(early.json()["params"]["paid_at"]) == paid_at
        assert client.get(f"/api/orders/{id}").json()["refunded"] == "0"
        assert client.post("/api/orders/A1/refunds", json={**body, "refunded_at": ORDER["paid_at"]}).status_code == 201
