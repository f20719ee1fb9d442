"""An owner connects WeCom in the browser: told what to copy from where, what is wrong before saving, and what is missing afterwards."""

import pytest
from playwright.sync_api import Locator, Page, expect

from siyu.app.demo.stage import OWNER, sign_in
from tests.e2e.conftest import Running, Trouble, log_in
from tests.e2e.test_pages import look_into

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.long]


def test_from_nothing_to_a_connection_that_is_well(empty: Running, page: Page, trouble: Trouble) -> None:
    sign_in(empty.siyu, brand="思屿生活")
    log_in(page, empty.address, *OWNER)
    page.goto(f"{empty.address}/settings/wecom")
    expect(page.get_by_text("还没有接入企业微信").first).to_be_visible()
    page.get_by_role("button", name="接入企业微信").click()
    connect(page.get_by_role("dialog"), empty)
    empty.siyu.wait_until_idle(seconds=300)
    expect(page.get_by_text("全部 22 项")).to_be_visible()
    read_on(page, empty)
    stop_and_go_on(page, empty)
    assert trouble.found == [f"422 {empty.address}/api/corps/test"]  # an address that only the server saw through


def connect(dialog: Locator, running: Running) -> None:
    """A wrong secret is told before anything is saved; then the right one, and the three values for WeCom."""
    address = running.sandbox.address
    dialog.get_by_role("button", name="下一步").click()
    expect(dialog.get_by_text("请填写").first).to_be_visible()
    dialog.get_by_label("名称").fill("思屿生活")
    dialog.get_by_label("企业 ID").fill(address["corp_id"])
    dialog.get_by_label("应用 AgentId").fill(str(address["agent_id"]))
    dialog.get_by_label("应用 Secret").fill("not-the-secret")
    dialog.get_by_label("接口地址").fill("hello")
    dialog.get_by_role("button", name="下一步").click()
    expect(dialog.get_by_text("请填写以 http:// 或 https:// 开头的地址，或留空使用正式接口")).to_be_visible()
    dialog.get_by_label("接口地址").fill("https://host:99999")
    dialog.get_by_role("button", name="下一步").click()
    expect(dialog.get_by_text("接口地址不对")).to_be_visible()
    dialog.get_by_label("接口地址").fill(address["url"])
    dialog.get_by_role("button", name="下一步").click()
    expect(dialog.get_by_text("有 1 项需要先处理")).to_be_visible()
    expect(dialog.get_by_text("Secret 不对、属于别的企业，或应用已停用（40001）")).to_be_visible()
    dialog.get_by_role("button", name="上一步").click()
    expect(dialog.get_by_label("企业 ID")).to_have_value(address["corp_id"])
    dialog.get_by_label("应用 Secret").fill(address["secret"])
    dialog.get_by_role("button", name="下一步").click()
    expect(dialog.get_by_text("测试通过")).to_be_visible()
    assert running.siyu.get("/corps") == []
    dialog.get_by_role("button", name="保存并接入").click()
    expect(dialog.get_by_text("回调地址 URL")).to_be_visible()
    url, token, aes_key = (code.inner_text().strip() for code in dialog.locator("code").all())
    running.sandbox.post("/sandbox/callbacks", {"url": url, "token": token, "aes_key": aes_key})  # the platform's URL check passes
    dialog.get_by_role("button", name="完成").click()


def read_on(page: Page, running: Running) -> None:
    """A right that goes missing is red here and on the first page, in both themes readable."""
    running.sandbox.post("/sandbox/faults", {"kind": "forbidden", "path": "/cgi-bin/externalcontact/get_corp_tag_list", "count": None})
    page.get_by_role("button", name="重新体检").click()
    findings = page.get_by_role("list", name="体检结果")
    expect(findings.get_by_text("企业微信拒绝了这个接口（48002）")).to_be_visible()
    expect(findings.get_by_text("影响：企业标签无法读取和同步")).to_be_visible()
    page.get_by_role("button", name="全部 22 项").click()
    expect(findings.get_by_text("发给自己的签名测试已经收到").first).to_be_visible()
    page.reload()
    expect(findings.get_by_text("发给自己的签名测试已经收到").first).to_be_visible()
    for theme in ("dark", "light"):
        assert look_into(page, theme) == []
    page.goto(running.address)
    page.get_by_role("alert").get_by_role("link", name="去处理").click()
    expect(page.get_by_role("heading", name="企业微信接入").first).to_be_visible()


def stop_and_go_on(page: Page, running: Running) -> None:
    """Three wrong secrets stop the trying until somebody types another; then the connection is switched off and on."""
    (corp,) = running.siyu.get("/corps")
    page.get_by_role("button", name="修改").click()
    page.get_by_role("dialog").get_by_label("应用 Secret").fill("not-the-secret")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    for _ in range(3):
        running.siyu.post(f"/corps/{corp['id']}/sync")
        running.siyu.wait_until_idle(seconds=120)
    page.reload()
    expect(page.get_by_text("Secret 连续三次不对，已停止自动尝试").first).to_be_visible()
    page.get_by_role("button", name="修改").click()
    page.get_by_role("dialog").get_by_label("应用 Secret").fill(running.sandbox.address["secret"])
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_text("已停止自动尝试")).to_have_count(0)
    page.get_by_role("button", name="停用").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="停用").click()
    expect(page.get_by_text("已停用：不同步、不收回调")).to_be_visible()
    page.get_by_role("button", name="启用", exact=True).click()
    expect(page.get_by_role("button", name="立即同步")).to_be_visible()
