import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event

from siyu.access import accounts, audit, logins, passwords, roles, sessions, staff, totp
from siyu.access.accounts import Account, WrongPassword
from siyu.access.logins import AmbiguousLogin, BadCode, BadCredentials, CodeNeeded, SetUpDone, TooMany
from siyu.access.sessions import Limits
from siyu.access.staff import MemberRecord
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.infra.tx import SYSTEM
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import AccountId
from tests.access.conftest import PASSWORD
from tests.conftest import make_tenant

Sql = Callable[..., list[tuple[Any, ...]]]
LogIn = Callable[..., logins.Opened]
Add = Callable[..., Account]


class TestLogIn:
    def test_opens_a_session_and_records_it(self, database: Database, opened: logins.Opened, log_in: LogIn) -> None:
        again = log_in(" BOSS ", address="10.0.0.9")
        assert again.account.id == opened.account.id
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            assert accounts.get(tx, opened.account.id).last_seen_at
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            entry = audit.page(tx, act="session.opened")[0]
        assert entry.actor == f"user:{opened.account.id}"
        assert entry.details()["address"] == "10.0.0.9"
        assert again.token not in entry.detail

    def test_wrong_unknown_and_closed_get_the_same_answer(self, opened: logins.Opened, add_account: Add, log_in: LogIn, sql: Sql) -> None:
        add_account("gone")
        sql("update accounts set active = false where login = 'gone'")
        answers = set()
        for login, password in [("boss", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD), ("boss\0", PASSWORD), ("", "")]:
            with pytest.raises(BadCredentials) as refused:
                log_in(login, password)
            answers.add((refused.value.code, str(refused.value.params)))
        assert answers == {("session.bad_credentials", "{}")}

    def test_unknown_names_cost_the_same_work(self, database: Database, opened: logins.Opened, log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> None:
        done: list[str] = []
        event.listen(database.engine, "before_cursor_execute", lambda *args: done.append(args[2]))
        assert not passwords.verify(None, "the hash of nobody is made at its first use")
        verify = passwords._hasher.verify

        class Counted:
            def verify(self, kept: str, given: str) -> bool:
                done.append(f"argon2 {kept.rsplit('$', 2)[0]}")
                return verify(kept, given)

        monkeypatch.setattr(passwords, "_hasher", Counted())
        work = []
        for login in ("boss", "nobody"):
            done.clear()
            with pytest.raises(BadCredentials):
                log_in(login, "wrong password")
            work.append(list(done))
        assert work[0] == work[1]
        assert [step for step in work[0] if step.startswith("argon2")] == ["argon2 $argon2id$v=19$m=19456,t=2,p=1"]

    def test_several_brands_may_have_the_name_unless_the_password_fits_both(self, database: Database, opened: logins.Opened, log_in: LogIn) -> None:
        other = make_tenant(database)
        with database.transaction(other, SYSTEM) as tx:
            accounts.add(tx, login="boss", name="另一位", role="owner", password="another password of hers")
        assert log_in("boss", "another password of hers").tenant_id == other
        assert log_in("boss").tenant_id == opened.tenant_id
        with database.transaction(other, SYSTEM) as tx:
            accounts.reset(tx, accounts.by_login(tx, "boss").id, PASSWORD)
        with pytest.raises(AmbiguousLogin):
            log_in("boss")

    def test_a_hash_of_yesterdays_parameters_is_renewed(self, opened: logins.Opened, log_in: LogIn, sql: Sql) -> None:
        from argon2 import PasswordHasher

        sql("update accounts set password_hash = :old", old=PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1).hash(PASSWORD))
        log_in("boss")
        assert str(sql("select password_hash from accounts")[0][0]).startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    def test_whoever_left_the_staff_is_out_at_once(self, database: Database, opened: logins.Opened, add_account: Add, log_in: LogIn) -> None:
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            staff.upsert(tx, "corp", [MemberRecord("ann", "Ann")])
            id = staff.ids(tx, "corp", ["ann"])["ann"]
        add_account("ann", "guide", staff_id=id)
        token = log_in("ann").token
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            staff.upsert(tx, "corp", [], complete=True)
        assert sessions.resolve(database, token) is None
        with pytest.raises(BadCredentials):
            log_in("ann")


class TestTries:
    def test_twenty_an_hour_are_heard_whatever_the_password(self, opened: logins.Opened, log_in: LogIn, sql: Sql) -> None:
        for _ in range(20):
            with pytest.raises(BadCredentials):
                log_in("boss", "wrong")
        with pytest.raises(TooMany) as refused:
            log_in("boss")
        assert 3500 < refused.value.params["retry_after_seconds"] <= 3600
        sql("update login_tries set tried_at = clock_timestamp() - interval '59 minutes'")
        with pytest.raises(TooMany) as refused:
            log_in("boss")
        assert 50 < refused.value.params["retry_after_seconds"] <= 60
        sql("update login_tries set tried_at = clock_timestamp() - interval '60 minutes'")
        log_in("boss")

    def test_what_is_refused_does_not_prolong_the_wait(self, opened: logins.Opened, log_in: LogIn, sql: Sql) -> None:
        for _ in range(25):
            with pytest.raises((BadCredentials, TooMany)):
                log_in("boss", "wrong")
        assert sql("select count(*) from login_tries") == [(40,)]  # twenty for the name, twenty for the address

    def test_many_at_once_hear_no_more_than_twenty(self, database: Database, opened: logins.Opened, log_in: LogIn) -> None:
        heard, refused = [], []

        def guess(i: int) -> None:
            try:
                log_in("boss", f"guess {i}")
            except BadCredentials:
                heard.append(i)
            except TooMany:
                refused.append(i)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(guess, range(60)))
        assert (len(heard), len(refused)) == (20, 40)

    def test_an_address_may_try_a_hundred_names(self, opened: logins.Opened, log_in: LogIn, sql: Sql) -> None:
        with pytest.raises(BadCredentials):
            log_in("nobody", "wrong", address="10.0.0.1")
        sql("insert into login_tries (subject) select subject from login_tries, generate_series(1, 99)")
        sql("delete from login_tries where subject = sha256(convert_to('siyu login', 'utf8') || '\\x00'::bytea || convert_to('nobody', 'utf8'))")
        with pytest.raises(TooMany):
            log_in("somebody", "wrong", address="10.0.0.1")
        with pytest.raises(BadCredentials):
            log_in("somebody", "wrong", address="10.0.0.2")

    def test_success_forgives_and_says_how_many_failed(self, database: Database, opened: logins.Opened, log_in: LogIn, sql: Sql) -> None:
        for _ in range(3):
            with pytest.raises(BadCredentials):
                log_in("boss", "wrong")
        log_in("boss")
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            assert audit.page(tx, act="session.opened")[0].details()["failed_before"] == 3
        for _ in range(19):
            with pytest.raises(BadCredentials):
                log_in("boss", "wrong")
        log_in("boss")

    def test_keeps_no_name_and_no_address(self, opened: logins.Opened, log_in: LogIn, sql: Sql) -> None:
        with pytest.raises(BadCredentials):
            log_in("boss", "wrong", address="10.0.0.1")
        assert all(len(row[0]) == 32 for row in sql("select subject from login_tries"))


class TestOneTimeCodes:
    @pytest.fixture
    def secret(self, database: Database, opened: logins.Opened, keys: Secrets) -> str:
        """One-time codes switched on for `boss`, with a code of an hour ago so that today's are unused."""
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            secret, _ = accounts.begin_totp(tx, keys, opened.account.id, issuer="siyu")
            accounts.confirm_totp(tx, keys, opened.account.id, totp.code(secret, totp.step_at(time.time())))
            tx.execute("update accounts set totp_step = 0 where tenant_id = :tenant_id")
        return secret

    @staticmethod
    def now(secret: str, shift: int = 0) -> str:
        return totp.code(secret, totp.step_at(time.time()) + shift)

    def test_the_password_alone_is_not_enough(self, secret: str, log_in: LogIn, database: Database) -> None:
        with pytest.raises(CodeNeeded):
            log_in("boss")
        assert sessions.resolve(database, log_in("boss", code=self.now(secret)).token) is not None

    def test_without_the_password_nobody_learns_that_a_code_is_wanted(self, secret: str, log_in: LogIn) -> None:
        with pytest.raises(BadCredentials):
            log_in("boss", "wrong", code=self.now(secret))

    def test_a_code_counts_once(self, secret: str, log_in: LogIn) -> None:
        code = self.now(secret)
        log_in("boss", code=code)
        with pytest.raises(BadCode):
            log_in("boss", code=code)

    def test_a_code_counts_once_among_many_at_once(self, secret: str, log_in: LogIn) -> None:
        code, outcomes = self.now(secret), []
        barrier = threading.Barrier(6)

        def use() -> None:
            barrier.wait()
            try:
                log_in("boss", code=code)
                outcomes.append("in")
            except BadCode:
                outcomes.append("refused")

        threads = [threading.Thread(target=use) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["in"] + ["refused"] * 5

    def test_an_earlier_code_than_the_last_used_is_refused(self, secret: str, log_in: LogIn) -> None:
        later, earlier = self.now(secret, 1), self.now(secret)
        log_in("boss", code=later)
        with pytest.raises(BadCode):
            log_in("boss", code=earlier)

    @pytest.mark.parametrize("code", ["000000x", "12345", "１２３４５６"])
    def test_other_codes_are_refused_and_counted(self, secret: str, log_in: LogIn, code: str) -> None:
        for _ in range(20):
            with pytest.raises(BadCode):
                log_in("boss", code=code)
        with pytest.raises(TooMany):
            log_in("boss", code=self.now(secret))

    def test_a_recovery_code_counts_once_and_is_recorded(self, database: Database, opened: logins.Opened, keys: Secrets, log_in: LogIn, sql: Sql) -> None:
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            secret, _ = accounts.begin_totp(tx, keys, opened.account.id, issuer="siyu")
            codes = accounts.confirm_totp(tx, keys, opened.account.id, self.now(secret))
        log_in("boss", code=f" {codes[4].upper()}")
        with pytest.raises(BadCode):
            log_in("boss", code=codes[4])
        log_in("boss", code=codes[5])
        assert sql("select count(*), count(used_at) from recovery_codes") == [(10, 2)]
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            assert len(audit.page(tx, act="account.recovery_code_used")) == 2

    def test_neither_secret_nor_recovery_codes_lie_open_in_the_store(self, secret: str, sql: Sql) -> None:
        rows = str(sql("select * from accounts") + sql("select * from recovery_codes") + sql("select cast(detail as text) from audit_entries"))
        assert secret not in rows
        assert "k1:" in rows

    def test_a_reset_password_does_not_skip_the_code(self, database: Database, opened: logins.Opened, secret: str, log_in: LogIn) -> None:
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            accounts.reset(tx, opened.account.id, "another good password")
        with pytest.raises(CodeNeeded):
            log_in("boss", "another good password")


class TestProve:
    def test_wants_the_password_and_counts(self, database: Database, opened: logins.Opened, keys: Secrets) -> None:
        resolved = sessions.resolve(database, opened.token)
        assert resolved is not None
        for _ in range(20):
            with database.transaction(*resolved) as tx, pytest.raises(WrongPassword):
                logins.prove(database, keys, tx, "wrong")
        with database.transaction(*resolved) as tx, pytest.raises(TooMany):
            logins.prove(database, keys, tx, PASSWORD)

    def test_names_the_account_and_forgives(self, database: Database, opened: logins.Opened, keys: Secrets, sql: Sql) -> None:
        resolved = sessions.resolve(database, opened.token)
        assert resolved is not None
        with database.transaction(*resolved) as tx:
            assert logins.prove(database, keys, tx, PASSWORD) == opened.account.id
        assert sql("select count(*) from login_tries") == [(0,)]


class TestSetUp:
    def test_makes_the_brand_and_its_owner_and_lets_in(self, database: Database, opened: logins.Opened) -> None:
        resolved = sessions.resolve(database, opened.token)
        assert resolved is not None
        with database.transaction(*resolved) as tx:
            assert accounts.get(tx, AccountId(opened.account.id)).role == "owner"
            assert [entry.act for entry in audit.page(tx)] == ["tenant.created", "account.created"]

    def test_happens_once(self, database: Database, opened: logins.Opened) -> None:
        with pytest.raises(SetUpDone):
            logins.set_up(database, brand="又一家", timezone="Asia/Shanghai", login="boss2", name="b", password=PASSWORD, limits=Limits())
        assert database.tenants() == [opened.tenant_id]

    def test_of_several_at_once_one_succeeds(self, database: Database) -> None:
        barrier, outcomes = threading.Barrier(4), []

        def go(i: int) -> None:
            barrier.wait()
            try:
                logins.set_up(database, brand=f"brand {i}", timezone="UTC", login=f"boss{i}", name="b", password=PASSWORD, limits=Limits())
                outcomes.append("made")
            except SetUpDone:
                outcomes.append("refused")

        threads = [threading.Thread(target=go, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["made", "refused", "refused", "refused"]
        assert len(database.tenants()) == 1

    @pytest.mark.parametrize(
        "wrong", [{"brand": " "}, {"timezone": "Mars/Olympus"}, {"timezone": "../etc/passwd"}, {"login": "a b"}, {"name": ""}, {"password": "12345678"}]
    )
    def test_a_bad_word_leaves_nothing_behind(self, database: Database, wrong: dict[str, str]) -> None:
        good = {"brand": "茶坊", "timezone": "Asia/Shanghai", "login": "boss", "name": "老板", "password": PASSWORD}
        with pytest.raises((Invalid, passwords.Unacceptable)):
            logins.set_up(database, **{**good, **wrong}, limits=Limits())
        assert database.tenants() == []


def test_before_the_permissions_are_registered_nobody_may_do_anything(database: Database, opened: logins.Opened) -> None:
    roles.register([])
    resolved = sessions.resolve(database, opened.token)
    assert resolved is not None and not resolved[1].may("accounts.read")
