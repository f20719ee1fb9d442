"""A file in the browser: what is done with odd rows is told, and a file that nothing came of can be taken away."""

import re

import pytest
from playwright.sync_api import Page, expect

from siyu.app.demo.stage import OWNER
from tests.e2e.conftest import Running, Trouble, log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]
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


def test_an_address_with_what_cannot_be_kept_names_nothing(brand: Running, page: Page) -> None:
    log_in(page, brand.address, *OWNER)
    for path in ("%00", "%ff%zz"):
        page.goto(f"{brand.address}/orders/{path}")
        expect(page.get_by_text(re.compile("^(订单不存在|没有找到)$"))).to_be_visible()
