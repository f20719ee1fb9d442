"""A guide logs in with WeCom: from the log-in page over WeCom's own (the sandbox's) to her first page."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Running, Trouble
from tests.e2e.test_pages import look_into

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_guide_comes_in_and_a_stranger_is_told_why_not(brand: Running, page: Page, trouble: Trouble) -> None:
    members = brand.siyu.get("/staff", limit=50)["items"]
    guide = next(member for member in members if member["position"] == "导购")
    account = {"login": "xiaolin", "name": "小林", "role": "guide", "password": "plum-blossom-in-spring", "staff_id": guide["id"]}
    brand.open_account(account)
    page.goto(f"{brand.address}/customers")
    expect(page.get_by_role("link", name="企业微信登录")).to_be_visible()
    assert look_into(page, "light") == []
    page.get_by_role("link", name="企业微信登录").click()
    other = next(member for member in members if member["position"] == "导购" and member["id"] != guide["id"])
    page.get_by_role("link", name=other["name"]).first.click()
    expect(page.get_by_text("您还没有账号")).to_be_visible()
    page.get_by_role("link", name="企业微信登录").click()
    page.locator(f"a[href*='userid={guide['userid']}']").click()
    expect(page.get_by_role("heading", name="经营概览").or_(page.get_by_text("小林")).first).to_be_visible()
    trouble.none()
