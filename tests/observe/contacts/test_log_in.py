"""Logging in with WeCom over HTTP, against the sandbox's own log-in pages; and signatures for pages inside it."""

import warnings
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from siyu.access import accounts, staff
from siyu.access.staff import MemberRecord
from siyu.app.http import create_app
from siyu.connectors.wecom import js_signature
from siyu.infra import jobs
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import AccountId
from siyu.observe import contacts
from tests.conftest import make_tenant
from tests.connectors.wecom.conftest import Place
from tests.observe.contacts.test_api import client, connected, place, work

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

__all__ = ["client", "place"]
PASSWORD = "plum-blossom-in-spring"


@pytest.fixture
def guide(database: Database, client: TestClient, place: Place) -> tuple[str, AccountId]:
    """A member with an account of her own; the corp is connected."""
    connected(client, place)
    userid = place.busiest()
    (tenant,) = database.tenants()
    with database.transaction(tenant, SYSTEM) as tx:
        staff.upsert(tx, place.address.corp_id, [MemberRecord(userid, "小林"), MemberRecord("unknown-here", "没有账号")])
        id = staff.ids(tx, place.address.corp_id, [userid])[userid]
        return userid, accounts.add(tx, login="lin", name="小林", role="guide", password=PASSWORD, staff_id=id).id


@pytest.fixture
def visitor(database: Database, client: TestClient, guide: tuple[str, AccountId]) -> Iterator[TestClient]:
    """Another browser, not logged in."""
    with TestClient(client.app, base_url="http://siyu.test", follow_redirects=False) as visitor:
        yield visitor


def begin(visitor: TestClient, how: str = "qr", to: str = "/customers?page=2") -> str:
    """Press the button; the address of WeCom's page."""
    (corp,) = visitor.get("/api/session/wecom").json()
    answer = visitor.get(f"/api/session/wecom/{corp['id']}/start", params={"how": how, "to": to})
    assert answer.status_code == 302
    return str(answer.headers["location"])


def scan(page: str, userid: str) -> str:
    """Scan the code as a member; where WeCom sends the browser, without the host."""
    answer = httpx.get(page.partition("#")[0] + f"&userid={userid}", follow_redirects=False, trust_env=False)
    parts = urlsplit(answer.headers["location"])
    return f"{parts.path}?{parts.query}"


def become(place: Place, database: Database, userid: str, status: int) -> None:
    """An administrator of the corp gives a member this status, and the address book is read."""
    place.post("members", userid=userid, status=status)
    (tenant,) = database.tenants()
    with database.transaction(tenant, SYSTEM) as tx:
        (corp,) = contacts.readers(tx)
        jobs.enqueue(tx, "contacts.sync_staff", corp_id=str(corp.id))
    work(database)


class TestLogIn:
    @pytest.mark.parametrize("how", ["qr", "silent"])
    def test_a_member_with_an_account_comes_in_where_she_wanted_to_go(self, visitor: TestClient, guide: tuple[str, AccountId], how: str) -> None:
        back = visitor.get(scan(begin(visitor, how), guide[0]))
        assert (back.status_code, back.headers["location"]) == (302, "/customers?page=2")
        assert visitor.get("/api/me").json()["account"]["id"] == str(guide[1])

    def test_the_audit_log_says_how(self, visitor: TestClient, client: TestClient, guide: tuple[str, AccountId], place: Place) -> None:
        visitor.get(scan(begin(visitor), guide[0]))
        entry = client.get("/api/audit", params={"act": "session.opened"}).json()["items"][0]
        assert entry["detail"]["by"] == f"wecom:{place.address.corp_id}"

    def test_a_code_serves_once_and_in_the_browser_that_asked(self, visitor: TestClient, guide: tuple[str, AccountId]) -> None:
        back = scan(begin(visitor), guide[0])
        with TestClient(visitor.app, base_url="http://siyu.test", follow_redirects=False) as thief:
            assert thief.get(back).headers["location"] == "/?problem=session.wecom_lost"
            assert thief.get("/api/me").status_code == 401
        assert "problem" not in visitor.get(back).headers["location"]
        visitor.delete("/api/session")
        assert visitor.get(back).headers["location"] == "/?problem=session.wecom_lost"

    def test_a_swapped_state_and_a_made_up_code_open_nothing(self, visitor: TestClient, guide: tuple[str, AccountId]) -> None:
        first = scan(begin(visitor), guide[0])
        begin(visitor)  # the later one counts
        assert visitor.get(first).headers["location"] == "/?problem=session.wecom_lost"
        page = begin(visitor)
        path, state = urlsplit(scan(page, guide[0])).path, parse_qs(urlsplit(page).query)["state"][0]
        assert visitor.get(path, params={"code": "made-up", "state": state}).headers["location"] == "/?problem=session.wecom_lost"
        assert visitor.get("/api/me").status_code == 401

    def test_who_has_no_account_or_has_left_stays_outside(self, visitor: TestClient, guide: tuple[str, AccountId], place: Place, database: Database) -> None:
        other = next(member for member in place.client.follow_users() if member != guide[0])
        assert visitor.get(scan(begin(visitor), other)).headers["location"] == "/?problem=session.wecom_stranger"
        (tenant,) = database.tenants()
        with database.transaction(tenant, SYSTEM) as tx:
            staff.upsert(tx, place.address.corp_id, [MemberRecord(other, "别人")])
        assert visitor.get(scan(begin(visitor), other)).headers["location"] == "/?problem=session.no_account"
        with database.transaction(tenant, SYSTEM) as tx:
            staff.upsert(tx, place.address.corp_id, [MemberRecord(other, "别人")], complete=True)
        assert visitor.get(scan(begin(visitor), guide[0])).headers["location"] == "/?problem=session.wecom_stranger"

    @pytest.mark.parametrize(("status", "code"), [(2, "session.wecom_disabled"), (4, "session.wecom_not_activated")])
    def test_whom_wecom_disables_is_out_once_it_is_read_and_stays_outside(
        self, visitor: TestClient, guide: tuple[str, AccountId], place: Place, database: Database, status: int, code: str
    ) -> None:
        visitor.get(scan(begin(visitor), guide[0]))
        assert visitor.get("/api/me").status_code == 200
        before = scan(begin(visitor), guide[0])
        become(place, database, guide[0], status)
        shut_out = status == 2  # who has never activated WeCom comes in by the password
        assert visitor.get("/api/me").status_code == (401 if shut_out else 200)
        assert visitor.get(before).headers["location"] == f"/?problem={code}"
        password = {"login": "lin", "password": PASSWORD}
        assert visitor.post("/api/session", json=password).json().get("code") == ("session.bad_credentials" if shut_out else None)
        become(place, database, guide[0], 1)
        assert visitor.get(scan(begin(visitor), guide[0])).headers["location"] == "/customers?page=2"
        assert visitor.get("/api/me").status_code == 200

    def test_an_owner_is_not_shut_out_of_the_house(self, client: TestClient, guide: tuple[str, AccountId], place: Place, database: Database) -> None:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("update accounts set staff_id = (select staff_id from accounts where login = 'lin') where role = 'owner'")
        become(place, database, guide[0], 2)
        assert client.get("/api/me").status_code == 200

    def test_an_account_with_a_second_step_wants_its_password(self, visitor: TestClient, guide: tuple[str, AccountId], database: Database) -> None:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("update accounts set totp_secret = 'x' where login = 'lin'")
        assert visitor.get(scan(begin(visitor), guide[0])).headers["location"] == "/?problem=session.code_needed"

    def test_wecom_is_away(self, visitor: TestClient, guide: tuple[str, AccountId], place: Place) -> None:
        back = scan(begin(visitor), guide[0])
        place.fault("busy_before", "auth/getuserinfo", count=None)
        assert visitor.get(back).headers["location"] == "/?problem=session.wecom_unreachable"

    @pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
    def test_it_leads_nowhere_else(self, visitor: TestClient, guide: tuple[str, AccountId], to: str) -> None:
        assert visitor.get(scan(begin(visitor, to=to), guide[0])).headers["location"] == "/"

    def test_several_brands_are_not_listed(self, visitor: TestClient, database: Database) -> None:
        other = make_tenant(database, name="别的品牌")
        with database.engine.begin() as connection:
            connection.exec_driver_sql(
                "insert into corps (tenant_id, id, corp_id, agent_id, name, base_url, secret, callback_token, callback_aes_key, callback_key, active, "
                f"created_at) select '{other}', gen_random_uuid(), 'ww2', 1, 'x', base_url, secret, callback_token, callback_aes_key, "
                "'k2', true, now() from corps"
            )
        assert visitor.get("/api/session/wecom").json() == []

    def test_an_unknown_corp_is_not_there(self, visitor: TestClient) -> None:
        assert visitor.get("/api/session/wecom/00000000-0000-7000-8000-000000000000/start").status_code == 404


class TestSignature:
    def test_our_pages_are_signed_with_both_tickets(self, client: TestClient, place: Place) -> None:
        connected(client, place)
        page = f"{Settings().address}/side?x=1"
        signed = client.get("/api/wecom/signature", params={"url": page}).json()
        assert (signed["corp_id"], signed["agent_id"]) == (place.address.corp_id, place.address.agent_id)
        for name, ticket in (("signature", place.client.js_ticket()), ("agent_signature", place.client.agent_ticket())):
            assert signed[name] == js_signature(ticket, nonce=signed["nonce"], timestamp=signed["timestamp"], url=page)

    def test_foreign_pages_are_not(self, client: TestClient, place: Place, database: Database) -> None:
        connected(client, place)
        ours = urlsplit(Settings().address).netloc
        for page in (
            "https://evil.example/",
            f"javascript://{ours}/%0aalert(1)",
            f"//{ours}/x",
            f"file://{ours}/x",
            f"http://{ours}/x\ny",
            f"ht\ttp://{ours}/",
            f" http://{ours}/",
            f"http://{ours}/\x7f",
            f"http://evil@{ours}/",
            f"http://{ours}\\@evil.example/",
            "http://[",
            "",
        ):
            answer = client.get("/api/wecom/signature", params={"url": page})
            assert (answer.status_code, answer.json()["code"]) == (409, "wecom.foreign_page"), page
        with TestClient(create_app(database, Settings()), base_url="http://siyu.test") as stranger:
            assert stranger.get("/api/wecom/signature", params={"url": Settings().address}).status_code == 401
