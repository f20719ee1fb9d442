"""A brand with two corps at the console: whose members and departments, a loss that came back, the product album, tags that only opening a customer tells."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from siyu.app.demo.stage import OWNER, connect_corp, sign_in
from siyu.connectors.wecom import Product
from tests.connectors.wecom.asking import an_album_picture
from tests.connectors.wecom.conftest import Place, builder
from tests.e2e.conftest import Running, Trouble, log_in, raised
from tests.e2e.test_pages import look_into
from tests.observe.contacts.scene import AES_KEY, TOKEN

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.long]
BRANCH = "思屿分公司"


@pytest.fixture(scope="module")
def branched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Place]]:
    """A brand of its own with the corp of the run and a second one, both read."""
    with raised() as up, builder(tmp_path_factory.mktemp("branch")) as build:
        quiet = {"orders_per_month": 0, "open_rate": 0, "reply_rate": 0, "delete_rate": 0}
        place = build(scenario={"customers": 30, "customer": quiet}, corp_id="ww00000000000000b2")
        sign_in(up.siyu, brand="思屿生活")
        connect_corp(up.siyu, up.sandbox)
        place.client.add_product(Product("香氛蜡烛 大地系列", 12_800, (an_album_picture(place),), "SKU1"))
        app = {"corp_id": place.address.corp_id, "agent_id": place.address.agent_id, "secret": place.address.secret, "base_url": place.address.url}
        corp = up.siyu.post("/corps", {**app, "name": BRANCH, "callback_token": TOKEN, "callback_aes_key": AES_KEY})
        place.post("callbacks", url=f"{up.address}{corp['callback_path']}", token=TOKEN, aes_key=AES_KEY)
        up.siyu.wait_until_idle(seconds=300)
        yield up, place


@pytest.fixture
def up(branched: tuple[Running, Place]) -> Running:
    return branched[0]


@pytest.fixture
def branch(branched: tuple[Running, Place]) -> Place:
    return branched[1]


@pytest.fixture
def owner(up: Running, page: Page) -> Page:
    log_in(page, up.address, *OWNER)
    return page


def test_members_and_departments_stand_under_their_corps(up: Running, branch: Place, owner: Page, trouble: Trouble) -> None:
    own = up.siyu.get("/staff", limit=200, corp_id=branch.address.corp_id)["items"]
    owner.goto(f"{up.address}/settings/staff")
    expect(owner.get_by_role("columnheader", name="企业", exact=True)).to_be_visible()
    assert look_into(owner, "light") == []
    tree = owner.get_by_role("navigation", name="部门")
    expect(tree.get_by_role("list", name=BRANCH).get_by_role("link")).to_have_count(
        1 + sum(one["corp_id"] == branch.address.corp_id for one in up.siyu.get("/departments"))
    )
    tree.get_by_role("link", name=BRANCH, exact=True).click()
    rows = owner.get_by_role("table", name="员工与部门").locator("tbody tr[data-row-key]")
    expect(rows).to_have_count(len(own))
    expect(rows.filter(has_text=BRANCH)).to_have_count(len(own))
    twin = next(one for one in own if up.siyu.get("/staff", q=one["userid"])["items"][1:])
    owner.goto(f"{up.address}/settings/staff?q={twin['userid']}")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text=BRANCH)).to_have_count(1)
    owner.goto(f"{up.address}/losses")
    owner.get_by_label("员工", exact=True).fill(twin["name"])
    expect(owner.get_by_title(f"{twin['name']}（{BRANCH}）")).to_be_visible()
    trouble.none()


def test_a_loss_that_came_back_stays_and_says_so(up: Running, branch: Place, owner: Page, trouble: Trouble) -> None:
    member = branch.busiest()
    for external in branch.customers_of(member)[:2]:
        branch.post("acts", act="customer_deletes", userid=member, external_userid=external)
    branch.post("step", seconds=5)
    up.sandbox.post("/sandbox/step", {"seconds": 30})
    up.siyu.wait_until_idle()
    branch.post("acts", act="add", userid=member, external_userid=branch.customers_of(member)[0])
    branch.post("step", seconds=5)
    up.sandbox.post("/sandbox/step", {"seconds": 30})
    up.siyu.wait_until_idle()
    owner.goto(f"{up.address}/losses")
    table = owner.get_by_role("table", name="流失分析")
    expect(table.locator("tbody tr[data-row-key]")).to_have_count(2)
    expect(table.get_by_role("row").filter(has_text=re.compile("重新添加"))).to_have_count(1)
    assert look_into(owner, "light") == []
    owner.get_by_role("link", name="其中已重新添加").click()
    expect(table.locator("tbody tr[data-row-key]")).to_have_count(1)
    owner.get_by_role("link", name="仍流失").click()
    expect(table.get_by_role("row").filter(has_text=re.compile("重新添加"))).to_have_count(0)
    trouble.none()


def test_the_album_is_read_only_and_can_be_searched(up: Running, owner: Page, trouble: Trouble) -> None:
    owner.goto(f"{up.address}/albums")
    table = owner.get_by_role("table", name="商品图册")
    expect(table.get_by_role("row").filter(has_text="香氛蜡烛 大地系列")).to_contain_text(BRANCH)
    expect(table.get_by_text("¥128.00")).to_be_visible()
    assert look_into(owner, "light") == []
    owner.get_by_label("搜索描述或商品编号").fill("没有的商品")
    expect(owner.get_by_text("没有符合筛选条件的记录")).to_be_visible()
    owner.get_by_label("搜索描述或商品编号").fill("SKU1")
    expect(table.get_by_text("香氛蜡烛 大地系列")).to_be_visible()
    trouble.none()


def test_opening_a_customer_brings_the_members_own_tags(up: Running, branch: Place, owner: Page, trouble: Trouble) -> None:
    member = branch.busiest()
    external = branch.customers_of(member)[-1]
    branch.post("contacts/tags", userid=member, external_userid=external, own=["爱喝茶"])
    name = branch.client.contact(external).contact.name
    staff = next(one for one in up.siyu.get("/staff", q=member, corp_id=branch.address.corp_id)["items"])
    customer = next(one for one in up.siyu.get("/customers", staff_id=staff["id"], limit=100)["items"] if one["name"] == name)
    owner.goto(f"{up.address}/customers/{customer['id']}")
    expect(owner.get_by_role("group", name="员工个人标签").get_by_text("爱喝茶", exact=True)).to_be_visible()
    expect(owner.get_by_text(re.compile("^个人标签读取于 "))).to_be_visible()
    assert look_into(owner, "light") == []
    trouble.none()
