"""A new owner's first hour, in the browser from the set-up page to the result of an own broadcast."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from siyu.app.demo.check import BEGINS
from siyu.app.demo.stage import OWNER, connect, mark_as_sandbox, sign_in
from siyu.infra.settings import Settings
from tests.e2e.conftest import PATIENCE_MS, Running, Trouble

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STEPS = [timedelta(minutes=2), timedelta(minutes=3), timedelta(minutes=25), *[timedelta(hours=1)] * 12, *[timedelta(hours=3)] * 5]
"""The town is stepped through the minute in which the broadcast can be stopped, then through its first day and into the second."""


def test_from_set_up_to_result(empty: Running, page: Page, trouble: Trouble) -> None:
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    set_up(empty, page)
    bring_orders(empty, page)
    connect_the_town(empty)
    name = save_segment(page)
    broadcast_to(page, name)
    live_a_day(empty)
    read_the_result(page)
    trouble.none()


def set_up(running: Running, page: Page) -> None:
    """The first visit asks for a brand and its owner, and ends inside."""
    login, password = OWNER
    page.goto(running.address)
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("请输入品牌名称")).to_be_visible()
    page.get_by_label("品牌名称").fill("思屿生活")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("您的姓名").fill("周经营")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_label("再输一次密码").fill(password)
    page.get_by_role("button", name="创建品牌并登录").click()
    expect(page.get_by_role("link", name="工作台")).to_be_visible()
    expect(page.get_by_text("还没有订单").first).to_be_visible()


def bring_orders(running: Running, page: Page) -> None:
    """The file of the shop: columns guessed, tried, imported."""
    page.get_by_role("link", name="数据导入").first.click()
    page.locator("input[type=file]").set_input_files(running.brand.orders)
    expect(page.get_by_text("哪一列是什么")).to_be_visible()
    page.get_by_role("button", name="试运行").click()
    page.get_by_role("button", name="开始导入").click()
    confirm(page, "开始导入")
    expect(page.get_by_text("导入完成")).to_be_visible()
    page.get_by_role("link", name="看 RFM").click()


def connect_the_town(running: Running) -> None:
    """What an engineer does once: WeCom, callbacks and the shop's key."""
    sign_in(running.siyu, brand="思屿生活")
    mark_as_sandbox(Settings(home=running.home))
    connect(running.siyu, running.sandbox, running.address)
    running.siyu.wait_until_idle(seconds=300)


def save_segment(page: Page) -> str:
    """The best customers, out of the grid of recency and frequency."""
    page.reload()
    expect(page.get_by_role("heading", name="RFM 分析").first).to_be_visible()
    expect(page.get_by_role("table").first.get_by_role("button")).to_have_count(25)
    page.get_by_role("table").first.get_by_role("button").first.click()
    expect(page.get_by_role("link", name="查看客户")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="存为分群：重要价值").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("位客户")).to_be_visible()
    dialog.get_by_label("分群名称").fill("老朋友")
    dialog.get_by_role("button", name="保存为分群").click()
    expect(page.get_by_role("heading", name="老朋友")).to_be_visible()
    return "老朋友"


def broadcast_to(page: Page, segment: str) -> None:
    """Audience, content, estimate, send; a forbidden word is refused before anything is saved."""
    page.get_by_role("link", name="群发").first.click()
    page.get_by_role("link", name="新建群发").first.click()
    page.get_by_label("群发名称").fill("春日上新")
    chooser = page.get_by_label("分群", exact=True)
    chooser.fill(segment)
    expect(page.get_by_title(segment)).to_be_visible()
    chooser.press("Enter")
    expect(page.get_by_text("位客户").or_(page.get_by_text("查看名单")).first).to_be_visible()
    page.get_by_role("button", name="下一步").click()
    text = page.get_by_label("消息内容")
    text.fill("全网最低价，先看：{link}")
    expect(page.get_by_text("含禁用词")).to_be_visible()
    text.fill("新到一批家居好物，老朋友先看：{link}")
    expect(page.get_by_text("含禁用词")).to_have_count(0)
    page.get_by_label("链接", exact=True).fill("https://shop.example.com/new")
    page.get_by_role("spinbutton", name="观察期").fill("1")
    page.get_by_role("spinbutton", name="对照组").fill("20")
    page.get_by_role("button", name="保存并预估").click()
    expect(page.get_by_text("预计发送").first).to_be_visible()
    expect(page.get_by_text("员工确认量").first).to_be_visible()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="发送", exact=True).click()
    confirm(page, "发送")
    expect(page.get_by_role("heading", name="春日上新")).to_be_visible()
    expect(page.get_by_text("之前可以停止")).to_be_visible()


def live_a_day(running: Running) -> None:
    """The town's people confirm, read, open, order."""
    now: datetime = BEGINS
    for step in STEPS:
        now += step
        running.sandbox.post("/sandbox/step", {"until": now.isoformat(), "coalesce": 600})
        running.siyu.wait_until_idle()


def read_the_result(page: Page) -> None:
    """From the audience to the money, and whether the money is the broadcast's doing."""
    page.reload()
    for step in ("分群人数", "对照组", "群发组", "已下发员工", "已送达", "点开链接"):
        assert count_of(page.get_by_role("row", name=step).first) > 0, step
    verdict = page.get_by_text("已证明有效").or_(page.get_by_text("未证明", exact=True)).or_(page.get_by_text("有害", exact=True))
    expect(verdict.first).to_be_visible()


def count_of(row: Locator) -> int:
    return int(row.get_by_role("link").inner_text().replace(",", ""))


def confirm(page: Page, act: str) -> None:
    """The dialog that names how many are touched acts only after a tick."""
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=act)).to_be_disabled()
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name=act).click()
