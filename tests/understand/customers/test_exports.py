"""Exports: everybody in scope once, masked; text that looks like a formula stays text; large ones as a job for its asker alone."""

import csv
import io
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from siyu.app.capabilities import CAPABILITIES
from siyu.app.worker import Worker
from siyu.infra.tx import SYSTEM
from siyu.understand.customers import exports, sheets
from tests.crowd import NAMES, Crowd
from tests.understand.oracle import ZONE, expected

COLUMNS = "id,name,masked_phone,stage,rfm,rfm_scores,orders,revenue,last_paid_at,contact,staff"


def rows_of(body: bytes, format: str) -> list[dict[str, Any]]:
    if format == "csv":
        assert body.startswith(b"\xef\xbb\xbf")
        return [dict(row) for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))]
    sheet = load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    header, *rest = sheet.iter_rows()
    return [dict(zip([str(cell.value) for cell in header], row, strict=True)) for row in rest]


def export(crowd: Crowd, login: str = "owner", **query: Any) -> bytes:
    answer = crowd.client(login).get("/api/customers/export", params={"format": "csv", "columns": COLUMNS, **query})
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


class TestAtOnce:
    @pytest.mark.parametrize("login", ["owner", "supervisor"])
    def test_csv_holds_the_scope_once(self, crowd: Crowd, login: str) -> None:
        rows = rows_of(export(crowd, login), "csv")
        assert sorted(row["客户编号"] for row in rows) == sorted(str(person.id) for person in crowd.seen(login))
        known = expected(crowd)
        for row in rows:
            person = known[row["客户编号"]].person
            assert row["姓名"].removeprefix("'") == (person.name or "")
            assert not row["姓名"].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
            assert (int(row["付款订单数"]), Decimal(row["消费金额(元)"])) == (len(person.paid), person.revenue)
            paid = person.paid[-1].at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S") if person.paid else ""
            assert row["最近付款"] == paid

    def test_formulas_are_really_among_the_names(self, crowd: Crowd) -> None:
        text = export(crowd).decode("utf-8-sig")
        assert "'=cmd|' /C calc'!A0" in text
        assert "'＝全角" in text and "'\t制表" in text and "'+86 张" in text and "'@SUM(A1)" in text and "'-2+3" in text

    def test_xlsx_types_text_as_text_and_numbers_as_numbers(self, crowd: Crowd) -> None:
        rows = rows_of(export(crowd, format="xlsx"), "xlsx")
        known = expected(crowd)
        assert len(rows) == len(known)
        for row in rows:
            person = known[row["客户编号"].value].person
            assert row["姓名"].value == person.name
            if person.name is not None:
                assert row["姓名"].data_type == "s"
            assert row["付款订单数"].value == len(person.paid)
            assert Decimal(str(row["消费金额(元)"].value)) == pytest.approx(person.revenue, abs=Decimal("0.0001"))
            if person.paid:
                assert row["最近付款"].value == person.paid[-1].at.astimezone(ZONE).replace(tzinfo=None)

    def test_takes_the_filter_the_order_and_the_language(self, crowd: Crowd) -> None:
        body = export(crowd, columns="id,stage,contact", language="en-US", stage="seed", sort="created_at", dir="asc")
        rows = rows_of(body, "csv")
        assert {row["Stage"] for row in rows} == {"Seed"}
        assert {row["Customer"] for row in rows} == {id for id, one in expected(crowd).items() if one.stage == "seed"}

    def test_is_written_into_the_audit_log(self, crowd: Crowd) -> None:
        export(crowd, q="王小明")
        entry = crowd.get("/api/audit", act="customers.exported", limit=1)["items"][0]
        assert entry["detail"]["format"] == "csv"
        assert entry["detail"]["rows"] == sum("王小明" in (person.name or "") for person in crowd.people)
        assert entry["detail"]["filter"]["q"] == "王***"

    def test_too_many_are_left_to_a_job(self, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "AT_ONCE", 10)
        answer = crowd.client().get("/api/customers/export", params={"format": "csv", "columns": COLUMNS})
        assert (answer.status_code, answer.json()["code"], answer.json()["params"]["customers"]) == (409, "export.too_large", len(crowd.people))

    @pytest.mark.parametrize("login", ["guide", "analyst"])
    def test_needs_its_permission(self, crowd: Crowd, login: str) -> None:
        assert crowd.client(login).get("/api/customers/export", params={"format": "csv", "columns": COLUMNS}).status_code == 403
        assert crowd.client(login).post("/api/customers/exports", json={"format": "csv", "columns": ["id"]}).status_code == 403

    def test_unknown_columns_are_refused(self, crowd: Crowd) -> None:
        answer = crowd.client().get("/api/customers/export", params={"format": "csv", "columns": "id,password"})
        assert (answer.status_code, answer.json()["params"]["field"]) == (422, "columns")


class TestAsJob:
    @pytest.mark.parametrize("format", ["csv", "xlsx"])
    def test_makes_the_same_file_for_its_asker_alone(self, crowd: Crowd, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "CHUNK", 7)
        asked = crowd.client("supervisor").post("/api/customers/exports", json={"format": format, "columns": COLUMNS.split(","), "filter": {"contact": "yes"}})
        assert asked.status_code == 202, asked.text
        Worker(crowd.database, [one for one in CAPABILITIES if one.name == "customers"]).work_once()
        job = crowd.get(f"/api/jobs/{asked.json()['id']}", "supervisor")
        mine = [person for person in crowd.seen("supervisor") if person.contact == "yes"]
        assert (job["state"], job["done"], job["total"], job["result"]["rows"]) == ("done", len(mine), len(mine), len(mine))
        file = crowd.client("supervisor").get(job["result"]["url"])
        assert file.status_code == 200
        rows = rows_of(file.content, format)
        found = [row["客户编号"] if format == "csv" else row["客户编号"].value for row in rows]
        assert sorted(found) == sorted(str(person.id) for person in mine)
        assert crowd.client("owner").get(job["result"]["url"]).status_code == 404

    def test_what_was_searched_for_stands_in_nobodys_job_list(self, crowd: Crowd) -> None:
        asked = crowd.client("owner").post("/api/customers/exports", json={"format": "csv", "columns": ["id"], "filter": {"q": "13800001111"}})
        (one,) = [job for job in crowd.get("/api/jobs", "analyst")["items"] if job["id"] == asked.json()["id"]]
        assert "13800001111" not in str(one) and one["params"] == {}
        assert one["id"] not in {job["id"] for job in crowd.get("/api/jobs", "supervisor")["items"]}
        assert crowd.client("supervisor").get(f"/api/jobs/{one['id']}").status_code == 404

    def test_an_unknown_file_is_not_found(self, crowd: Crowd) -> None:
        assert crowd.client().get(f"/api/customers/exports/{uuid4()}").status_code == 404

    def test_a_file_that_is_no_export_is_not_given(self, crowd: Crowd) -> None:
        with crowd.database.transaction(crowd.tenant, SYSTEM) as tx:
            stored = exports.files().save(tx, "orders.csv", io.BytesIO(b"secret"))
        assert crowd.client().get(f"/api/customers/exports/{stored.id}").status_code == 404


class TestSheets:
    @given(st.lists(st.one_of(st.sampled_from(NAMES), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)), min_size=1, max_size=5))
    def test_text_comes_back_and_no_cell_starts_a_formula(self, names: list[str]) -> None:
        out = io.BytesIO()
        assert sheets.write_csv(out, ["n"], [[name] for name in names]) == len(names)
        _, *rows = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""))
        cells = [row[0] if row else "" for row in rows]
        assert [cell[1:] if cell[:1] == "'" and sheets.harmless(cell[1:]) == cell else cell for cell in cells] == names
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")) for cell in cells)

    def test_characters_that_no_sheet_can_hold_are_left_out(self) -> None:
        out = io.BytesIO()
        sheets.write_xlsx(out, ["名"], [["a\x00b\x1fc"], [None], [datetime(2026, 3, 2, 10, 0)], [Decimal("12.345")]])  # noqa: DTZ001 (cells are local)
        sheet = load_workbook(out).active
        assert sheet is not None
        assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["abc", None, datetime(2026, 3, 2, 10, 0), 12.345]  # noqa: DTZ001
