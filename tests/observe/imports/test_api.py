"""Imports over HTTP, as the console does it."""

import csv
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from siyu.app.http import create_app
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from tests.observe.imports.conftest import CAPABILITIES, as_csv
from tests.observe.imports.test_sheets import book

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

OWNER = {"brand": "试验品牌", "timezone": "Asia/Shanghai", "login": "owner", "name": "店主", "password": "a long enough phrase"}
ROWS = [
    ("1", "2026-02-01 10:00", "TEA", "=1+1", "2", "9.90", "17850"),
    ("2", "2026-02-01 10:00", "CUP", "@杯", "x", "9.90", "17850"),
    ("3", "2026-02-01 10:00", "POT", "-壶", "1", "-5", ""),
]


@pytest.fixture
def client(database: Database, home: Path) -> Iterator[TestClient]:
    with TestClient(create_app(database, Settings(home=home)), base_url="http://siyu.test") as client:
        assert client.post("/api/setup", json=OWNER).status_code == 201
        yield client


@pytest.fixture
def work(database: Database) -> Any:
    from siyu.app.worker import Worker

    return Worker(database, CAPABILITIES).drain


def sent(client: TestClient, content: bytes, name: str = "订单.csv") -> Any:
    return client.post("/api/imports", files={"file": (name, content)}, data={"kind": "orders"})


class TestImport:
    def test_from_upload_to_result(self, client: TestClient, work: Any) -> None:
        answer = sent(client, as_csv(ROWS))
        assert answer.status_code == 201, answer.text
        one = answer.json()
        assert (one["state"], one["format"], one["encoding"], one["guessed"], one["file_name"]) == ("uploaded", "csv", "utf-8", True, "订单.csv")
        assert one["columns"][4] == {"name": "quantity", "samples": ["2", "x", "1"]}
        path = f"/api/imports/{one['id']}"
        one = client.put(f"{path}/mapping", json={"mapping": one["mapping"], "options": {**one["options"], "shop": "tmall"}}).json()
        assert (one["guessed"], one["options"]["shop"]) == (False, "tmall")
        assert client.post(f"{path}/check").json()["job_id"]
        assert client.post(f"{path}/check").json()["code"] == "import.busy"
        work()
        one = client.get(path).json()
        assert (one["state"], one["report"]["orders"], one["report"]["rejected"], one["problems_count"]) == ("checked", 1, 2, 2)
        first = one["report"]["problems"][0]
        assert (first["row"], first["column"], first["value"], first["zh"], first["en"]) == (
            3,
            "quantity",
            "x",
            "“x”不是数字，或整数部分超过 18 位",
            "“x” is no number, or has more than 18 digits before the point",
        )
        assert client.get("/api/orders").json()["items"] == []
        assert client.post(f"{path}/run").json()["state"] == "importing"
        work()
        assert client.get(path).json()["state"] == "done"
        (order,) = client.get("/api/orders").json()["items"]
        assert (order["order_no"], order["shop"], order["total_fen"], order["lines"], order["status"]) == ("1", "tmall", 1980, 1, "paid")
        assert [job["state"] for job in client.get("/api/jobs").json()["items"]] == ["done", "done"]
        assert [listed["id"] for listed in client.get("/api/imports").json()["items"]] == [one["id"]]

    def test_start_stop_and_end_are_in_the_record_with_file_and_counts(self, client: TestClient, work: Any) -> None:
        one = sent(client, as_csv(ROWS)).json()
        path = f"/api/imports/{one['id']}"
        client.post(f"{path}/check")
        work()
        client.post(f"{path}/run")
        client.post(f"{path}/cancel")
        client.post(f"{path}/cancel")
        client.post(f"{path}/run")
        work()
        counts = {"rows": 3, "orders": 1, "refunds": 0, "rejected": 2, "new_orders": 1, "changed_orders": 0, "unchanged_orders": 0}
        entries = [entry for entry in client.get("/api/audit").json()["items"][::-1] if entry["subject"] == f"import:{one['id']}"]
        assert [(entry["act"], entry["detail"]) for entry in entries] == [
            ("import.started", {"file": "订单.csv", "shop": "main", **counts}),
            ("import.cancelled", {"file": "订单.csv", "done": 0, "total": None}),
            ("import.started", {"file": "订单.csv", "shop": "main", **counts}),
            ("import.finished", {"file": "订单.csv", **counts}),
        ]
        assert [entry["actor_name"] for entry in entries[:3]] == ["店主"] * 3
        assert client.get("/api/audit/verify").json()["ok"]

    def test_a_check_that_is_stopped_leaves_the_file_to_be_mapped(self, client: TestClient, work: Any) -> None:
        one = sent(client, as_csv(ROWS)).json()
        path = f"/api/imports/{one['id']}"
        job = client.post(f"{path}/check").json()["job_id"]
        assert client.post(f"{path}/cancel").json()["state"] == "uploaded"
        assert client.get(f"/api/jobs/{job}").json()["state"] == "cancelled"
        client.post(f"{path}/check")
        work()
        assert client.get(path).json()["state"] == "checked"

    def test_a_job_stopped_in_the_job_centre_is_in_the_record(self, client: TestClient) -> None:
        one = sent(client, as_csv(ROWS)).json()
        job = client.post(f"/api/imports/{one['id']}/run").json()["job_id"]
        for act in ("cancel", "cancel", "retry", "retry"):
            client.post(f"/api/jobs/{job}/{act}")
        entries = [entry for entry in client.get("/api/audit").json()["items"][::-1] if entry["subject"] == f"job:{job}"]
        assert [entry["act"] for entry in entries] == ["job.cancelled", "job.retried"]
        assert entries[0]["detail"] == {"kind": "imports.run", "title": "订单.csv", "done": 0, "total": None}

    def test_a_file_that_nothing_came_of_is_taken_away_with_its_bytes(self, client: TestClient, work: Any, home: Path) -> None:
        one = sent(client, as_csv(ROWS)).json()
        path = f"/api/imports/{one['id']}"
        client.post(f"{path}/check")
        assert (client.delete(path).status_code, client.delete(path).json()["code"]) == (409, "import.busy")
        work()
        assert len([*filter(Path.is_file, (home / "files").rglob("*"))]) == 2
        assert client.get("/api/imports").json()["items"][0]["deletable"]
        assert client.delete(path).status_code == 204
        assert client.get(path).json()["code"] == client.delete(path).json()["code"] == "import.not_found"
        assert client.get("/api/imports").json()["items"] == []
        assert [*filter(Path.is_file, (home / "files").rglob("*"))] == []
        entry = next(entry for entry in client.get("/api/audit").json()["items"] if entry["act"] == "import.deleted")
        assert (entry["actor_name"], entry["detail"]["file"], entry["detail"]["rows"]) == ("店主", "订单.csv", 3)
        assert client.get("/api/audit/verify").json()["ok"]

    def test_a_file_that_orders_came_from_stays_also_when_it_is_mapped_anew(self, client: TestClient, work: Any) -> None:
        one = sent(client, as_csv(ROWS)).json()
        path = f"/api/imports/{one['id']}"
        client.post(f"{path}/run")
        work()
        assert client.delete(path).json()["code"] == "import.kept"
        client.put(f"{path}/mapping", json={"mapping": one["mapping"], "options": one["options"]})
        assert (client.get(path).json()["state"], client.get(path).json()["deletable"]) == ("uploaded", False)
        assert client.delete(path).json()["code"] == "import.kept"

    def test_who_may_only_look_takes_nothing_away(self, client: TestClient) -> None:
        one = sent(client, as_csv(ROWS)).json()
        account = {"login": "ann", "name": "分析", "role": "analyst", "password": "another long phrase"}
        assert client.post("/api/accounts", json=account).status_code == 201
        assert client.post("/api/session", json={name: account[name] for name in ("login", "password")}).status_code == 200
        assert client.get(f"/api/imports/{one['id']}").status_code == 200
        assert client.delete(f"/api/imports/{one['id']}").json()["code"] == "forbidden"

    def test_rejected_rows_come_as_a_harmless_spreadsheet(self, client: TestClient, work: Any) -> None:
        path = f"/api/imports/{sent(client, as_csv(ROWS)).json()['id']}"
        assert client.get(f"{path}/rejected.csv").status_code == 404
        client.post(f"{path}/run")
        work()
        answer = client.get(f"{path}/rejected.csv", headers={"accept-language": "zh-CN,zh;q=0.9"})
        assert answer.content.startswith("\ufeff".encode())
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[0][-3:] == ["行号", "问题列", "原因"]
        assert rows[1] == ["2", "2026-02-01 10:00", "CUP", "'@杯", "x", "9.90", "17850", "3", "quantity", "“x”不是数字，或整数部分超过 18 位"]
        assert rows[2] == ["3", "2026-02-01 10:00", "POT", "'-壶", "1", "-5", "", "4", "unit_price", "价格或金额为负，且不是退款行"]
        english = client.get(f"{path}/rejected.csv?language=en-US").content.decode("utf-8-sig")
        assert "is no number" in english

    def test_workbooks_and_gbk_are_read(self, client: TestClient, work: Any) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (["订单号", "付款时间", "商品名称", "数量", "单价", "会员号"], ["7", "2026-02-01 10:00", "铁观音", 2, 9.9, 17850]):
            sheet.append(row)
        out = io.BytesIO()
        book.save(out)
        text = "订单号;付款时间;商品名称;数量;单价;会员号\n8;2026-02-01 10:00;铁观音;2;9,90;17850\n".encode("gbk")
        for content, name, found in ((out.getvalue(), "a.xlsx", ("xlsx", None)), (text, "a.csv", ("csv", "gb18030"))):
            one = sent(client, content, name).json()
            assert (one["format"], one["encoding"]) == found
            client.post(f"/api/imports/{one['id']}/run")
        work()
        orders = client.get("/api/orders").json()["items"]
        assert {(order["order_no"], order["amount"]) for order in orders} == {("7", "19.8"), ("8", "19.8")}

    def test_a_guessed_encoding_is_doubtful_and_can_be_set(self, client: TestClient, work: Any) -> None:
        korean = "주문번호,결제시간,상품명,수량,단가\n1,2026-02-01 10:00,녹차,2,9.90\n".encode("cp949")
        one = sent(client, korean).json()
        path = f"/api/imports/{one['id']}"
        assert one["encoding"] == "gb18030"
        told = client.put(f"{path}/encoding", json={"encoding": "cp949"}).json()
        assert (told["encoding"], told["encoding_doubtful"], [column["name"] for column in told["columns"]][:2]) == ("cp949", True, ["주문번호", "결제시간"])
        assert told["options"] == one["options"]
        named = {"order_no": "주문번호", "paid_at": "결제시간", "product_name": "상품명", "quantity": "수량", "unit_price": "단가"}
        client.put(f"{path}/mapping", json={"mapping": named, "options": {**one["options"], "keep_anonymous": True}})
        client.post(f"{path}/run")
        assert client.put(f"{path}/encoding", json={"encoding": "utf-8"}).json()["code"] == "import.busy"
        work()
        (order,) = client.get("/api/orders").json()["items"]
        assert client.get(f"/api/orders/{order['id']}").json()["lines"][0]["name"] == "녹차"
        assert client.put(f"{path}/encoding", json={"encoding": "utf-8"}).json()["code"] == "import.encoding_unknown"
        assert client.put(f"{path}/encoding", json={"encoding": "morse"}).status_code == 422

    def test_only_text_has_an_encoding(self, client: TestClient) -> None:
        one = sent(client, book(订单=[["订单号", "日期"], ["7", "2026-02-01"]])).json()
        assert (one["encoding"], one["encoding_doubtful"]) == (None, False)
        assert client.put(f"/api/imports/{one['id']}/encoding", json={"encoding": "utf-8"}).json()["code"] == "invalid"

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "import.empty"),
            (b"order_no,paid_at\n", "import.no_rows"),
            (b"order_no,order_no,paid_at\n1,2,3\n", "import.duplicate_headers"),
            (b"1001,2026-02-01,TEA,2\n", "import.no_header"),
            (b"\x81 \xff\n\x00", "import.not_text"),
        ],
    )
    def test_what_cannot_be_read_is_refused_and_leaves_nothing(self, client: TestClient, home: Path, content: bytes, code: str) -> None:
        answer = sent(client, content)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert client.get("/api/imports").json()["items"] == []
        assert not [path for path in (home / "files").rglob("*") if path.is_file()]

    def test_a_mapping_without_what_is_needed_is_refused(self, client: TestClient) -> None:
        one = sent(client, b"a,b\n1,2\n").json()
        answer = client.post(f"/api/imports/{one['id']}/run")
        assert (answer.status_code, answer.json()["code"]) == (422, "import.mapping_incomplete")
        assert answer.json()["params"]["fields"] == ["order_no", "paid_at", "amount", "sku"]
        options = {**one["options"], "timezone": "Moon/Base"}
        assert client.put(f"/api/imports/{one['id']}/mapping", json={"mapping": one["mapping"], "options": options}).status_code == 422

    def test_fields_have_names_in_both_languages(self, client: TestClient) -> None:
        fields = client.get("/api/imports/fields").json()
        assert [field["field"] for field in fields if field["required"]] == ["order_no", "paid_at"]
        assert all(field["zh"] and field["en"] for field in fields)
