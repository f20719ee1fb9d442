"""The console on the running product: an owner logs in and every page of the first layer opens without an error."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from siyu.app.demo.stage import OWNER, bring_orders, connect, mark_as_sandbox, sign_in
from siyu.infra.settings import Settings
from tests.e2e.conftest import PEOPLE, Running

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]
PAGES = {
    "/customers": "客户列表",
    "/segments": "客户分群",
    "/lifecycle": "生命周期",
    "/imports": "数据导入",
    "/broadcasts": "群发",
    "/orders": "订单",
    "/rfm": "RFM 分析",
    "/retention": "留存与营收",
    "/jobs": "作业中心",
    "/settings/audit": "审计日志",
}
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def brand(running: Running) -> Iterator[Running]:
    """The brand with its orders and contacts."""
    sign_in(running.siyu, brand="思屿生活")
    mark_as_sandbox(Settings(home=running.home))
    bring_orders(running.siyu, running.brand)
    connect(running.siyu, running.sandbox, running.address)
    running.siyu.wait_until_idle(seconds=300)
    yield running


@pytest.fixture
def owner(brand: Running, page: Page) -> Page:
    """The owner's browser, logged in by the form."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(brand.address)
    login, password = OWNER
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("link", name="经营概览")).to_be_visible(timeout=PATIENCE_MS)
    return page


def test_every_page_opens(brand: Running, owner: Page) -> None:
    broken: list[str] = []
    owner.on("pageerror", lambda error: broken.append(str(error)))
    owner.on("response", lambda response: broken.append(f"{response.status} {response.url}") if response.status >= 400 else None)
    for path, heading in PAGES.items():
        owner.goto(f"{brand.address}{path}")
        expect(owner.get_by_role("heading", name=heading).first).to_be_visible(timeout=PATIENCE_MS)
        owner.wait_for_load_state("networkidle")
    assert broken == []


def test_home_tells_of_money_and_people(brand: Running, owner: Page) -> None:
    owner.goto(brand.address)
    expect(owner.get_by_text("客单价").first).to_be_visible(timeout=PATIENCE_MS)
    owner.wait_for_load_state("networkidle")
    if os.environ.get("SIYU_SCREENSHOTS"):
        folder = Path(__file__).parents[2] / "docs" / "images"
        folder.mkdir(parents=True, exist_ok=True)
        owner.screenshot(path=folder / "today.zh-CN.png")


def test_the_customer_list_counts_everybody(brand: Running, owner: Page) -> None:
    total = brand.siyu.get("/customers", limit=1)["total"]
    assert total == PEOPLE
    owner.goto(f"{brand.address}/customers")
    expect(owner.get_by_role("row").nth(5)).to_be_visible(timeout=PATIENCE_MS)
