"""Giving customers to a colleague at the console: whose, to whom, a look, and what became of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from siyu.app.demo.stage import OWNER
from tests.e2e.conftest import Running, Trouble, log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def owner(brand: Running, page: Page) -> Page:
    log_in(page, brand.address, *OWNER)
    return page


def choose(page: Page, label: str, name: str) -> None:
    """A member in a list that opens."""
    page.get_by_label(label).fill(name)
    page.get_by_label(label).press("Enter")
    page.keyboard.press("Escape")


def test_some_customers_go_to_a_colleague(brand: Running, owner: Page, trouble: Trouble) -> None:
    staff = sorted(brand.siyu.get("/staff", limit=200)["items"], key=lambda one: one["customers"] or 0)
    giver, taker = staff[-1], staff[-2]
    owner.goto(f"{brand.address}/handovers")
    owner.get_by_role("link", name="新建在职继承").first.click()
    choose(owner, "转出员工", giver["name"])
    owner.get_by_label("选择客户").check()
    expect(owner.get_by_role("button", name="下一步")).to_be_disabled()
    for row in (1, 2):
        owner.get_by_role("table", name="选择客户").get_by_role("checkbox").nth(row).check()
    expect(owner.get_by_text("已选 2 人")).to_be_visible()
    owner.get_by_role("button", name="下一步").click()
    choose(owner, "接替员工", taker["name"])
    owner.get_by_label("原因").fill("换店")
    owner.get_by_role("button", name="下一步").click()
    expect(owner.get_by_text("其中 2 位可以转交")).to_be_visible()
    owner.get_by_role("button", name="开始转交").click()
    owner.get_by_label("我已核对人数").check()
    owner.get_by_role("dialog").get_by_role("button", name="开始转交").click()
    expect(owner.get_by_role("heading", name=re.compile(f"{giver['name']} → {taker['name']}"))).to_be_visible()
    expect(owner.get_by_role("row").filter(has_text="等待生效")).to_have_count(2)
    owner.reload()
    expect(owner.get_by_role("row").filter(has_text="等待生效")).to_have_count(2)
    trouble.none()


def test_groups_go_to_another_owner(brand: Running, owner: Page, trouble: Trouble) -> None:
    staff = sorted(brand.siyu.get("/staff", limit=200)["items"], key=lambda one: one["groups"] or 0)
    giver, taker = staff[-1], next(one for one in staff if not one["hindrance"] and not one["groups"])
    owner.goto(f"{brand.address}/handovers?tab=groups")
    owner.get_by_role("link", name="新建群继承").click()
    choose(owner, "原群主", giver["name"])
    choose(owner, "新群主", taker["name"])
    expect(owner.get_by_text(f"可以转给 {taker['name']}")).to_be_visible()
    owner.get_by_role("button", name="开始转交").click()
    owner.get_by_label("我已核对群的数量").check()
    owner.get_by_role("dialog").get_by_role("button", name="开始转交").click()
    expect(owner.get_by_role("heading", name=re.compile(f"{giver['name']} → {taker['name']}"))).to_be_visible()
    expect(owner.get_by_role("row").filter(has_text="已继承").first).to_be_visible()
    trouble.none()


def test_whoever_wanted_some_never_gets_all_after_a_reload(brand: Running, owner: Page) -> None:
    giver = max(brand.siyu.get("/staff", limit=200)["items"], key=lambda one: one["customers"] or 0)
    owner.goto(f"{brand.address}/handovers/new?giver={giver['id']}&which=some&takers={giver['id']}&step=confirm")
    expect(owner.get_by_role("heading", name="谁的客户")).to_be_visible()
    expect(owner.get_by_text("已选 0 人")).to_be_visible()
