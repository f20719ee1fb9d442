"""A guide's browser shows the guide's own customers and nobody else's: in lists, counts, exports, and by address."""

import csv
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Running, log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
GUIDE = ("guide-li", "a-guide-of-the-shop-2026")
SUPERVISOR = {"login": "manager-wang", "name": "王店长", "role": "supervisor", "password": "a-manager-of-the-shop-2026"}


@pytest.fixture(scope="module")
def staff(brand: Running) -> Any:
    """The member of staff whose account is made, and whose customers these are."""
    members = [one for one in brand.siyu.get("/staff", limit=200)["items"] if one["customers"]]
    busiest = max(members, key=lambda one: one["customers"])
    login, password = GUIDE
    brand.open_account({"login": login, "name": "李导购", "role": "guide", "password": password, "staff_id": busiest["id"]})
    return busiest


@pytest.fixture(scope="module")
def own(brand: Running, staff: Any) -> set[str]:
    return {one["id"] for one in everybody(brand, staff_id=staff["id"])}


@pytest.fixture
def guide(brand: Running, staff: Any, page: Page) -> Page:
    log_in(page, brand.address, *GUIDE)
    return page


def everybody(brand: Running, **filters: str) -> list[Any]:
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        part = brand.siyu.get("/customers", limit=100, **filters, **cursor)
        found += part["items"]
        if part["next_cursor"] is None:
            return found
        cursor = {"cursor": part["next_cursor"]}


def test_lists_and_counts(brand: Running, own: set[str], guide: Page) -> None:
    assert 0 < len(own) < brand.siyu.get("/customers", limit=1)["total"]
    guide.goto(f"{brand.address}/customers?limit=100")
    expect(guide.get_by_text(f"共 {len(own)} 位客户")).to_be_visible()
    seen = guide.evaluate("async () => (await (await fetch('/api/customers?limit=100')).json()).items.map(one => one.id)")
    assert set(seen) <= own and len(seen) == min(100, len(own))


def test_orders(brand: Running, own: set[str], guide: Page) -> None:
    guide.goto(f"{brand.address}/orders")
    expect(guide.get_by_role("row").nth(1)).to_be_visible()
    buyers = guide.evaluate("async () => (await (await fetch('/api/orders?limit=100')).json()).items.map(one => one.customer && one.customer.id)")
    assert buyers and set(buyers) <= own


def test_a_guide_cannot_export(brand: Running, guide: Page) -> None:
    guide.goto(f"{brand.address}/customers")
    expect(guide.get_by_role("button", name="导出")).to_be_disabled()
    assert guide.request.get(f"{brand.address}/api/customers/export?format=csv&columns=id").status == 403


def test_a_supervisor_exports_the_own_departments_alone(brand: Running, staff: Any, page: Page) -> None:
    department = staff["department_ids"][0]
    brand.open_account({**SUPERVISOR, "department_ids": [department]})
    log_in(page, brand.address, SUPERVISOR["login"], SUPERVISOR["password"])
    page.goto(f"{brand.address}/customers")
    expect(page.get_by_text("位客户").first).to_be_visible()
    page.wait_for_load_state("networkidle")  # a list that grows under an open menu moves it
    page.get_by_role("button", name="导出").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="导出 CSV").dispatch_event("click")
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        names = [row[0] for row in list(csv.reader(file))[1:]]
    members = brand.siyu.get("/staff", limit=200, department_id=department)["items"]
    own = {one["id"]: one["name"] for member in members for one in everybody(brand, staff_id=member["id"])}
    assert sorted(names) == sorted(own.values())
    assert 0 < len(own) < brand.siyu.get("/customers", limit=1)["total"]


def test_what_is_of_all_is_not_for_a_guide(brand: Running, guide: Page) -> None:
    guide.goto(brand.address)
    for hidden in ("RFM 分析", "留存与营收", "审计日志", "账号与角色", "数据导入"):
        expect(guide.get_by_role("link", name=hidden)).to_have_count(0)
    for path in ("/rfm", "/settings/audit", "/imports"):
        guide.goto(f"{brand.address}{path}")
        expect(guide.get_by_text("没有权限").first).to_be_visible()
    assert guide.request.get(f"{brand.address}/api/rfm").status == 403


def test_anothers_customer_is_not_there(brand: Running, own: set[str], guide: Page) -> None:
    other = next(one for one in everybody(brand) if one["id"] not in own)
    guide.goto(f"{brand.address}/customers/{other['id']}")
    expect(guide.get_by_text("客户不存在").first).to_be_visible()
    expect(guide.get_by_text(other["name"])).to_have_count(0)
    mine = next(one for one in everybody(brand) if one["id"] in own)
    guide.goto(f"{brand.address}/customers/{mine['id']}")
    expect(guide.get_by_role("heading", name=mine["name"]).first).to_be_visible()
