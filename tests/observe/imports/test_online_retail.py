"""The whole of UCI Online Retail through the import: every reference figure, from the file's profile and from the books."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from siyu.infra.database import Database
from tests.conftest import TestClock, _admin, _named, make_tenant
from tests.observe.imports.conftest import Office

ROOT = Path(__file__).parents[3]
GOLDEN: dict[str, Any] = json.loads((ROOT / "tests" / "golden" / "online_retail.json").read_text())
FILE = ROOT / "data" / "online_retail" / "online_retail.parquet"
SOLD = "from orders o join order_lines l on l.order_id = o.id where l.kind = 'sale'"
LOCAL = "(o.paid_at at time zone 'Europe/London')"

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def imported(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, dict[str, Any]]]:
    name = f"retail_{uuid4().hex[:12]}"
    _admin(server_url, f"create database {name} template {template} strategy file_copy")
    database = Database(_named(server_url, name), clock=TestClock())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIYU_HOME", str(tmp_path_factory.mktemp("home")))
        office = Office(database, make_tenant(database, timezone="Europe/London"))
        report = office.run(FILE.read_bytes(), FILE.name, timezone="Europe/London")
    yield office, dict(report)
    database.close()
    _admin(server_url, f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def office(imported: tuple[Office, dict[str, Any]]) -> Office:
    return imported[0]


@pytest.fixture(scope="module")
def profile(imported: tuple[Office, dict[str, Any]]) -> dict[str, Any]:
    return dict(imported[1]["profile"])


def one(office: Office, question: str) -> Any:
    ((answer,),) = office.ask(question)
    return answer


class TestTheFile:
    def test_as_it_is(self, profile: dict[str, Any]) -> None:
        names = {
            "raw_rows": "rows",
            "raw_invoices": "invoices",
            "raw_customers": "customers",
            "raw_stockcodes": "skus",
            "null_customer_rows": "rows_without_customer",
            "null_description_rows": "rows_without_name",
            "cancel_rows": "cancelled_rows",
            "dup_rows_beyond_first": "duplicate_rows",
            "countries": "countries",
        }
        assert {name: profile[told] for name, told in names.items()} == {name: GOLDEN[f"or.{name}"] for name in names}
        assert Decimal(profile["quantity"]) == GOLDEN["or.raw_quantity"]
        assert Decimal(profile["revenue"]) == Decimal(str(GOLDEN["or.raw_revenue"]))


class TestTheBooks:
    @pytest.mark.parametrize(
        ("name", "question"),
        [
            ("clean_rows", f"select count(*) {SOLD}"),
            ("clean_customers", f"select count(distinct o.identity_id) {SOLD}"),
            ("clean_invoices", "select count(*) from orders where status <> 'gift'"),
            ("clean_stockcodes", f"select count(distinct l.sku) {SOLD}"),
            ("clean_units", f"select sum(l.quantity) {SOLD}"),
            ("clean_revenue", "select sum(amount) from orders"),
            ("clean_revenue", f"select sum(l.amount) {SOLD}"),
            ("clean_min_ts", f"select min({LOCAL})::text from orders o where status <> 'gift'"),
            ("clean_max_ts", f"select max({LOCAL})::text from orders o where status <> 'gift'"),
            ("aov", "select round(sum(amount) / count(*), 3) from orders where status <> 'gift'"),
            ("repeat_customers_by_invoice", "select count(*) from (select 1 from orders where status <> 'gift' group by identity_id having count(*) > 1) x"),
            ("purchase_days_total", f"select count(*) from (select distinct identity_id, {LOCAL}::date from orders o where status <> 'gift') x"),
        ],
    )
    def test_figure(self, office: Office, name: str, question: str) -> None:
        golden = GOLDEN[f"or.{name}"]
        assert one(office, question) == (golden if isinstance(golden, str) else Decimal(str(golden)))

    def test_months(self, office: Office) -> None:
        months = office.ask(
            f"""
            with bought as (select o.amount, o.order_no, o.identity_id, to_char({LOCAL}, 'YYYY-MM') as month from orders o where status <> 'gift'),
            firsts as (select identity_id, min(month) as month from bought group by identity_id)
            select b.month, sum(b.amount), count(distinct b.order_no), count(distinct b.identity_id),
                (select count(*) from firsts f where f.month = b.month)
            from bought b group by b.month order by b.month
            """
        )
        assert [[month, float(round(revenue, 2)), *counts] for month, revenue, *counts in months] == GOLDEN["or.monthly"]

    def test_countries(self, office: Office) -> None:
        countries = office.ask(
            """
            select country, sum(amount), count(distinct identity_id), count(*) from orders where status <> 'gift'
            group by country order by sum(amount) desc limit 6
            """
        )
        assert [[country, float(round(revenue, 2)), *counts] for country, revenue, *counts in countries] == GOLDEN["or.top_countries"]

    def test_rfm(self, office: Office) -> None:
        people = f"""
            with people as (
                select i.value::int as number, date '2011-12-10' - max({LOCAL}::date) as r, count(*) as f, sum(o.amount) as m
                from orders o join identities i on i.id = o.identity_id where status <> 'gift' group by i.value
            ),
            scored as (select *, ntile(5) over (order by r desc, number) as rs, ntile(5) over (order by f, number) as fs from people)
        """
        ((r_mean, f_mean, m_mean, r_mid, f_mid, m_mid, r_min, r_max, f_max, m_max),) = office.ask(
            people
            + """
            select round(avg(r), 6), round(avg(f), 6), round(avg(m), 6), percentile_cont(0.5) within group (order by r),
                percentile_cont(0.5) within group (order by f), percentile_cont(0.5) within group (order by m), min(r), max(r), max(f), max(m)
            from people
            """
        )
        assert [float(r_mean), float(f_mean), float(m_mean)] == [GOLDEN[f"or.rfm.{name}_mean"] for name in "RFM"]
        assert [r_mid, f_mid, round(m_mid, 3)] == [GOLDEN[f"or.rfm.{name}_median"] for name in "RFM"]
        assert ([r_min, r_max], f_max, float(m_max)) == (GOLDEN["or.rfm.R_minmax"], GOLDEN["or.rfm.F_max"], GOLDEN["or.rfm.M_max"])
        cells = {(rs, fs): count for rs, fs, count in office.ask(people + "select rs, fs, count(*) from scored group by rs, fs")}
        assert [[cells[r, f] for f in range(1, 6)] for r in range(1, 6)] == GOLDEN["or.rfm.rf_grid"]
        assert [list(row) for row in office.ask(people + "select min(r), max(r) from scored group by rs order by rs")] == GOLDEN["or.rfm.bounds_R"]
        assert [list(row) for row in office.ask(people + "select min(f), max(f) from scored group by fs order by fs")] == GOLDEN["or.rfm.bounds_F"]

    def test_refunds_are_kept_apart(self, office: Office, imported: tuple[Office, dict[str, Any]]) -> None:
        assert imported[1]["refunds"] == one(office, "select count(*) from refunds")
        assert one(office, "select sum(quantity) from refund_lines") == one(office, "select sum(quantity) from refund_lines where quantity > 0")
        explained, all_of_it = office.ask("select sum(matched), sum(amount) from refunds")[0]
        assert Decimal("0.75") < explained / all_of_it <= 1
        assert one(office, "select count(*) from orders where refunded <> 0 and status = 'paid'") == 0
