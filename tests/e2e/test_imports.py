"""A file in the browser: what is done with odd rows is told, and a file that nothing came of can be taken away."""

import re

import pytest
from playwright.sync_api import Page, expect

from siyu.app.demo.stage import OWNER
from tests.e2e.conftest import Running, Trouble, log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e"), pytest.mark.long]
FILE = """订单号,付款时间,商品编码,数量,单价,客户编号
N1,2026-01-01 10:00,TEA,1,9.123456789012,n-1
CN2,2026-01-02 10:00,TEA,-3,9,n-1
N3,2026-01-02 10:00,TEA,x,9,n-1
"""


def test_notices_stand_apart_and_an_abandoned_file_is_deleted(brand: Running, page: Page, trouble: Trouble) -> None:
    log_in(page, brand.address, *OWNER)
    page.goto(f"{brand.address}/imports")
    page.locator("input[type=file]").set_input_files({"name": "老订单.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    page.get_by_role("button", name="试运行").click()
    problems, notices = (page.locator("section").filter(has=page.get_by_role("heading", name=name)) for name in ("问题", "提示（照常导入）"))
    expect(problems.get_by_role("row").filter(has_text="不是数字")).to_have_count(1)
    expect(notices.get_by_role("row").filter(has_text="已取 9.123456789")).to_have_count(1)
    expect(notices.get_by_role("row").filter(has_text="退回的 3 件“TEA”中有 2 件此前没有买过")).to_have_count(1)
    page.get_by_role("button", name="删除").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("我知道后果，确认执行").check()
    dialog.get_by_role("button", name="删除").click()
    expect(page.get_by_role("heading", name="数据导入")).to_be_visible()
    expect(page.get_by_role("link", name="老订单.csv")).to_have_count(0)
    page.goto(f"{brand.address}/settings/audit")
    expect(page.get_by_role("row").filter(has_text="删除导入文件")).to_have_count(1)
    trouble.none()


def test_a_guessed_encoding_is_told_and_can_be_chosen_on_a_narrow_screen(brand: Running, page: Page, trouble: Trouble) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, brand.address, *OWNER)
    page.goto(f"{brand.address}/imports")
    content = "訂單號,付款時間,商品名稱,數量,單價,會員號\nB1,2026-01-01 10:00,凍頂烏龍茶禮盒（附贈保溫杯與茶葉罐，送禮自用兩相宜）,1,9,n-1\n".encode("cp950")
    page.locator("input[type=file]").set_input_files({"name": "繁體.csv", "mimeType": "text/csv", "buffer": content})
    expect(page.get_by_text("按 Big5（繁体中文） 读取")).to_be_visible()
    samples = page.get_by_text("凍頂烏龍茶禮盒")
    box = samples.bounding_box()
    assert box is not None and box["width"] > 250 and box["x"] + box["width"] <= 390 and box["height"] < 60, box
    page.get_by_label("文件编码").click()
    page.get_by_title("UTF-8", exact=True).click()
    expect(page.get_by_text("认不出文件编码")).to_be_visible()
    page.get_by_label("文件编码").click()
    page.get_by_title("GBK / GB18030", exact=True).click()
    expect(page.get_by_text("文件编码是推测的")).to_have_count(0)
    expect(page.get_by_label("商品名称 对应的列")).to_be_visible()
    (refused,) = trouble.found
    assert refused.startswith("422 ") and refused.endswith("/encoding")


def test_a_trial_run_that_is_stopped_says_so(brand: Running, page: Page, trouble: Trouble) -> None:
    log_in(page, brand.address, *OWNER)
    page.goto(f"{brand.address}/imports")
    head = FILE.splitlines()[0]
    content = "\n".join([head, *(f"L{n},2026-01-01 10:00,TEA,1,9,n-{n % 999}" for n in range(150_000))])
    page.locator("input[type=file]").set_input_files({"name": "长文件.csv", "mimeType": "text/csv", "buffer": content.encode()})
    page.get_by_role("button", name="试运行").click()
    page.get_by_role("button", name="停止").click()
    expect(page.get_by_text("试运行已取消")).to_be_visible()
    expect(page.get_by_role("button", name="试运行")).to_be_enabled()
    trouble.none()


def test_an_address_with_what_cannot_be_kept_names_nothing(brand: Running, page: Page) -> None:
    log_in(page, brand.address, *OWNER)
    for path in ("%00", "%ff%zz"):
        page.goto(f"{brand.address}/orders/{path}")
        expect(page.get_by_text(re.compile("^(订单不存在|没有找到)$"))).to_be_visible()
