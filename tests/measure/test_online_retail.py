"""The whole way of UCI Online Retail: file → import → PostgreSQL → people → replica → API, every reference figure to the last digit."""

import json
import warnings
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from siyu import engine
from siyu.access import accounts
from siyu.app.capabilities import REPLICA
from siyu.app.http import create_app
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import IdentityId
from siyu.understand import identity
from tests.conftest import TestClock, _admin, _named, make_tenant
from tests.crowd import PASSWORD
from tests.engine.tables import until
from tests.observe.imports.conftest import Office

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

ROOT = Path(__file__).parents[2]
GOLDEN: dict[str, Any] = json.loads((ROOT / "tests" / "golden" / "online_retail.json").read_text())
FILE = ROOT / "data" / "online_retail" / "online_retail.parquet"
LONDON = "Europe/London"
NOW = datetime(2011, 12, 10, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser of the brand's owner, on the day after the last line."""
    name = f"shop_{uuid4().hex[:12]}"
    _admin(server_url, f"create database {name} template {template} strategy file_copy")
    settings = Settings(home=tmp_path_factory.mktemp("shop"), engine_memory_mb=1024)
    with closing(Database(_named(server_url, name), clock=TestClock(NOW))) as database, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIYU_HOME", str(settings.home))
        tenant = make_tenant(database, timezone=LONDON)
        Office(database, tenant).run(FILE.read_bytes(), FILE.name, timezone=LONDON)
        with database.transaction(tenant, SYSTEM) as tx:
            seen = [IdentityId(id) for id in tx.execute("select id from identities where tenant_id = :tenant_id").scalars()]
            accounts.add(tx, login="boss", name="Boss", role="owner", password=PASSWORD)
        for start in range(0, len(seen), 1000):
            with database.transaction(tenant, SYSTEM) as tx:
                identity.resolve(tx, seen[start : start + 1000])
        app = create_app(database, settings)
        with engine.running(settings, database, REPLICA):
            until(lambda: bool(engine.status()["answering"]), seconds=120)
            client = TestClient(app)
            assert client.post("/api/session", json={"login": "boss", "password": PASSWORD}).status_code == 200
            yield client
    _admin(server_url, f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def rfm(shop: TestClient) -> dict[str, Any]:
    return dict(shop.get("/api/rfm").json())


@pytest.fixture(scope="module")
def revenue(shop: TestClient) -> dict[str, Any]:
    return dict(shop.get("/api/revenue").json())


def exact(name: str) -> Decimal:
    return Decimal(str(GOLDEN[f"or.{name}"]))


class TestRevenue:
    def test_months(self, revenue: dict[str, Any]) -> None:
        rows = [[row["month"], round(Decimal(row["revenue"]), 2), row["orders"], row["customers"], row["new_customers"]] for row in revenue["rows"]]
        assert rows == [[month, Decimal(str(amount)), *counts] for month, amount, *counts in GOLDEN["or.monthly"]]

    def test_totals(self, revenue: dict[str, Any]) -> None:
        totals = revenue["totals"]
        assert Decimal(totals["revenue"]) == exact("clean_revenue")
        assert (totals["orders"], totals["customers"]) == (GOLDEN["or.clean_invoices"], GOLDEN["or.clean_customers"])
        assert round(Decimal(totals["average_order"]), 3) == exact("aov")
        assert totals["repeat_customers"] == GOLDEN["or.repeat_customers_by_invoice"]
        assert totals["purchase_days"] == GOLDEN["or.purchase_days_total"]
        assert (totals["first_day"], totals["last_day"]) == (GOLDEN["or.clean_min_ts"][:10], GOLDEN["or.clean_max_ts"][:10])

    def test_cohorts_start_with_the_new_customers_of_their_month(self, shop: TestClient) -> None:
        cohorts = shop.get("/api/retention").json()["cohorts"]
        assert [[one["cohort"], one["size"]] for one in cohorts] == [[month, new] for month, *_, new in GOLDEN["or.monthly"]]
        assert [len(one["counts"]) for one in cohorts] == list(range(len(cohorts), 0, -1))
        active = [sum(one["counts"][place - start] for start, one in enumerate(cohorts[: place + 1])) for place in range(len(cohorts))]
        assert active == [customers for _, _, _, customers, _ in GOLDEN["or.monthly"]]


class TestRfm:
    def test_grid_and_totals(self, rfm: dict[str, Any]) -> None:
        assert rfm["on"] == "2011-12-10"
        assert [[cell["customers"] for cell in row] for row in rfm["grid"]] == GOLDEN["or.rfm.rf_grid"]
        assert (rfm["customers"], Decimal(rfm["revenue"])) == (GOLDEN["or.clean_customers"], exact("clean_revenue"))
        assert sum(Decimal(cell["revenue"]) for row in rfm["grid"] for cell in row) == exact("clean_revenue")

    def test_bounds(self, rfm: dict[str, Any]) -> None:
        bounds = {dimension: [[int(Decimal(low)), int(Decimal(high))] for low, high in rfm["bounds"][dimension]] for dimension in "rf"}
        assert bounds == {"r": GOLDEN["or.rfm.bounds_R"], "f": GOLDEN["or.rfm.bounds_F"]}
        assert [bounds["r"][4][0], bounds["r"][0][1]] == GOLDEN["or.rfm.R_minmax"]
        assert (bounds["f"][4][1], Decimal(rfm["bounds"]["m"][4][1])) == (GOLDEN["or.rfm.F_max"], exact("rfm.M_max"))

    def test_means_and_medians(self, rfm: dict[str, Any]) -> None:
        assert {name: round(rfm["means"][name.lower()], 6) for name in "RFM"} == {name: GOLDEN[f"or.rfm.{name}_mean"] for name in "RFM"}
        assert {name: round(rfm["medians"][name.lower()], 6) for name in "RFM"} == {name: GOLDEN[f"or.rfm.{name}_median"] for name in "RFM"}


class TestCustomers:
    def test_the_list_agrees(self, shop: TestClient, rfm: dict[str, Any]) -> None:
        buyers = shop.get("/api/customers", params={"ordered": "yes", "sort": "revenue", "limit": 1}).json()
        assert buyers["total"] == GOLDEN["or.clean_customers"]
        assert Decimal(buyers["items"][0]["revenue"]) == exact("rfm.M_max")
        repeat = shop.get("/api/customers", params={"orders_min": 2, "limit": 1}).json()
        assert repeat["total"] == GOLDEN["or.repeat_customers_by_invoice"]
        best = shop.get("/api/customers", params={"rfm": "5-5", "limit": 1}).json()
        assert best["total"] == rfm["grid"][4][4]["customers"]

    def test_one_customer_agrees(self, shop: TestClient) -> None:
        best = shop.get("/api/customers", params={"sort": "orders", "limit": 1}).json()["items"][0]
        page = shop.get(f"/api/customers/{best['id']}").json()
        assert (page["figures"]["orders"], Decimal(page["figures"]["revenue"])) == (best["orders"], Decimal(best["revenue"]))
        assert best["orders"] == GOLDEN["or.rfm.F_max"]
