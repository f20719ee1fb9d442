"""What is typed into a broadcast stays until it is sent, and what is decided on is what was shown."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Running, log_in
from tests.e2e.test_first_turn import confirm

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.long]
APPROVER = {"login": "admin-chen", "name": "陈审批", "role": "admin", "password": "an-admin-of-the-brand-2026"}
PARTNER = {"login": "owner-li", "name": "李老板", "role": "owner", "password": "the-other-owner-of-the-brand"}
"""Ten sessions are an account's most: whoever logs in once a test must not be the one that speaks for the tests."""
SUPERVISOR = {"login": "manager-zhao", "name": "赵店长", "role": "supervisor", "password": "the-manager-of-one-shop-2026"}
TEXT, OTHER = "春茶到店，老朋友先尝", "别的话，给别的人"


@pytest.fixture(scope="module")
def segment(brand: Running) -> Any:
    return brand.siyu.post("/segments", {"name": "老朋友们", "filter": {"contact": "yes"}})


@pytest.fixture(scope="module")
def buyers(brand: Running) -> Any:
    return brand.siyu.post("/segments", {"name": "买过的人", "filter": {"ordered": "yes"}})


@pytest.fixture(scope="module")
def partner(brand: Running) -> None:
    brand.open_account(PARTNER)


@pytest.fixture
def owner(brand: Running, partner: None, page: Page) -> Page:
    log_in(page, brand.address, PARTNER["login"], PARTNER["password"])
    return page


@pytest.fixture
def approval(brand: Running) -> Iterator[None]:
    """Every broadcast waits for a second person."""
    before = brand.siyu.get("/tenant")["approval_above"]
    change(brand, "/tenant", approval_above=0)
    yield
    change(brand, "/tenant", approval_above=before)


def change(brand: Running, path: str, **fields: Any) -> None:
    answer = brand.siyu.http.patch(path, json=fields)
    assert answer.status_code == 200, answer.text


def material(brand: Running, text: str) -> Any:
    return brand.siyu.post("/materials", {"title": "春茶", "text": text})


def draft(brand: Running, segment: Any, name: str, text: str = TEXT) -> str:
    order = {"name": name, "segment_id": segment["id"], "material_id": material(brand, text)["id"], "holdout_bp": 0}
    return str(brand.siyu.post("/broadcasts", order)["id"])


class TestWhatIsTypedStays:
    def test_of_a_new_one_for_a_segment(self, brand: Running, owner: Page, segment: Any) -> None:
        owner.goto(f"{brand.address}/broadcasts/new?segment={segment['id']}")
        owner.get_by_label("群发名称").fill("春日上新")
        owner.get_by_role("link", name="查看名单").click()
        expect(owner.get_by_role("heading", name="老朋友们")).to_be_visible()
        owner.go_back()
        expect(owner.get_by_label("群发名称")).to_have_value("春日上新")
        owner.get_by_role("button", name="下一步").click()
        owner.get_by_label("消息内容").fill("先看：{link}")
        owner.get_by_label("链接", exact=True).fill("https://shop.example.com/new")
        owner.reload()
        expect(owner.get_by_label("消息内容")).to_have_value("先看：{link}")
        expect(owner.get_by_label("链接", exact=True)).to_have_value("https://shop.example.com/new")
        owner.get_by_role("button", name="上一步").click()
        expect(owner.get_by_label("群发名称")).to_have_value("春日上新")

    def test_each_address_keeps_its_own(self, brand: Running, owner: Page, segment: Any, buyers: Any) -> None:
        owner.goto(f"{brand.address}/broadcasts/new?segment={segment['id']}")
        owner.get_by_label("群发名称").fill("给老朋友")
        expect(owner.get_by_title("老朋友们")).to_be_visible()
        choose(owner, "买过的人")
        expect(owner).to_have_url(f"{brand.address}/broadcasts/new?segment={buyers['id']}")
        owner.reload()
        expect(owner.get_by_label("群发名称")).to_have_value("给老朋友")
        expect(owner.get_by_title("买过的人")).to_be_visible()
        for address in (f"?segment={segment['id']}", ""):
            owner.goto(f"{brand.address}/broadcasts/new{address}")
            expect(owner.get_by_label("群发名称")).to_have_value("")

    def test_of_a_draft_that_the_server_has(self, brand: Running, owner: Page, segment: Any) -> None:
        one, two = draft(brand, segment, "第一稿"), draft(brand, segment, "第二稿")
        owner.goto(f"{brand.address}/broadcasts/new?draft={one}&step=content")
        owner.get_by_label("消息内容").fill("改到一半")
        owner.reload()
        expect(owner.get_by_label("消息内容")).to_have_value("改到一半")
        owner.goto(f"{brand.address}/broadcasts/new?draft={two}&step=content")
        expect(owner.get_by_label("消息内容")).to_have_value(TEXT)
        owner.goto(f"{brand.address}/broadcasts/new?draft={one}&step=content")
        owner.get_by_role("button", name="保存并预估").click()
        expect(owner.get_by_text("预计发送").first).to_be_visible()
        assert brand.siyu.get(f"/broadcasts/{one}")["material"]["text"] == "改到一半"

    def test_of_the_time_of_sending(self, brand: Running, owner: Page, segment: Any) -> None:
        id = draft(brand, segment, "明天再发")
        owner.goto(f"{brand.address}/broadcasts/new?draft={id}&step=send")
        owner.get_by_label("定时发送").check()
        expect(owner.get_by_role("button", name="发送", exact=True)).to_be_disabled()
        moment = owner.get_by_role("textbox", name="发送时间")
        moment.fill("2026-03-03 10:00")
        moment.press("Enter")
        expect(owner.get_by_role("button", name="发送", exact=True)).to_be_enabled()
        owner.reload()
        expect(moment).to_have_value("2026-03-03 10:00")
        owner.get_by_role("button", name="发送", exact=True).click()
        confirm(owner, "发送")
        expect(owner).to_have_url(f"{brand.address}/broadcasts/{id}")
        found = brand.siyu.get(f"/broadcasts/{id}")
        assert (found["state"], found["send_at"]) == ("scheduled", "2026-03-03T02:00:00Z")

    def test_when_the_session_ends(self, brand: Running, owner: Page, segment: Any) -> None:
        owner.goto(f"{brand.address}/broadcasts/new?segment={segment['id']}")
        owner.get_by_label("群发名称").fill("登录过期")
        owner.get_by_role("button", name="下一步").click()
        owner.get_by_label("消息内容").fill(TEXT)
        owner.context.clear_cookies()
        owner.get_by_role("button", name="保存并预估").click()
        log_in_again(owner)
        expect(owner.get_by_label("消息内容")).to_have_value(TEXT)
        owner.get_by_role("button", name="保存并预估").click()
        expect(owner.get_by_text("预计发送").first).to_be_visible()
        owner.get_by_role("button", name="下一步").click()
        owner.get_by_role("button", name="发送", exact=True).click()
        owner.context.clear_cookies()
        confirm(owner, "发送")
        log_in_again(owner)
        expect(owner.get_by_role("button", name="发送", exact=True)).to_be_visible()
        expect(owner.get_by_role("dialog")).to_have_count(0)


class TestTheTimeOfSending:
    def test_is_saved_and_estimated_before_it_can_be_confirmed(self, brand: Running, owner: Page, segment: Any) -> None:
        id = draft(brand, segment, "晚上再发")
        owner.goto(f"{brand.address}/broadcasts/new?draft={id}&step=send")
        send = owner.get_by_role("button", name="发送", exact=True)
        expect(send).to_be_enabled()
        waiting: list[Route] = []
        owner.route("**/estimate", lambda route: waiting.append(route))
        owner.get_by_label("定时发送").check()
        with owner.expect_request("**/estimate"):
            pick(owner, "2026-03-04 22:30")
        expect(owner.get_by_text("正在重新预估")).to_be_visible()
        expect(send).to_be_disabled()
        assert brand.siyu.get(f"/broadcasts/{id}")["send_at"] == "2026-03-04T14:30:00Z"
        waiting[0].continue_()
        expect(owner.get_by_text("2026-03-05 09:00 起发送")).to_be_visible()
        send.click()
        planned = brand.siyu.post(f"/broadcasts/{id}/estimate")["planned"]
        expect(owner.get_by_role("dialog").get_by_text(f"将发给 {planned} 位客户")).to_be_visible()
        confirm(owner, "发送")
        expect(owner).to_have_url(f"{brand.address}/broadcasts/{id}")
        assert brand.siyu.post(f"/broadcasts/{id}/estimate")["planned"] == planned > 0

    def test_that_could_not_be_saved_is_not_sent_on(self, brand: Running, owner: Page, segment: Any) -> None:
        id = draft(brand, segment, "断线的时候")
        owner.goto(f"{brand.address}/broadcasts/new?draft={id}&step=send")
        owner.route(f"**/api/broadcasts/{id}", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_())
        owner.get_by_label("定时发送").check()
        pick(owner, "2026-03-03 10:00")
        expect(owner.get_by_text("发送时间还没有保存")).to_be_visible()
        send = owner.get_by_role("button", name="发送", exact=True)
        expect(send).to_be_disabled()
        owner.unroute_all()
        owner.get_by_role("button", name="保存时间").click()
        expect(send).to_be_enabled()
        assert brand.siyu.get(f"/broadcasts/{id}")["send_at"] == "2026-03-03T02:00:00Z"


class TestOnceSaved:
    def test_back_leads_to_the_draft(self, brand: Running, owner: Page, segment: Any) -> None:
        owner.goto(f"{brand.address}/broadcasts/new?segment={segment['id']}")
        owner.get_by_label("群发名称").fill("存过的")
        owner.get_by_role("button", name="下一步").click()
        owner.get_by_label("消息内容").fill(TEXT)
        owner.get_by_role("button", name="保存并预估").click()
        expect(owner.get_by_text("预计发送").first).to_be_visible()
        owner.go_back()
        expect(owner.get_by_label("消息内容")).to_have_value(TEXT)
        assert "draft=" in owner.url

    def test_its_text_outlives_its_material(self, brand: Running, owner: Page, segment: Any) -> None:
        id = draft(brand, segment, "素材没了")
        before = brand.siyu.get(f"/broadcasts/{id}")["material"]
        archive(brand, f"/materials/{before['id']}")
        owner.goto(f"{brand.address}/broadcasts/new?draft={id}&step=send")
        expect(owner.get_by_label("消息内容")).to_have_value(TEXT)
        expect(owner.get_by_text("素材已归档")).to_be_visible()
        owner.get_by_role("button", name="保存并预估").click()
        expect(owner.get_by_text("预计发送").first).to_be_visible()
        after = brand.siyu.get(f"/broadcasts/{id}")["material"]
        assert after | {"id": before["id"]} == before and after["id"] != before["id"]


class TestOnceSent:
    def test_back_leads_to_the_broadcast(self, brand: Running, owner: Page, segment: Any) -> None:
        id = draft(brand, segment, "发过就不能再发")
        owner.goto(f"{brand.address}/broadcasts/new?draft={id}&step=estimate")
        owner.get_by_role("button", name="下一步").click()
        owner.get_by_role("button", name="发送", exact=True).click()
        confirm(owner, "发送")
        expect(owner).to_have_url(f"{brand.address}/broadcasts/{id}")
        owner.go_back()
        expect(owner).to_have_url(f"{brand.address}/broadcasts/{id}")
        expect(owner.get_by_role("button", name="停止")).to_be_visible()
        owner.goto(f"{brand.address}/broadcasts/new?draft={id}&step=send")
        expect(owner).to_have_url(f"{brand.address}/broadcasts/{id}")


class TestAGoneSegment:
    @pytest.mark.parametrize("id", ["00000000-0000-4000-8000-000000000000", "nonsense", "archived"])
    def test_is_said_and_another_chosen(self, brand: Running, owner: Page, segment: Any, id: str) -> None:
        id = archived(brand)["id"] if id == "archived" else id
        owner.goto(f"{brand.address}/broadcasts/new?segment={id}")
        expect(owner.get_by_text("这个分群已不存在")).to_be_visible()
        expect(owner.get_by_text(id)).to_have_count(0)
        owner.get_by_label("群发名称").fill("换一个")
        owner.get_by_role("button", name="下一步").click()
        expect(owner.get_by_label("消息内容")).to_have_count(0)
        choose(owner, "老朋友们")
        expect(owner.get_by_text("这个分群已不存在")).to_have_count(0)
        owner.get_by_role("button", name="下一步").click()
        expect(owner.get_by_label("消息内容")).to_be_visible()

    def test_of_a_draft_sends_back_to_the_choice(self, brand: Running, owner: Page, segment: Any) -> None:
        gone = brand.siyu.post("/segments", {"name": "快没了的", "filter": {"contact": "yes"}})
        id = draft(brand, gone, "换人群")
        archive(brand, f"/segments/{gone['id']}")
        owner.goto(f"{brand.address}/broadcasts/new?draft={id}&step=send")
        expect(owner.get_by_text("这个分群已不存在或已归档")).to_be_visible()
        expect(owner.get_by_text("快没了的")).to_have_count(0)
        choose(owner, "老朋友们")
        owner.get_by_role("button", name="下一步").click()
        owner.get_by_role("button", name="保存并预估").click()
        expect(owner.get_by_text("预计发送").first).to_be_visible()
        assert brand.siyu.get(f"/broadcasts/{id}")["segment"]["id"] == segment["id"]


class TestBeyondTheScope:
    def test_a_supervisor_is_told_before_a_click(self, brand: Running, approval: None, page: Page, segment: Any) -> None:
        department = next(one for one in brand.siyu.get("/departments") if one["parent_id"] is not None)
        brand.open_account(SUPERVISOR | {"department_ids": [department["id"]]})
        id = draft(brand, segment, "全品牌的")
        brand.siyu.post(f"/broadcasts/{id}/submit")
        log_in(page, brand.address, SUPERVISOR["login"], SUPERVISOR["password"])
        page.goto(f"{brand.address}/broadcasts/{id}")
        for act in ("批准", "驳回"):
            expect(page.get_by_role("button", name=act)).to_be_disabled()
        expect(page.get_by_label("名单里有您看不到的客户").first).to_be_visible()


class TestChangedMeanwhile:
    def test_an_approver_is_shown_what_was_submitted_anew(self, brand: Running, approval: None, page: Page, segment: Any, buyers: Any) -> None:
        brand.open_account(APPROVER)
        id = draft(brand, segment, "请审批")
        brand.siyu.post(f"/broadcasts/{id}/submit")
        log_in(page, brand.address, APPROVER["login"], APPROVER["password"])
        page.goto(f"{brand.address}/broadcasts/{id}?tab=content")
        expect(page.get_by_text(TEXT)).to_be_visible()
        page.get_by_role("button", name="批准").click()
        page.get_by_role("dialog").get_by_role("checkbox").check()
        brand.siyu.post(f"/broadcasts/{id}/reject", {"reason": "错别字"})
        change(brand, f"/broadcasts/{id}", material_id=material(brand, OTHER)["id"], segment_id=buyers["id"])
        brand.siyu.post(f"/broadcasts/{id}/submit")
        page.get_by_role("dialog").get_by_role("button", name="批准").click()
        notice = page.get_by_role("alert").filter(has_text="改过")
        for shown in (TEXT, OTHER, "老朋友们", "买过的人"):
            expect(notice.get_by_text(shown)).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert brand.siyu.get(f"/broadcasts/{id}")["state"] == "awaiting_approval"
        page.get_by_role("button", name="批准").click()
        confirm(page, "批准")
        expect(page.get_by_role("button", name="停止")).to_be_visible()
        expect(notice).to_have_count(0)
        assert brand.siyu.get(f"/broadcasts/{id}")["state"] == "scheduled"

    def test_of_two_tabs_the_later_is_shown_what_the_other_did(self, brand: Running, owner: Page, segment: Any) -> None:
        id = draft(brand, segment, "两个窗口")
        owner.goto(f"{brand.address}/broadcasts/new?draft={id}&step=estimate")
        owner.get_by_role("button", name="下一步").click()
        owner.get_by_role("button", name="发送", exact=True).click()
        change(brand, f"/broadcasts/{id}", material_id=material(brand, OTHER)["id"])
        confirm(owner, "发送")
        notice = owner.get_by_role("alert").filter(has_text="改过")
        expect(notice.get_by_text(OTHER)).to_be_visible()
        expect(owner.get_by_role("dialog")).to_have_count(0)
        assert brand.siyu.get(f"/broadcasts/{id}")["state"] == "draft"
        owner.get_by_role("button", name="发送", exact=True).click()
        confirm(owner, "发送")
        expect(owner).to_have_url(f"{brand.address}/broadcasts/{id}")
        assert brand.siyu.get(f"/broadcasts/{id}")["material"]["text"] == OTHER

    def test_what_was_typed_outlives_what_another_changed(self, brand: Running, owner: Page, segment: Any) -> None:
        id = draft(brand, segment, "两个人")
        owner.goto(f"{brand.address}/broadcasts/new?draft={id}&step=content")
        owner.get_by_label("消息内容").fill("我写的")
        change(brand, f"/broadcasts/{id}", name="别人改的名", material_id=material(brand, OTHER)["id"])
        owner.get_by_role("button", name="保存并预估").click()
        notice = owner.get_by_role("alert").filter(has_text="改过")
        expect(notice.get_by_text("别人改的名")).to_be_visible()
        expect(notice.get_by_text(OTHER)).to_be_visible()
        expect(owner.get_by_label("消息内容")).to_have_value("我写的")
        owner.get_by_role("button", name="保存并预估").click()
        expect(owner.get_by_text("预计发送").first).to_be_visible()
        found = brand.siyu.get(f"/broadcasts/{id}")
        assert (found["name"], found["material"]["text"]) == ("别人改的名", "我写的")


def archive(brand: Running, path: str) -> None:
    answer = brand.siyu.http.delete(path)
    assert answer.status_code == 204, answer.text


def archived(brand: Running) -> Any:
    """A segment that is out of use."""
    segment = brand.siyu.post("/segments", {"name": "归档了的", "filter": {"contact": "yes"}})
    archive(brand, f"/segments/{segment['id']}")
    return segment


def pick(page: Page, moment: str) -> None:
    """A time of sending, by typing."""
    box = page.get_by_role("textbox", name="发送时间")
    box.fill(moment)
    box.press("Enter")


def choose(page: Page, segment: str) -> None:
    chooser = page.get_by_label("分群", exact=True)
    chooser.fill(segment)
    page.get_by_role("option", name=segment).or_(page.locator(".ant-select-item-option", has_text=segment)).first.wait_for(state="attached")
    chooser.press("Enter")


def log_in_again(page: Page) -> None:
    page.get_by_label("登录名").fill(PARTNER["login"])
    page.get_by_label("密码", exact=True).fill(PARTNER["password"])
    page.get_by_role("button", name="登录").click()
