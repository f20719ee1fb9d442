from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from siyu.access import fresh, logins, roles, sessions
from siyu.access.accounts import Account
from siyu.access.sessions import CrossOrigin, Limits, Stale, UnsafeMediaType
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import SessionId
from tests.access.conftest import PASSWORD

Sql = Callable[..., list[tuple[Any, ...]]]
LogIn = Callable[..., logins.Opened]


def request(method: str = "POST", scheme: str = "http", **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "siyu.example", **headers}.items()]
    return Request({"type": "http", "method": method, "scheme": scheme, "path": "/", "query_string": b"", "server": ("x", 80), "headers": named})


class TestResolve:
    def test_says_whose_request_it_is(self, database: Database, opened: logins.Opened) -> None:
        resolved = sessions.resolve(database, opened.token)
        assert resolved is not None
        tenant_id, actor = resolved
        assert tenant_id == opened.tenant_id
        assert (actor.kind, actor.id, actor.name, actor.role, actor.scope.kind) == ("user", opened.account.id, "老板", "owner", "all")
        assert actor.permissions == roles.permissions_of("owner") != frozenset()
        assert actor.session_id is not None

    @pytest.mark.parametrize("token", ["", "x", "A" * 22, "' or true --"])
    def test_an_unknown_token_is_nobodys(self, database: Database, opened: logins.Opened, token: str) -> None:
        assert sessions.resolve(database, token) is None

    def test_tokens_are_random_and_never_stored(self, database: Database, opened: logins.Opened, log_in: LogIn, sql: Sql) -> None:
        other = log_in("boss")
        assert len({opened.token, other.token}) == 2
        assert len(opened.token) == 22  # 128 bits
        for row in sql("select * from sessions"):
            assert opened.token not in str(row)

    @pytest.mark.parametrize(("seen_ago", "lives"), [("29 minutes", True), ("29 minutes 50 seconds", True), ("30 minutes 1 second", False), ("3 days", False)])
    def test_ends_after_half_an_hour_without_a_request(self, database: Database, opened: logins.Opened, sql: Sql, seen_ago: str, lives: bool) -> None:
        sql(f"update sessions set last_seen_at = clock_timestamp() - interval '{seen_ago}'")
        assert (sessions.resolve(database, opened.token) is not None) is lives

    def test_ends_after_twelve_hours_however_busy(self, database: Database, opened: logins.Opened, sql: Sql) -> None:
        assert 11.9 < float(sql("select extract(epoch from expires_at - created_at) / 3600 from sessions")[0][0]) < 12.001
        sql("update sessions set expires_at = clock_timestamp() - interval '1 second'")
        assert sessions.resolve(database, opened.token) is None

    def test_notes_at_most_once_a_minute_that_it_was_seen(self, database: Database, opened: logins.Opened, sql: Sql) -> None:
        sql("update sessions set last_seen_at = clock_timestamp() - interval '50 seconds'")
        before = sql("select last_seen_at from sessions")
        sessions.resolve(database, opened.token)
        assert sql("select last_seen_at from sessions") == before
        sql("update sessions set last_seen_at = clock_timestamp() - interval '61 seconds'")
        sessions.resolve(database, opened.token)
        assert sql("select s.last_seen_at > clock_timestamp() - interval '30 seconds', a.last_seen_at is not null from sessions s, accounts a") == [
            (True, True)
        ]

    def test_business_time_has_no_part_in_it(self, database: Database, opened: logins.Opened, clock: Any) -> None:
        clock.at = clock.at.replace(year=2031)
        assert sessions.resolve(database, opened.token) is not None

    def test_a_new_role_holds_from_the_next_request(self, database: Database, add_account: Callable[..., Account], log_in: LogIn, sql: Sql) -> None:
        add_account("ann", "admin")
        token = log_in("ann").token
        sql("update accounts set role = 'analyst' where login = 'ann'")
        resolved = sessions.resolve(database, token)
        assert resolved is not None and not resolved[1].may("accounts.manage")


class TestOpen:
    def test_a_new_log_in_ends_the_session_the_browser_came_with(self, database: Database, opened: logins.Opened, log_in: LogIn) -> None:
        again = log_in("boss", replaces=opened.token)
        assert sessions.resolve(database, opened.token) is None
        assert sessions.resolve(database, again.token) is not None

    def test_an_account_has_ten_sessions_and_loses_the_one_longest_unseen(self, database: Database, opened: logins.Opened, log_in: LogIn, sql: Sql) -> None:
        tokens = [log_in("boss").token for _ in range(9)]
        sql(
            "update sessions set last_seen_at = clock_timestamp() - interval '5 minutes' where token_hash = sha256(convert_to(:token, 'utf8'))", token=tokens[3]
        )
        newest = log_in("boss").token
        living = [token for token in [opened.token, *tokens, newest] if sessions.resolve(database, token)]
        assert living == [opened.token, *tokens[:3], *tokens[4:], newest]

    def test_the_sessions_of_others_are_left_alone(self, database: Database, opened: logins.Opened, add_account: Callable[..., Account], log_in: LogIn) -> None:
        add_account("ann")
        for _ in range(11):
            log_in("ann")
        assert sessions.resolve(database, opened.token) is not None


class TestSweep:
    def test_deletes_what_has_ended_and_nothing_else(self, database: Database, opened: logins.Opened, log_in: LogIn, sql: Sql) -> None:
        sql("update sessions set last_seen_at = clock_timestamp() - interval '1 day'")
        living = log_in("boss").token
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            assert sessions.sweep(tx) == 0  # log-in had swept its own account's
        sql("update sessions set expires_at = clock_timestamp()")
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            assert sessions.sweep(tx) == 1
        assert sessions.resolve(database, living) is None


class TestFresh:
    def test_holds_for_ten_minutes_after_the_password(self, database: Database, opened: logins.Opened, sql: Sql) -> None:
        resolved = sessions.resolve(database, opened.token)
        assert resolved is not None
        with database.transaction(*resolved) as tx:
            fresh(tx)
        sql("update sessions set authenticated_at = clock_timestamp() - interval '10 minutes 1 second'")
        with database.transaction(*resolved) as tx:
            with pytest.raises(Stale):
                fresh(tx)
            fresh(tx, minutes=11)

    def test_a_user_without_a_session_is_never_fresh(self, database: Database, opened: logins.Opened) -> None:
        account = opened.account
        with database.transaction(opened.tenant_id, sessions.actor_of(account.id, account.name, account.role, None, ())) as tx, pytest.raises(Stale):
            fresh(tx)
        gone = sessions.actor_of(account.id, account.name, account.role, None, (), session_id=SessionId(account.id))
        with database.transaction(opened.tenant_id, gone) as tx, pytest.raises(Stale):
            fresh(tx)

    def test_the_system_has_no_password_to_give(self, database: Database, opened: logins.Opened) -> None:
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            fresh(tx)


class TestCookie:
    def test_on_https_only_this_host_may_have_set_it(self) -> None:
        response = Response()
        sessions.set_cookie(request(scheme="https"), response, "token")
        cookie = response.headers["set-cookie"]
        assert cookie.startswith("__Host-siyu=token;")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie
        assert sessions.token_of(request(scheme="https", cookie="__Host-siyu=token")) == "token"
        assert sessions.token_of(request(scheme="https", cookie="siyu=planted")) is None

    def test_on_plain_http_it_is_out_of_reach_of_scripts_too(self) -> None:
        response = Response()
        sessions.set_cookie(request(), response, "token")
        assert response.headers["set-cookie"] == "siyu=token; HttpOnly; Path=/; SameSite=lax"

    def test_dropping_names_the_same_cookie(self) -> None:
        response = Response()
        sessions.drop_cookie(request(scheme="https"), response)
        assert response.headers["set-cookie"].startswith('__Host-siyu=""') and "Max-Age=0" in response.headers["set-cookie"]


class TestCheckOrigin:
    @pytest.mark.parametrize(
        "headers",
        [
            {"sec_fetch_site": "same-origin", "content_type": "application/json"},
            {"sec_fetch_site": "none"},
            {"origin": "http://siyu.example"},
            {"origin": "https://SIYU.example", "content_type": "multipart/form-data; boundary=x"},
            {"content_type": "application/json; charset=utf-8"},
            {},
        ],
    )
    def test_our_own_pages_and_programs_pass(self, headers: dict[str, str]) -> None:
        sessions.check_origin(request(**headers))

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize(
        "headers",
        [
            {"sec_fetch_site": "cross-site"},
            {"sec_fetch_site": "same-site"},
            {"sec_fetch_site": "cross-site", "origin": "http://siyu.example"},
            {"origin": "http://evil.example"},
            {"origin": "http://siyu.example.evil.example"},
            {"origin": "http://siyu.example:8080"},
            {"origin": "null"},
        ],
    )
    def test_other_sites_do_not(self, method: str, headers: dict[str, str]) -> None:
        with pytest.raises(CrossOrigin):
            sessions.check_origin(request(method, **headers))

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
    def test_a_body_that_a_form_can_send_is_refused(self, kind: str) -> None:
        with pytest.raises(UnsafeMediaType):
            sessions.check_origin(request(content_type=kind))
        with pytest.raises(UnsafeMediaType):
            sessions.check_origin(request(content_length="3"))

    def test_reading_is_free(self) -> None:
        sessions.check_origin(request("GET", sec_fetch_site="cross-site"))


def test_limits_come_from_the_settings(database: Database, opened: logins.Opened, keys: Any, sql: Sql) -> None:
    short = logins.log_in(database, keys, login="boss", password=PASSWORD, limits=Limits(idle_minutes=1, absolute_hours=1))
    sql("update sessions set last_seen_at = clock_timestamp() - interval '61 seconds'")
    assert sessions.resolve(database, short.token) is None
    assert sessions.resolve(database, opened.token) is not None
