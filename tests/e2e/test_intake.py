"""A public key, events of a page, what they mean, and one that could not be taken."""

import base64

import httpx
import pytest
from playwright.sync_api import Page, expect

from siyu.app.demo.stage import OWNER
from tests.e2e.conftest import Running, Trouble, log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def send(address: str, key: str, **message: object) -> None:
    basic = base64.b64encode(f"{key}:".encode()).decode()
    assert httpx.post(f"{address}/v1/track", json=message, headers={"authorization": f"Basic {basic}"}).status_code == 200


def test_from_a_key_to_a_declared_event(brand: Running, page: Page, trouble: Trouble) -> None:
    log_in(page, brand.address, *OWNER)
    page.goto(f"{brand.address}/settings/sources")
    page.get_by_role("button", name="新建密钥").first.click()
    page.get_by_label("来源", exact=True).fill("官网页面")
    page.get_by_label("公开写入密钥").check()
    page.get_by_role("dialog").get_by_role("button", name="新建密钥").click()
    key = page.get_by_role("dialog").locator("code").inner_text().strip()
    assert key.startswith("pk_")
    page.get_by_role("button", name="我已保存").click()
    expect(page.get_by_role("row").filter(has_text="官网页面")).to_contain_text("公开写入密钥")
    for points in (20, 30):
        send(brand.address, key, anonymousId="a1", event="Points Claimed", properties={"points": points})
    send(brand.address, key, anonymousId="a1", event="Too Early", timestamp="1970-01-01T00:00:00Z")
    page.goto(f"{brand.address}/settings/intake")
    row = page.get_by_role("row").filter(has_text="Points Claimed")
    expect(row).to_contain_text("未登记")
    row.get_by_role("button", name="登记 Points Claimed").click()
    page.get_by_label("含义", exact=True).first.fill("领取积分")
    page.get_by_role("button", name="添加字段").click()
    page.get_by_label("字段名").fill("points")
    page.get_by_role("dialog").get_by_label("含义", exact=True).last.fill("领取的积分")
    page.get_by_label("单位").fill("分")
    expect(page.get_by_role("dialog")).to_contain_text('"points"')
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(row).to_contain_text("领取积分")
    (told,) = [one for one in brand.siyu.get("/event-names") if one["name"] == "Points Claimed"]
    assert told["events"] == 2 and told["fields"] == {"points": {"meaning": "领取的积分", "unit": "分"}}
    page.get_by_role("tab", name="搁置的消息").click()
    late = page.get_by_role("row").filter(has_text="时间早于 2000 年")
    expect(late).to_contain_text("Too Early")
    late.get_by_role("button", name="重放").click()
    page.get_by_label("按收到的时间（发送方时钟有误时）").check()
    page.get_by_role("dialog").get_by_role("button", name="重放").click()
    expect(page.get_by_text("没有搁置的消息")).to_be_visible()
    assert "Too Early" in {one["name"] for one in brand.siyu.get("/event-names")}
    trouble.none()
