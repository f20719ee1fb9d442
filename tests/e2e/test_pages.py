"""Every page of the console on the running product: opens from its address, is readable by everybody, in both themes and languages."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from siyu.app.demo.stage import OWNER
from tests.e2e.conftest import PEOPLE, Running, Trouble, log_in

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = {
    "/": "您好",
    "/customers": "客户列表",
    "/segments": "客户分群",
    "/groups": "客户群",
    "/tags": "客户标签",
    "/ways": "渠道码",
    "/ways?tab=join": "渠道码",
    "/lifecycle": "生命周期",
    "/losses": "流失分析",
    "/handovers": "客户继承",
    "/handovers?tab=resigned": "客户继承",
    "/handovers?tab=groups": "客户继承",
    "/handovers/groups/new": "把群转给其他群主",
    "/handovers/new": "新建在职继承",
    "/imports": "数据导入",
    "/broadcasts": "群发",
    "/broadcasts/new": "新建群发",
    "/welcomes": "欢迎语",
    "/published": "企业微信里发出的内容",
    "/published?tab=sends": "企业微信里发出的内容",
    "/orders": "订单",
    "/albums": "商品图册",
    "/markings": "打标签记录",
    "/rfm": "RFM 分析",
    "/retention": "留存与营收",
    "/statistics": "员工联系客户统计",
    "/statistics?tab=groups": "员工联系客户统计",
    "/jobs": "作业中心",
    "/settings/staff": "员工与部门",
    "/settings/accounts": "账号与角色",
    "/settings/wecom": "企业微信接入",
    "/settings/alerts": "提醒",
    "/settings/sending-rules": "发送规则",
    "/settings/intake": "事件接入",
    "/settings/intake?tab=parked": "事件接入",
    "/settings/sources": "接口密钥",
    "/settings/audit": "审计日志",
    "/settings/brand": "品牌设置",
    "/account": "我的账号",
}
RULES = {"light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "dark": ["color-contrast"]}  # of all rules, one alone looks at colours


@pytest.fixture
def owner(brand: Running, page: Page) -> Page:
    """The owner's browser, logged in by the form."""
    log_in(page, brand.address, *OWNER)
    return page


def look_into(page: Page, theme: str) -> list[str]:
    """What axe finds on the page in a theme, in words."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)
    page.wait_for_function("() => document.getAnimations().every(one => !(one instanceof CSSTransition))")  # colours on their way are no colours
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES[theme])
    return [f"{one['id']}: {node['target']} {node['failureSummary'][:300]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.long
def test_every_page_opens_and_stands_in_nobodys_way(brand: Running, owner: Page, trouble: Trouble) -> None:
    """No error of page or server; WCAG 2.2 AA by axe, in both themes."""
    found: dict[str, list[str]] = {}
    for path, heading in PAGES.items():
        owner.goto(f"{brand.address}{path}")
        expect(owner.get_by_role("heading", name=heading).first).to_be_visible()
        owner.wait_for_load_state("networkidle")
        for theme in ("light", "dark"):
            found[f"{path} {theme}"] = look_into(owner, theme)
    assert {where: problems for where, problems in found.items() if problems} == {}
    trouble.none()


def test_home_tells_of_money_and_people(brand: Running, owner: Page) -> None:
    owner.goto(brand.address)
    expect(owner.get_by_text("客单价").first).to_be_visible()
    owner.get_by_role("button", name="不再显示").click()
    owner.wait_for_load_state("networkidle")
    if os.environ.get("SIYU_SCREENSHOTS"):
        folder = ROOT / "docs" / "images"
        folder.mkdir(parents=True, exist_ok=True)
        owner.screenshot(path=folder / "today.zh-CN.png")


def test_the_customer_list_counts_everybody(brand: Running, owner: Page) -> None:
    total = brand.siyu.get("/customers", limit=1)["total"]
    assert total >= PEOPLE
    owner.goto(f"{brand.address}/customers")
    expect(owner.get_by_text(f"共 {total:,} 位客户")).to_be_visible()


def test_an_address_that_leads_nowhere_leads_home(brand: Running, owner: Page) -> None:
    owner.goto(f"{brand.address}/no-such-page")
    owner.get_by_role("main").get_by_role("link", name="回到工作台").click()
    expect(owner.get_by_role("heading", name="您好").first).to_be_visible()


@pytest.mark.long
def test_english(brand: Running, owner: Page, trouble: Trouble) -> None:
    """No Chinese is left on the English pages but what people have written themselves."""
    owner.evaluate("() => localStorage.setItem('siyu.language', 'en-US')")
    for path in PAGES:
        owner.goto(f"{brand.address}{path}")
        expect(owner.get_by_role("heading").first).to_be_visible()
        owner.wait_for_load_state("networkidle")
        words = owner.get_by_role("navigation").first.inner_text() + owner.get_by_role("heading", level=1).first.inner_text()
        assert path == "/" or not any("一" <= sign <= "鿿" for sign in words), (path, words)
    trouble.none()
