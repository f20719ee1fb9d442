"""The script of pages, in a browser on a shop's own page."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Page, expect

from tests.e2e.conftest import browser_type_launch_args
from tests.observe.intake.conftest import Brand
from tests.observe.intake.served import served

__all__ = ["browser_type_launch_args"]
SNIPPET = Path(__file__).parents[3] / "src" / "siyu" / "observe" / "intake" / "snippet.js"


def test_it_is_small_and_others_may_load_it(brand: Brand) -> None:
    answer = brand.http.get("/v1/siyu.js")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(answer.content) <= 3_072


@pytest.mark.node
@pytest.mark.slow
def test_a_mini_program_keeps_what_it_could_not_send(tmp_path: Path) -> None:
    """WeChat's own runtime runs nowhere but in WeChat: what of it the script uses is given here."""
    script = """
    const kept = {}, sent = [];
    let answers = [{ fail: true }, { statusCode: 200 }];
    globalThis.wx = {
      getStorageSync: (name) => kept[name] ?? "",
      setStorageSync: (name, text) => { kept[name] = text; },
      request: ({ data, success, fail }) => {
        sent.push(JSON.parse(data));
        const answer = answers.shift();
        setTimeout(() => answer.fail ? fail({ errMsg: "request:fail" }) : success(answer));
      },
    };
    const siyu = require(process.argv[2]);
    siyu.init({ key: "pk_1", host: "https://siyu.example" });
    siyu.page("首页");
    setTimeout(() => {
      const ids = sent.map((one) => one.batch.map((message) => message.messageId).join());
      console.log(JSON.stringify([sent.length, ids[0] === ids[1], sent[0].batch[0].type, kept["siyu.queue"]]));
    }, 3000);
    """
    (tmp_path / "siyu.cjs").write_text(SNIPPET.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "app.cjs").write_text(script, encoding="utf-8")
    done = subprocess.run(["node", "app.cjs", str(tmp_path / "siyu.cjs")], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.strip() == '[2,true,"screen","[]"]', done.stderr


@pytest.mark.browser
@pytest.mark.slow
class TestPage:
    @pytest.fixture
    def shop(self, brand: Brand, page: Page) -> Iterator[Callable[..., Page]]:
        """Opens the shop's page, which comes from an address of its own, with attributes of the script beside the key."""
        html = ""
        other = FastAPI()
        other.get("/tea")(lambda: HTMLResponse(html))
        with served(brand.http.app) as address, served(other) as shop:  # type: ignore[arg-type]  # it is the FastAPI that it was made with

            def open_(attributes: str = "") -> Page:
                nonlocal html
                html = f'<!doctype html><title>茶</title><script src="{address}/v1/siyu.js" data-key="{brand.public}" {attributes}></script>'
                page.goto(f"{shop}/tea")
                return page

            yield open_

    @staticmethod
    def names(brand: Brand) -> list[str]:
        return [event.name for event in brand.events()]

    def until(self, brand: Brand, page: Page, names: list[str]) -> list[Any]:
        for _ in range(100):
            if self.names(brand) == names:
                break
            page.wait_for_timeout(100)
        assert self.names(brand) == names
        return brand.events()

    def test_what_a_visitor_does_arrives(self, brand: Brand, shop: Callable[..., Page]) -> None:
        page = shop()
        page.evaluate("() => { siyu.page('首页'); siyu.track('Product Viewed', { sku: 'T1' }); siyu.identify('u1') }")
        viewed, tracked, identified = self.until(brand, page, ["page.viewed", "Product Viewed", "customer.identified"])
        assert (viewed.props["url"], viewed.props["title"], tracked.props["sku"], identified.props["$user_id"]) == (page.url, "茶", "T1", "u1")
        assert len({viewed.identity_id, tracked.identity_id, identified.identity_id}) == 1
        assert page.evaluate("localStorage['siyu.queue']") == "[]"

    def test_without_consent_nothing_leaves_and_nothing_is_kept(self, brand: Brand, shop: Callable[..., Page]) -> None:
        page = shop('data-consent="required"')
        page.evaluate("() => { siyu.track('Early') }")
        page.wait_for_timeout(500)
        assert (self.names(brand), page.evaluate("Object.keys(localStorage)")) == ([], [])
        page.evaluate("() => siyu.consent(true)")
        self.until(brand, page, ["Early"])
        page.evaluate("() => { siyu.consent(false); siyu.track('Late') }")
        page.wait_for_timeout(500)
        assert self.names(brand) == ["Early"]
        assert page.evaluate("[localStorage['siyu.id'], localStorage['siyu.queue']]") == ["null", "null"]

    def test_what_could_not_be_sent_goes_with_the_next_page(self, brand: Brand, shop: Callable[..., Page]) -> None:
        page = shop()
        page.route("**/v1/b", lambda route: route.abort())
        page.evaluate("() => { siyu.track('Offline') }")
        expect(page).to_have_title("茶")
        page.wait_for_timeout(300)
        assert self.names(brand) == []
        page.unroute("**/v1/b")
        page.reload()
        self.until(brand, page, ["Offline"])
