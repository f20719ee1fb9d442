"""First words in the browser: written, said to whoever scans a code, counted, switched off."""

import pytest
from playwright.sync_api import Page, expect

from siyu.app.demo.stage import OWNER
from siyu.connectors.wecom import ClientSettings, ContactWay, Credentials, WeCom
from tests.e2e.conftest import Running, Trouble, log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TEXT = "欢迎来到思屿生活，有事随时找我"


def test_a_stranger_who_scans_a_code_is_greeted(brand: Running, page: Page, trouble: Trouble) -> None:
    log_in(page, brand.address, *OWNER)
    page.get_by_role("link", name="欢迎语").first.click()
    expect(page.get_by_text("还没有欢迎语")).to_be_visible()
    expect(page.get_by_text("近 30 天没有新客户带来欢迎码")).to_be_visible()
    write(page)
    scan(brand)
    page.reload()
    expect(page.get_by_role("row", name="客户已收到")).to_contain_text("1")
    (greeted,) = [row for row in brand.sandbox.get("/sandbox/books/welcomes") if row["text"]]
    assert (greeted["text"], greeted["attachments"][0]["link"]["title"]) == (TEXT, "本周新品")
    switch_off(page)
    trouble.none()


def write(page: Page) -> None:
    """With a forbidden word, which stays here, and half a card, which is told; then as it should be."""
    page.get_by_role("button", name="新建欢迎语").click()
    drawer = page.get_by_role("dialog")
    text = drawer.get_by_label("欢迎语", exact=True)
    text.fill("全网最低价，欢迎光临")
    expect(drawer.get_by_text("含禁用词")).to_be_visible()
    text.fill(TEXT)
    expect(drawer.get_by_text("含禁用词")).to_have_count(0)
    drawer.get_by_label("链接标题").fill("本周新品")
    drawer.get_by_role("button", name="保存").click()
    expect(drawer.get_by_text("有链接标题，请填写链接")).to_be_visible()
    drawer.get_by_label("链接", exact=True).fill("https://shop.example.com/new")
    expect(drawer.get_by_label("手机预览").get_by_text(TEXT)).to_be_visible()
    drawer.get_by_role("button", name="保存").click()
    expect(drawer).to_have_count(0)
    expect(page.get_by_role("row", name=TEXT)).to_contain_text("所有来源")


def scan(brand: Running) -> None:
    """A stranger to some member of staff adds them by a code."""
    address = brand.sandbox.address
    credentials = Credentials(address["corp_id"], address["secret"], address["agent_id"])
    with WeCom(credentials, ClientSettings(base_url=address["url"])) as wecom:
        member, *others = wecom.follow_users()
        known = set(wecom.external_userids(member))
        stranger = next(customer for other in others for customer in wecom.external_userids(other) if customer not in known)
        made = wecom.add_contact_way(ContactWay((member,), state="browser"))
    brand.sandbox.post("/sandbox/acts", {"act": "scan", "config_id": made.config_id, "external_userid": stranger})
    step = {"open_pushes": 1}
    while step["open_pushes"]:
        step = brand.sandbox.post("/sandbox/step", {"seconds": 0})
    brand.siyu.wait_until_idle()


def switch_off(page: Page) -> None:
    """After a tick; it can be switched on again."""
    page.get_by_role("row", name=TEXT).get_by_role("button", name="停用").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("我知道后果，确认执行").check()
    dialog.get_by_role("button", name="停用").click()
    expect(page.get_by_role("row", name=TEXT)).to_contain_text("已停用")
    expect(page.get_by_role("row", name=TEXT).get_by_role("button", name="启用")).to_be_visible()
