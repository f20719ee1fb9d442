"""Tagging customers at the console: one relation, those ticked in the list, and a group of which a relation bears one tag."""

import re

import pytest
from playwright.sync_api import Page, expect

from siyu.app.demo.stage import OWNER
from tests.e2e.conftest import Running, Trouble, log_in
from tests.e2e.test_pages import look_into

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def owner(brand: Running, page: Page) -> Page:
    log_in(page, brand.address, *OWNER)
    return page


def choose(page: Page, box: str, name: str) -> None:
    """Pick a tag in a box of the dialog by the keyboard."""
    field = page.get_by_role("dialog").get_by_label(box)
    field.click()
    field.fill(name)
    field.press("Enter")
    page.locator(".ant-modal-title").last.click()  # the list of choices closes, which lies over the buttons
    expect(page.get_by_role("dialog").get_by_title(name)).to_be_visible()


def done(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("涉及")).to_be_visible()
    dialog.get_by_role("button", name="开始打标签").click()
    expect(dialog.get_by_text("已完成", exact=True)).to_be_visible(timeout=60_000)


def test_one_relation_is_tagged_on_the_customers_page(brand: Running, owner: Page, trouble: Trouble) -> None:
    customer = brand.siyu.get("/customers", contact="yes", limit=1)["items"][0]
    shown = brand.siyu.get(f"/customers/{customer['id']}")
    member = next(one for one in shown["relations"] if one["state"] == "active")
    held = {tag["id"] for tag in member["tags"]}
    (library,) = brand.siyu.get("/tags")
    group, tag = next((group, tag) for group in library["groups"] for tag in group["tags"] if tag["id"] not in held)
    owner.goto(f"{brand.address}/customers/{customer['id']}")
    expect(owner.get_by_text(re.compile("企业微信客户（.+）")).first).to_be_visible()
    assert not owner.get_by_text(re.compile(r"^(man|woman)$")).count()
    owner.get_by_role("button", name=f"给{member['staff']['name']}的好友关系打标签").first.click()
    choose(owner, "添加标签", f"{group['name']} / {tag['name']}")
    assert look_into(owner, "light") == []
    done(owner)
    owner.get_by_role("button", name="查看每位客户的结果").or_(owner.get_by_role("link", name="查看每位客户的结果")).click()
    expect(owner.get_by_role("table", name="员工关系").get_by_text("已修改")).to_be_visible()
    assert look_into(owner, "light") == []
    owner.goto(f"{brand.address}/customers/{customer['id']}")
    expect(owner.get_by_role("group", name="企业标签").get_by_text(tag["name"], exact=True).first).to_be_visible()
    assert look_into(owner, "light") == []
    trouble.none()


def test_those_ticked_in_the_list_are_tagged(brand: Running, owner: Page, trouble: Trouble) -> None:
    (library,) = brand.siyu.get("/tags")
    group = library["groups"][0]
    owner.goto(f"{brand.address}/customers?contact=yes")
    boxes = owner.get_by_role("checkbox", name=re.compile("^选择 "))
    for place in range(2):
        boxes.nth(place).check()
    owner.get_by_role("button", name="给所选 2 人打标签").click()
    choose(owner, "添加标签", f"{group['name']} / {group['tags'][0]['name']}")
    expect(owner.get_by_role("dialog").get_by_text("涉及 2 位客户")).to_be_visible()
    trouble.none()


def test_a_group_becomes_exclusive_and_its_clashes_are_listed(brand: Running, owner: Page, trouble: Trouble) -> None:
    (library,) = brand.siyu.get("/tags")
    group = next(one for one in library["groups"] if len(one["tags"]) > 1)
    owner.goto(f"{brand.address}/tags")
    box = owner.get_by_role("region", name=group["name"]).get_by_role("checkbox", name=re.compile("^互斥"))
    box.click()
    expect(box).to_be_checked()
    owner.reload()
    expect(box).to_be_checked()
    box.click()
    expect(box).not_to_be_checked()
    trouble.none()


def test_everybody_in_a_segment_is_tagged_and_it_is_undone(brand: Running, owner: Page, trouble: Trouble) -> None:
    (library,) = brand.siyu.get("/tags")
    group, tag = min(((group, tag) for group in library["groups"] for tag in group["tags"]), key=lambda one: one[1]["customers"])
    before = tag["customers"]
    segment = brand.siyu.post("/segments", {"name": "全部好友", "filter": {"contact": "yes"}})
    owner.goto(f"{brand.address}/segments/{segment['id']}")
    owner.get_by_role("button", name="打标签").click()
    choose(owner, "添加标签", f"{group['name']} / {tag['name']}")
    done(owner)
    owner.get_by_role("dialog").get_by_text("查看每位客户的结果").click()
    people = brand.siyu.get("/customers", contact="yes", limit=1)["total"]
    (library,) = brand.siyu.get("/tags")
    assert next(one["customers"] for one_group in library["groups"] for one in one_group["tags"] if one["id"] == tag["id"]) == people
    owner.get_by_role("button", name="撤销").click()
    owner.get_by_label("我已核对人数").check()
    owner.get_by_role("dialog").get_by_role("button", name="撤销").click()
    expect(owner.get_by_text("这是对另一次打标签的撤销")).to_be_visible()
    expect(owner.get_by_role("row").filter(has_text="等待")).to_have_count(0)
    assert look_into(owner, "light") == []
    brand.siyu.wait_until_idle()
    (library,) = brand.siyu.get("/tags")
    assert next(one["customers"] for one_group in library["groups"] for one in one_group["tags"] if one["id"] == tag["id"]) == before
    owner.goto(f"{brand.address}/tags")
    owner.get_by_role("link", name="打标签记录").click()
    expect(owner.get_by_role("table", name="打标签记录").get_by_text("已撤销")).to_have_count(1)
    assert look_into(owner, "light") == []
    trouble.none()
