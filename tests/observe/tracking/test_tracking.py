"""Tracked links: where they lead, who is believed to have opened them, how opens are counted."""

import warnings
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from siyu import events
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import IdentityId, LinkId, TenantId, new_id
from siyu.observe import identities, tracking
from siyu.observe.tracking import UnsafeTarget, model, service
from siyu.observe.tracking.wiring import capability

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

SHOP = "https://shop.example/spring?a=1&b=茶"


class TestSafe:
    @pytest.mark.parametrize("target", [SHOP, "http://127.0.0.1:8000/x", "HTTPS://shop.example"])
    def test_ordinary_addresses_pass(self, target: str) -> None:
        assert model.safe(target) == target

    @pytest.mark.parametrize(
        "target",
        [
            "javascript:alert(1)",
            "JavaScript://shop.example/%0aalert(1)",
            "data:text/html,hi",
            "//shop.example",
            "/t/abc",
            "https://",
            "https:///x",
            "https://shop.example\\@evil.example",
            "https://user:pw@shop.example",
            "https://shop.example/\r\nset-cookie: a=b",
            " https://shop.example",
            "https://shop.example:99999",
            "https://shop.example/" + "x" * 2048,
            "",
        ],
    )
    def test_everything_else_is_refused(self, target: str) -> None:
        with pytest.raises(UnsafeTarget):
            model.safe(target)

    @given(st.text(max_size=60))
    def test_what_passes_leads_to_a_host_over_http(self, target: str) -> None:
        try:
            parts = urlsplit(model.safe(target))
        except UnsafeTarget:
            return
        assert parts.scheme.lower() in ("http", "https") and parts.hostname


class TestCode:
    def test_codes_are_long_and_all_different(self, tx: Tx) -> None:
        codes = {model.code(new_id(LinkId, tx.now)) for _ in range(5000)}
        assert len(codes) == 5000
        assert all(len(code) == 10 and set(code) <= set(model.ALPHABET) for code in codes)


class TestOpenLink:
    def test_a_stranger_is_counted_and_says_nothing(self, tx: Tx) -> None:
        link = tracking.create_link(tx, SHOP, ref="broadcast 1")
        assert [service.open_link(tx, link.id) for _ in range(3)] == [SHOP] * 3
        opens = tracking.opens_of(tx, ["broadcast 1", "broadcast 2"])
        assert [(one.opens, one.people) for one in opens.values()] == [(3, 0)]
        assert tracking.openers_of(tx, ["broadcast 1"]) == []

    def test_a_known_visitor_of_a_demo_opens_once_however_often(self, tx: Tx) -> None:
        person = a_demo(tx)
        link = tracking.create_link(tx, SHOP, ref="broadcast 1")
        for _ in range(3):
            service.open_link(tx, link.id, "wm1")
        assert [(one.identity_id, one.opens) for one in tracking.openers_of(tx, ["broadcast 1"])] == [(person, 3)]
        (event,) = events.read(tx, [person], names=["link.opened"])
        assert event.props == {"link_id": str(link.id), "ref": "broadcast 1"}

    def test_outside_a_demo_nobody_believes_the_header(self, tx: Tx) -> None:
        person = a_demo(tx, sandbox=False)
        link = tracking.create_link(tx, SHOP, ref="r")
        service.open_link(tx, link.id, "wm1")
        assert events.read(tx, [person], names=["link.opened"]) == []
        assert tracking.opens_of(tx, ["r"])["r"].people == 0

    def test_an_unknown_visitor_is_a_stranger(self, tx: Tx) -> None:
        a_demo(tx)
        link = tracking.create_link(tx, SHOP, ref="r")
        service.open_link(tx, link.id, "wm-never-seen")
        assert tracking.opens_of(tx, ["r"])["r"].people == 0


class TestHttp:
    @pytest.fixture
    def client(self, database: Database) -> Iterator[TestClient]:
        app = FastAPI()
        app.state.database = database
        for router in capability.routers:
            app.include_router(router)
        with TestClient(app, follow_redirects=False) as client:
            yield client

    def test_leads_on_and_is_never_cached(self, client: TestClient, database: Database, tenant: TenantId) -> None:
        with database.transaction(tenant, SYSTEM) as tx:
            link = tracking.create_link(tx, SHOP, ref="r")
        answer = client.get(f"/t/{link.code}")
        assert (answer.status_code, answer.headers["cache-control"]) == (302, "no-store")
        assert urlsplit(answer.headers["location"]).netloc == "shop.example"
        with database.transaction(tenant, SYSTEM) as tx:
            assert tracking.opens_of(tx, ["r"])["r"].opens == 1

    def test_an_unknown_code_is_not_found(self, client: TestClient, tenant: TenantId) -> None:
        nowhere = client.get("/t/0000000000")
        assert nowhere.status_code == 404 and nowhere.headers["content-type"].startswith("text/html") and "链接不存在或已失效" in nowhere.text
        for path in ("/t/%00", "/t/", "/t/..%2f..%2fetc", "/t/a/b"):
            lost = client.get(path)
            assert (lost.status_code, lost.text) == (404, nowhere.text), path


def a_demo(tx: Tx, *, sandbox: bool = True) -> IdentityId:
    """A brand with one corp in which wm1 is known; returns the identity's id."""
    tx.execute(
        text("update tenants set settings = jsonb_build_object('sandbox', cast(:sandbox as boolean)) where id = :tenant_id"),
        {"sandbox": sandbox, "tenant_id": tx.tenant_id},
    )
    tx.execute(
        text(
            """
            insert into corps (tenant_id, id, corp_id, agent_id, name, base_url, secret, callback_token, callback_aes_key, callback_key, created_at)
            values (:tenant_id, gen_random_uuid(), 'ww1', 1, '品牌', 'http://sandbox', 'x', 'x', 'x', gen_random_uuid()::text, :now)
            """
        ),
        {"tenant_id": tx.tenant_id, "now": tx.now},
    )
    return identities.seen(tx, identities.namespaces.wecom("ww1"), "wm1")
