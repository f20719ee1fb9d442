"""A person at the sandbox's own page, in the browser: a customer, a member of staff, the one who makes it fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from siyu.connectors.wecom import AcquisitionLink, ChatTemplate, ContactWay, LinkAttachment, MsgTemplate, open_push, parse
from tests.connectors.wecom.conftest import Place, builder
from tests.connectors.wecom.neighbours import Heard, Neighbour, neighbour
from tests.connectors.wecom.test_pushes import QUICK, Receiver, listening
from tests.e2e.conftest import PATIENCE_MS, Trouble
from tests.e2e.test_pages import AXE, RULES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MARKUP = "<img src=x onerror=\"document.title='broken'\">"


@pytest.fixture
def other() -> Iterator[Neighbour]:
    with neighbour() as told:
        yield told


@pytest.fixture
def place(tmp_path: Path, other: Neighbour) -> Iterator[Place]:
    """A town whose clock stands, an app that greets whoever comes, a shop that is told, a code on the wall."""
    with builder(tmp_path) as build:
        place = build(push=QUICK, scenario={"shop": {"refund_rate": 0.0}})
        app = GreetingApp(place, other)
        listening(place, other)
        other.answer = app.answer
        place.post("shop", url=f"{other.url}/orders", key="shop-key")
        place.client.add_contact_way(ContactWay(("guide0301",), state="spring", remark="门店海报"))
        place.client.add_acquisition_link(AcquisitionLink("直播间", ("guide0201",)))
        yield place


class GreetingApp(Receiver):
    """What any software of a brand does: it hears of a new customer and says the first words."""

    def __init__(self, place: Place, other: Neighbour) -> None:
        super().__init__(other, place.address.corp_id)
        self.place, self.url = place, other.url

    def answer(self, heard: Heard) -> tuple[int, bytes]:
        if heard.path != "/wecom":
            return 200, b"ok"
        answer = super().answer(heard)
        if heard.method == "POST":
            signed = {name: heard.query[name] for name in ("msg_signature", "timestamp", "nonce")}
            event = parse(open_push(self.keys, heard.body, **signed))
            if event.text("WelcomeCode"):
                self.place.client.send_welcome(event.text("WelcomeCode"), "欢迎来到思屿", (LinkAttachment("新人礼", f"{self.url}/t/gift"),))
        return answer


def enter(page: Page, place: Place, view: str = "") -> None:
    """By the link that the terminal shows."""
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page.goto(place.address.page)
    expect(page.get_by_role("heading", name="扮演客户")).to_be_visible()
    if view:
        page.get_by_role("navigation", name="页面").get_by_role("link", name=view).click()


def be(page: Page, kind: str, id: str) -> None:
    page.get_by_label(f"找{kind}").first.fill(id)
    people = page.get_by_role("complementary", name=f"{kind}列表").get_by_role("link")
    expect(people).to_have_count(1)
    people.click()


def test_a_customer_scans_is_greeted_chats_orders_and_leaves(place: Place, other: Neighbour, page: Page, trouble: Trouble) -> None:
    customer = next(one for one in place.get("books/people") if place.get(f"books/people/{one['external_userid']}")["friends"][0]["userid"] != "guide0301")
    enter(page, place)
    be(page, "客户", customer["external_userid"])
    expect(page.get_by_role("heading", name=customer["name"])).to_be_visible()
    page.get_by_label("活码、获客链接、群活码").select_option(label="活码 · 门店海报 · guide0301")
    page.get_by_role("button", name="扫码", exact=True).click()
    expect(page.get_by_text("已添加 guide0301")).to_be_visible()
    page.get_by_role("list", name="加过的员工").get_by_role("link", name="guide0301").click()
    chat = page.get_by_role("list", name="消息")
    expect(chat.get_by_text("欢迎来到思屿")).to_be_visible()
    chat.get_by_role("button", name="打开链接").click()
    expect(page.get_by_text("已打开，页面答复 HTTP 200")).to_be_visible()
    expect(chat.get_by_role("button", name="已打开")).to_be_disabled()
    page.get_by_label("发消息").fill(f"谢谢 {MARKUP}")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(chat.get_by_text(MARKUP)).to_be_visible()
    page.get_by_role("button", name="下单", exact=True).click()
    expect(page.get_by_text("对方答复 HTTP 200")).to_be_visible()
    page.get_by_role("button", name="删除该员工").click()
    expect(page.get_by_role("list", name="加过的员工").get_by_text("客户已删除员工")).to_be_visible()
    page.get_by_label("发消息").fill("还在吗")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("他们不是好友")
    assert [heard.path for heard in other.heard if heard.path != "/wecom"] == ["/t/gift", "/orders"]
    assert page.title() != "broken"
    assert [one for one in trouble.found if "/sandbox/messages" not in one] == []


def test_a_member_confirms_a_broadcast_notes_tags_and_confirms_a_half_friend(place: Place, page: Page, trouble: Trouble) -> None:
    sender = place.busiest()
    customer, second = place.customers_of(sender)[:2]
    name = next(one["name"] for one in place.get("books/people") if one["external_userid"] == customer)
    place.client.add_msg_template(MsgTemplate(sender, (customer, second), "周末有新品"))
    stranger = next(one for one in place.get("books/people") if one["external_userid"] not in place.customers_of(sender))
    place.post("acts", act="add", userid=sender, external_userid=stranger["external_userid"], half=True)
    enter(page, place, "员工")
    be(page, "员工", sender)
    page.get_by_role("button", name="确认发送").click()
    expect(page.get_by_text("2/2 位收到")).to_be_visible()
    page.get_by_role("list", name="客户").get_by_role("link", name=name).first.click()
    page.get_by_label("备注名").fill("<b>王姐</b>")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("list", name="客户").get_by_text("<b>王姐</b>")).to_be_visible()
    tag = page.get_by_role("group", name="企业标签").get_by_role("checkbox", checked=False).first
    tag.check()
    expect(page.get_by_text("已保存，已回调应用")).to_be_visible()
    page.get_by_role("list", name="客户").get_by_role("link", name=stranger["name"]).first.click()
    page.get_by_role("button", name="确认好友").click()
    expect(page.get_by_role("list", name="消息").get_by_text("欢迎来到思屿")).to_be_visible()
    page.goto(f"{place.address.url}/sandbox/#customers/{customer}/{sender}")
    expect(page.get_by_role("list", name="消息").get_by_text("周末有新品")).to_be_visible()
    trouble.none()


def test_an_owner_confirms_a_send_to_groups(place: Place, page: Page, trouble: Trouble) -> None:
    owner = place.client.group_chat(next(place.client.group_chats()).chat_id).owner
    count = len(list(place.client.group_chats([owner])))
    place.client.add_msg_template(ChatTemplate(owner, (), "本周团购开始了"))
    enter(page, place, "员工")
    be(page, "员工", owner)
    expect(page.get_by_text(f"{count} 个客户群")).to_be_visible()
    page.get_by_role("button", name="确认发送").click()
    expect(page.get_by_text(f"{count}/{count} 个群收到")).to_be_visible()
    trouble.none()


def test_time_faults_callbacks_and_books(place: Place, page: Page, trouble: Trouble) -> None:
    enter(page, place, "故障")
    page.get_by_role("button", name="开启 push_lost").click()
    expect(page.get_by_role("button", name="关闭 push_lost")).to_be_visible()
    page.get_by_role("button", name="全部关闭").click()
    expect(page.get_by_text("没有开启任何故障")).to_be_visible()
    page.get_by_role("button", name="换成随机一组").click()
    expect(page.get_by_text("平台时钟偏差")).to_be_visible()
    page.get_by_role("button", name="全部关闭").click()
    expect(page.get_by_text("没有开启任何故障")).to_be_visible()
    sender = place.busiest()
    place.post("acts", act="customer_deletes", userid=sender, external_userid=place.customers_of(sender)[0])
    page.get_by_role("link", name="回调").click()
    expect(page.get_by_text("change_external_contact/del_follow_user")).to_be_visible()
    expect(page.get_by_text("已送达")).to_be_visible()
    page.get_by_role("button", name="再推一次").click()
    expect(page.get_by_text("已送达")).to_have_count(2)
    page.get_by_role("link", name="账本").click()
    expect(page.get_by_role("row", name="客户数 40")).to_be_visible()
    before = page.locator("time").inner_text()
    page.get_by_role("button", name="+1 小时").click()
    expect(page.locator("time")).not_to_have_text(before)
    expect(page.get_by_text("每位客户每月最多收到当月天数那么多条")).to_be_visible()
    trouble.none()


def test_without_the_key_it_asks_for_it_in_the_language_of_the_browser(place: Place, page: Page) -> None:
    page.goto(f"{place.address.url}/sandbox")
    page.get_by_label("控制密钥").fill("wrong")
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("alert")).to_have_text("这个密钥不对")
    page.get_by_role("button", name="English").click()
    page.get_by_label("Control key").fill(place.address.control_key)
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("heading", name="Be a customer")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en-US"


@pytest.mark.long
@pytest.mark.parametrize(("width", "theme"), [(375, "light"), (1440, "dark")])
def test_it_is_readable_by_everybody_at_any_width(place: Place, page: Page, width: int, theme: Literal["light", "dark"]) -> None:
    """Nothing stands out of the page; WCAG 2.2 AA by axe."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    sender = place.busiest()
    customer = place.customers_of(sender)[0]
    place.client.add_msg_template(MsgTemplate(sender, (customer,), f"周末有新品 {other_link(place)}"))
    place.post("confirm")
    place.client.add_msg_template(MsgTemplate(sender, (customer,), "第二条"))
    enter(page, place)
    found = {}
    for view in ("customers", f"customers/{customer}/{sender}", f"staff/{sender}/{customer}", "faults", "callbacks", "books"):
        page.goto(f"{place.address.url}/sandbox/#{view}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
        page.evaluate(AXE.read_text())
        told = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES["light"])["violations"]
        found[view] = [f"{one['id']}: {node['target']} {node['failureSummary'][:300]}" for one in told for node in one["nodes"]]
    assert {view: problems for view, problems in found.items() if problems} == {}


def other_link(place: Place) -> str:
    return f"{place.address.url}/shop/spring"


def test_long_lists_are_read_on_and_who_was_handed_on_is_told_from_who_was_deleted(tmp_path: Path, page: Page, trouble: Trouble) -> None:
    with builder(tmp_path) as build:
        place = build(scenario={"customers": 70, "customer": {"refuse_handover_rate": 0.0}})
        giver = place.busiest()
        moved, deleted = place.customers_of(giver)[:2]
        place.client.hand_over(giver, "service01", (moved,))
        place.post("step", seconds=86_400)
        place.post("acts", act="staff_deletes", userid=giver, external_userid=deleted)
        enter(page, place)
        people = page.get_by_role("complementary", name="客户列表").get_by_role("link")
        expect(people).to_have_count(50)
        page.get_by_role("button", name="再显示 50 位").click()
        expect(people).to_have_count(70)
        expect(page.get_by_role("button", name="再显示")).to_have_count(0)
        page.get_by_role("navigation", name="页面").get_by_role("link", name="员工").click()
        be(page, "员工", giver)
        customers = page.get_by_role("list", name="客户")
        expect(customers.get_by_text("已转交")).to_have_count(1)
        expect(customers.get_by_text("员工已删除客户")).to_have_count(1)
        trouble.none()
