from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from starlette.testclient import TestClient

from siyu.access import accounts, roles, staff, totp
from siyu.access.accounts import Account
from siyu.access.logins import Opened
from siyu.access.staff import DepartmentRecord, MemberRecord
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from tests.access.conftest import PASSWORD

Sql = Callable[..., list[tuple[Any, ...]]]
Add = Callable[..., Account]
SET_UP = {"brand": "茶坊", "timezone": "Asia/Shanghai", "login": "boss", "name": "老板", "password": PASSWORD}


def enter(client: TestClient, login: str = "boss", password: str = PASSWORD, **more: str) -> Any:
    response = client.post("/api/session", json={"login": login, "password": password, **more})
    assert response.status_code == 200, response.text
    return response.json()


class TestSetUp:
    def test_from_nothing_to_the_owners_page(self, client: TestClient) -> None:
        assert client.get("/api/setup").json() == {"needed": True}
        response = client.post("/api/setup", json=SET_UP)
        assert response.status_code == 201
        me = response.json()
        assert (
            me["account"]["role"] == "owner"
            and me["tenant"]["name"] == "茶坊"
            and me["scope"] == {"kind": "all"}
            and (me["demo"], me["sandbox"]) == (False, False)
        )
        assert client.get("/api/me").json() == {**me, "now": client.get("/api/me").json()["now"]}
        assert client.get("/api/setup").json() == {"needed": False}

    def test_a_brand_on_a_sandbox_is_the_demos_only_when_the_demo_made_it(self, client: TestClient, opened: Opened, database: Database, tmp_path: Path) -> None:
        enter(client)
        client.app.state.settings = Settings(clock_file=tmp_path / "clock")  # type: ignore[attr-defined]
        assert (client.get("/api/me").json()["demo"], client.get("/api/me").json()["sandbox"]) == (False, True)
        with database.engine.begin() as connection:
            connection.exec_driver_sql("""update tenants set settings = settings || '{"demo": true}'""")
        assert client.get("/api/me").json()["demo"] is True

    def test_a_second_time_is_refused(self, client: TestClient, opened: Opened) -> None:
        response = client.post("/api/setup", json=SET_UP)
        assert (response.status_code, response.json()["code"]) == (409, "setup.done")
        assert response.headers["content-type"] == "application/problem+json"
        assert "set-cookie" not in response.headers

    def test_a_page_of_another_site_cannot_do_it(self, client: TestClient) -> None:
        response = client.post("/api/setup", json=SET_UP, headers={"sec-fetch-site": "cross-site"})
        assert (response.status_code, response.json()["code"]) == (403, "request.cross_origin")
        assert client.get("/api/setup").json() == {"needed": True}


class TestSession:
    def test_cookie_comes_rotates_and_goes(self, client: TestClient, opened: Opened) -> None:
        enter(client)
        first = client.cookies["siyu"]
        enter(client)
        assert client.cookies["siyu"] != first
        assert TestClient(client.app, cookies={"siyu": first}).get("/api/me").status_code == 401
        last = client.cookies["siyu"]
        assert client.delete("/api/session").status_code == 204
        assert TestClient(client.app, cookies={"siyu": last}).get("/api/me").status_code == 401

    def test_a_planted_cookie_is_not_taken_over(self, client: TestClient, opened: Opened) -> None:
        client.cookies["siyu"] = "planted-by-somebody-else"
        enter(client)
        assert TestClient(client.app, cookies={"siyu": "planted-by-somebody-else"}).get("/api/me").status_code == 401

    @pytest.mark.parametrize(("login", "password"), [("boss", "wrong"), ("nobody", PASSWORD)])
    def test_wrong_is_wrong(self, client: TestClient, opened: Opened, login: str, password: str) -> None:
        response = client.post("/api/session", json={"login": login, "password": password})
        assert (response.status_code, response.json()["code"], response.json()["params"]) == (401, "session.bad_credentials", {})

    def test_too_many_say_when_to_come_back(self, client: TestClient, opened: Opened) -> None:
        for _ in range(20):
            client.post("/api/session", json={"login": "boss", "password": "wrong"})
        response = client.post("/api/session", json={"login": "boss", "password": PASSWORD})
        assert (response.status_code, response.json()["code"]) == (429, "session.too_many")
        assert int(response.headers["retry-after"]) == response.json()["params"]["retry_after_seconds"] > 3000

    @pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "same-site"}])
    def test_other_sites_can_neither_log_in_nor_act(self, client: TestClient, opened: Opened, headers: dict[str, str]) -> None:
        assert client.post("/api/session", json={"login": "boss", "password": PASSWORD}, headers=headers).status_code == 403
        enter(client)
        for method, path in (("PATCH", "/api/me"), ("PATCH", "/api/tenant"), ("DELETE", "/api/session"), ("POST", "/api/accounts")):
            assert client.request(method, path, json={}, headers=headers).json()["code"] == "request.cross_origin"
        assert client.post("/api/session", content="login=boss", headers={"content-type": "application/x-www-form-urlencoded"}).status_code in (415, 422)
        assert client.patch("/api/me", content="{}", headers={"content-type": "text/plain"}).status_code in (415, 422)


class TestMe:
    def test_name_and_language(self, client: TestClient, opened: Opened) -> None:
        enter(client)
        me = client.patch("/api/me", json={"name": "掌柜", "language": "en-US"}).json()
        assert (me["account"]["name"], me["language"]) == ("掌柜", "en-US")
        assert client.patch("/api/me", json={"language": "xx"}).status_code == 422

    def test_password(self, client: TestClient, opened: Opened) -> None:
        enter(client)
        other = TestClient(client.app)
        enter(other)
        before = client.cookies["siyu"]
        assert client.post("/api/me/password", json={"old": "wrong", "new": "x" * 20}).json()["code"] == "password.wrong"
        assert client.post("/api/me/password", json={"old": PASSWORD, "new": "password1"}).json()["code"] == "password.unacceptable"
        assert client.post("/api/me/password", json={"old": PASSWORD, "new": "another good password"}).status_code == 204
        assert client.cookies["siyu"] != before
        assert client.get("/api/me").status_code == 200
        assert other.get("/api/me").status_code == 401
        enter(other, password="another good password")

    def test_one_time_codes_from_begin_to_end(self, client: TestClient, opened: Opened, sql: Sql) -> None:
        enter(client)
        secret = client.post("/api/me/totp", headers={"idempotency-key": "k"}).json()["secret"]
        step = totp.step_at(float(sql("select extract(epoch from clock_timestamp())")[0][0]))
        codes = client.post("/api/me/totp/confirm", json={"code": totp.code(secret, step)}, headers={"idempotency-key": "k2"}).json()["recovery_codes"]
        assert client.get("/api/me").json()["account"]["totp"] is True
        assert client.post("/api/session", json={"login": "boss", "password": PASSWORD}).json()["code"] == "session.code_needed"
        assert client.post("/api/session", json={"login": "boss", "password": PASSWORD, "code": "000000x"}).json()["code"] == "session.bad_code"
        enter(client, code=codes[0])
        enter(client, code=totp.code(secret, step + 1))
        assert client.request("DELETE", "/api/me/totp", json={"password": "wrong"}).json()["code"] == "password.wrong"
        assert client.request("DELETE", "/api/me/totp", json={"password": PASSWORD}).status_code == 204
        enter(client)
        kept = str(sql("select * from idempotency_keys"))
        assert secret not in kept and codes[0] not in kept

    def test_a_stale_session_proves_itself_and_goes_on(self, client: TestClient, opened: Opened, sql: Sql) -> None:
        enter(client)
        sql("update sessions set authenticated_at = clock_timestamp() - interval '11 minutes'")
        body = {"login": "ann", "name": "Ann", "role": "guide", "password": PASSWORD}
        response = client.post("/api/accounts", json=body)
        assert (response.status_code, response.json()["code"]) == (403, "session.stale")
        assert client.get("/api/accounts").status_code == 200
        assert client.post("/api/session/fresh", json={"password": "wrong"}).json()["code"] == "password.wrong"
        before = client.cookies["siyu"]
        assert client.post("/api/session/fresh", json={"password": PASSWORD}).status_code == 204
        assert client.cookies["siyu"] != before
        assert client.post("/api/accounts", json=body).status_code == 201


class TestAccounts:
    def test_from_creation_to_closing(self, client: TestClient, opened: Opened, database: Database) -> None:
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            staff.departments_upsert(tx, "corp", [DepartmentRecord(1, "总部")])
            staff.upsert(tx, "corp", [MemberRecord("ann", "Ann", departments=[1])])
            ann = str(staff.ids(tx, "corp", ["ann"])["ann"])
            department = str(staff.departments(tx)[0].id)
        enter(client)
        body = {"login": "Ann", "name": "安", "role": "guide", "password": PASSWORD, "staff_id": ann}
        created = client.post("/api/accounts", json=body, headers={"idempotency-key": "once"})
        assert created.status_code == 201
        account = created.json()
        assert account["scope"] == {"kind": "own", "staff_id": ann, "department_ids": []}
        assert client.post("/api/accounts", json=body).json()["code"] == "account.login_taken"
        guide = TestClient(client.app)
        enter(guide, "ann")
        assert [member["userid"] for member in guide.get("/api/staff").json()["items"]] == ["ann"]
        changed = client.patch(f"/api/accounts/{account['id']}", json={"role": "supervisor", "department_ids": [department]}).json()
        assert changed["scope"] == {"kind": "departments", "staff_id": ann, "department_ids": [department]}
        assert client.patch(f"/api/accounts/{account['id']}", json={"staff_id": None}).json()["scope"]["staff_id"] is None
        assert client.post(f"/api/accounts/{account['id']}/reset", json={"password": "another good password"}).status_code == 200
        assert guide.get("/api/me").status_code == 401
        enter(guide, "ann", "another good password")
        assert client.patch(f"/api/accounts/{account['id']}", json={"active": False}).json()["active"] is False
        assert guide.get("/api/me").status_code == 401

    def test_no_password_nor_its_print_is_kept_for_a_repeated_key(self, client: TestClient, opened: Opened, sql: Sql) -> None:
        enter(client)
        body = {"login": "ann", "name": "Ann", "role": "guide", "password": PASSWORD}
        assert client.post("/api/accounts", json=body, headers={"idempotency-key": "once"}).status_code == 201
        assert sql("select count(*) from idempotency_keys") == [(0,)]

    def test_pages(self, client: TestClient, opened: Opened, add_account: Add) -> None:
        for login in ("dan", "ann", "cat"):
            add_account(login)
        enter(client)
        logins, cursor = [], ""
        while True:
            page = client.get("/api/accounts", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
            logins += [account["login"] for account in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert logins == ["ann", "boss", "cat", "dan"]

    @pytest.mark.parametrize("path", ["/api/accounts", "/api/staff", "/api/audit"])
    @pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ", "WyJcdTAwMDAiXQ", "WyJcdWQ4MDAiXQ", "W10", "WzFlNDAwXQ", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"])
    def test_a_made_up_cursor_is_refused(self, client: TestClient, opened: Opened, path: str, cursor: str) -> None:
        enter(client)
        response = client.get(path, params={"cursor": cursor})
        assert (response.status_code, response.json()["code"]) == (422, "invalid")

    def test_roles_say_what_they_may(self, client: TestClient, opened: Opened) -> None:
        enter(client)
        told = {role["role"]: role for role in client.get("/api/roles").json()}
        assert list(told) == list(roles.NAMES)
        for name, role in told.items():
            assert role["permissions"] == sorted(roles.permissions_of(name))
        assert "staff.read" in told["guide"]["permissions"] and "accounts.manage" not in told["guide"]["permissions"]
        assert (told["owner"]["zh"], told["owner"]["en"], told["guide"]["scope"]) == ("经营者", "Owner", "own")


class TestPermissions:
    NEEDED: ClassVar[dict[tuple[str, str], str]] = {
        ("GET", "/api/accounts"): "accounts.read",
        ("POST", "/api/accounts"): "accounts.manage",
        ("PATCH", "/api/accounts/{id}"): "accounts.manage",
        ("POST", "/api/accounts/{id}/reset"): "accounts.manage",
        ("GET", "/api/staff"): "staff.read",
        ("GET", "/api/departments"): "staff.read",
        ("GET", "/api/audit"): "audit.read",
        ("GET", "/api/audit/verify"): "audit.read",
        ("PATCH", "/api/tenant"): "tenant.manage",
    }
    BODIES: ClassVar[dict[tuple[str, str], dict[str, Any]]] = {
        ("POST", "/api/accounts"): {"login": "new", "name": "New", "role": "guide", "password": PASSWORD},
        ("PATCH", "/api/accounts/{id}"): {"name": "Other"},
        ("POST", "/api/accounts/{id}/reset"): {"password": PASSWORD},
        ("PATCH", "/api/tenant"): {"name": "Other"},
    }

    @pytest.mark.parametrize("role", [role for role in roles.NAMES if role != "owner"])
    def test_each_role_gets_what_it_holds_and_nothing_else(self, client: TestClient, opened: Opened, add_account: Add, role: str) -> None:
        target = add_account("target")
        add_account("actor", role)
        enter(client, "actor")
        for (method, path), permission in self.NEEDED.items():
            response = client.request(method, path.format(id=target.id), json=self.BODIES.get((method, path)))
            held = permission in roles.permissions_of(role)
            assert (response.status_code < 300) is held, (role, method, path, response.text)
            if not held:
                assert (response.status_code, response.json()["code"]) == (403, "forbidden")

    def test_without_a_session_nothing_opens(self, client: TestClient, opened: Opened) -> None:
        for method, path in [*self.NEEDED, ("GET", "/api/me"), ("GET", "/api/tenant"), ("GET", "/api/roles"), ("POST", "/api/me/totp")]:
            response = client.request(method, path.format(id=opened.account.id), json=self.BODIES.get((method, path)))
            assert response.status_code == 401, (method, path)

    def test_accounts_of_another_brand_are_not_there(self, client: TestClient, opened: Opened, database: Database) -> None:
        from tests.conftest import make_tenant

        with database.transaction(make_tenant(database), SYSTEM) as tx:
            other = accounts.add(tx, login="other", name="Other", role="guide", password=PASSWORD)
        enter(client)
        for method, path in (("PATCH", f"/api/accounts/{other.id}"), ("POST", f"/api/accounts/{other.id}/reset")):
            response = client.request(method, path, json={"password": PASSWORD} if method == "POST" else {"name": "x"})
            assert (response.status_code, response.json()["code"]) == (404, "account.not_found")


class TestTenant:
    def test_says_above_how_many_people_a_broadcast_is_approved(self, client: TestClient, opened: Opened) -> None:
        enter(client)
        assert client.get("/api/tenant").json()["approval_above"] == 1_000
        assert client.patch("/api/tenant", json={"approval_above": 0}).json()["approval_above"] == 0
        assert client.patch("/api/tenant", json={"name": "新茶坊"}).json()["approval_above"] == 0
        for wrong in (-1, 10_000_001, 10**30):
            answer = client.patch("/api/tenant", json={"approval_above": wrong})
            assert (answer.status_code, answer.json()["params"]["field"]) == (422, "approval_above")
        entry = client.get("/api/audit", params={"act": "tenant.changed"}).json()["items"][-1]
        assert entry["detail"] == {"approval_above": [1_000, 0]}


class TestAudit:
    def test_lists_filters_and_verifies(self, client: TestClient, opened: Opened, sql: Sql) -> None:
        enter(client)
        client.patch("/api/tenant", json={"margin_rate_bp": 4000})
        page = client.get("/api/audit", params={"limit": 2}).json()
        assert [entry["act"] for entry in page["items"]] == ["tenant.changed", "session.opened"]
        assert page["items"][0]["detail"] == {"margin_rate_bp": [None, 4000]}
        rest = client.get("/api/audit", params={"cursor": page["next_cursor"]}).json()
        assert [entry["act"] for entry in rest["items"]] == ["tenant.created", "account.created"]
        mine = client.get("/api/audit", params={"actor": str(opened.account.id), "act": "tenant.changed"}).json()["items"]
        assert [entry["actor_name"] for entry in mine] == ["老板"]
        assert client.get("/api/audit/verify").json() == {"ok": True, "entries": 4, "broken_at": None, "reason": None}
        sql("update audit_entries set actor_name = 'somebody else' where seq = 3")
        assert client.get("/api/audit/verify").json() == {"ok": False, "entries": 2, "broken_at": 3, "reason": "changed"}


class TestStaff:
    def test_shows_departments_and_customers_when_lent(self, client: TestClient, opened: Opened, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        from siyu.access.staff import service

        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            staff.departments_upsert(tx, "corp", [DepartmentRecord(1, "总部"), DepartmentRecord(2, "店", 1)])
            staff.upsert(tx, "corp", [MemberRecord("ann", "Ann", "导购", departments=[2, 99]), MemberRecord("bob", "Bob")])
        enter(client)
        monkeypatch.setattr(service, "_counters", {})
        assert [member["customers"] for member in client.get("/api/staff").json()["items"]] == [None, None]
        staff.count_with("customers", lambda tx, ids: {ids[0]: 7})
        ann = client.get("/api/staff", params={"q": "ann"}).json()["items"][0]
        departments = client.get("/api/departments").json()
        assert (ann["customers"], ann["groups"], ann["position"], ann["department_ids"]) == (7, None, "导购", [departments[1]["id"]])
        assert (ann["status"], ann["hindrance"], ann["read_at"]) == ("active", None, None)
        assert [(d["name"], d["depth"], d["staff"], d["parent_id"]) for d in departments] == [("总部", 0, 0, None), ("店", 1, 1, departments[0]["id"])]
