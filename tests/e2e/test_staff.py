"""Who may serve customers at the console: departments, reasons, and the switches of notices of losses."""

import re

import pytest
from playwright.sync_api import Page, expect

from siyu.app.demo.stage import OWNER
from tests.e2e.conftest import Running, Trouble, log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def owner(brand: Running, page: Page) -> Page:
    log_in(page, brand.address, *OWNER)
    return page


def test_a_department_a_reason_and_the_way_to_customers(brand: Running, owner: Page, trouble: Trouble) -> None:
    department = next(one for one in brand.siyu.get("/departments") if one["depth"] == 2 and one["staff"] > 1)
    inside = brand.siyu.get("/staff", department_id=department["id"], limit=200)["items"]
    hindered = brand.siyu.get("/staff", hindrance="no_permission", limit=200)["items"]
    owner.goto(f"{brand.address}/settings/staff")
    owner.get_by_role("navigation", name="部门").get_by_role("link", name=department["name"], exact=True).click()
    expect(owner.get_by_role("table", name="员工与部门").locator("tbody tr[data-row-key]")).to_have_count(len(inside))
    owner.get_by_role("link", name="全部成员").click()
    owner.goto(f"{brand.address}/settings/staff?hindrance=no_permission")
    expect(owner.get_by_role("table", name="员工与部门").locator("tbody tr[data-row-key]")).to_have_count(len(hindered))
    busiest = max(inside, key=lambda one: one["customers"] or 0)
    owner.goto(f"{brand.address}/settings/staff?q={busiest['userid']}")
    owner.get_by_role("row").filter(has_text=busiest["name"]).get_by_role("link", name=str(busiest["customers"]), exact=True).click()
    expect(owner).to_have_url(re.compile(rf"/customers\?.*staff_id={busiest['id']}"))
    trouble.none()


def test_a_kind_of_notice_is_switched_off_and_stays_off(brand: Running, owner: Page, trouble: Trouble) -> None:
    owner.goto(f"{brand.address}/settings/alerts")
    switch = owner.get_by_role("switch", name="员工删除了客户")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    expect(switch).to_be_enabled()
    owner.reload()
    expect(owner.get_by_role("switch", name="员工删除了客户")).not_to_be_checked()
    expect(owner.get_by_role("switch", name="客户退出了客户群")).to_be_checked()
    trouble.none()
