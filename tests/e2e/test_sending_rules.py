"""The limits for all broadcasts at the console."""

import pytest
from playwright.sync_api import Page, expect

from siyu.app.demo.stage import OWNER
from tests.e2e.conftest import Running, Trouble, log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def choose(page: Page, choice: str) -> None:
    page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden)").get_by_title(choice, exact=True).click()


def test_are_changed_and_stay_changed(brand: Running, page: Page, trouble: Trouble) -> None:
    before = brand.siyu.get("/sending-rules")
    log_in(page, brand.address, *OWNER)
    page.goto(f"{brand.address}/settings/sending-rules")
    page.get_by_role("combobox", name="免打扰时段").fill("22:30")
    choose(page, "22:30")
    page.get_by_label("每位客户每自然周最多营销消息").fill("2")
    page.get_by_role("combobox", name="企业微信的接收规则").click()
    choose(page, "每天最多 1 条")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存")).to_be_visible()
    assert brand.siyu.get("/sending-rules") == before | {"quiet_start": "22:30:00", "promotions_a_week": 2, "receiver_rule": "daily"}
    page.reload()
    expect(page.get_by_text("22:30")).to_be_visible()
    expect(page.get_by_text("每天最多 1 条")).to_be_visible()
    assert brand.siyu.put("/sending-rules", before) == before
    trouble.none()
