import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from siyu.access import accounts, audit, logins, sessions, tenants, users
from siyu.access.accounts import Account, AccountNotFound, LastOwner, LoginTaken, NotYourself, OwnersOnly, TotpNotBegun, TotpOn, WrongCode
from siyu.access.passwords import Unacceptable
from siyu.access.sessions import Limits
from siyu.access.tenants import NoTenant, WhichTenant
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import AccountId, DepartmentId, StaffId
from tests.access.conftest import PASSWORD, acting
from tests.conftest import make_tenant

Add = Callable[..., Account]
LogIn = Callable[..., logins.Opened]


def added(tx: Tx, login: str, role: str = "operator") -> Account:
    return accounts.add(tx, login=login, name=login, role=role, password=PASSWORD)


class TestAdd:
    def test_keeps_the_name_in_small_letters_and_records_who_came(self, tx: Tx) -> None:
        account = accounts.add(tx, login=" Ａnn.Li ", name=" 安 ", role="guide", password=PASSWORD)
        assert (account.login, account.name, account.role, account.active, account.totp) == ("ann.li", "安", "guide", True, False)
        entry = audit.page(tx, limit=1)[0]
        assert (entry.act, entry.subject) == ("account.created", f"account:{account.id}")
        assert PASSWORD not in entry.detail and "argon2" not in entry.detail

    def test_a_name_is_taken_whatever_its_case(self, tx: Tx) -> None:
        added(tx, "ann")
        with pytest.raises(LoginTaken):
            added(tx, "ANN")

    @pytest.mark.parametrize(
        "wrong",
        [{"login": "a"}, {"login": "a b"}, {"login": "a\0b"}, {"login": "x" * 65}, {"name": " "}, {"name": "x" * 65}, {"role": "king"}, {"role": "system"}],
    )
    def test_refuses_what_cannot_be_meant(self, tx: Tx, wrong: dict[str, str]) -> None:
        with pytest.raises(Invalid) as refused:
            accounts.add(tx, **{"login": "ann", "name": "Ann", "role": "guide", "password": PASSWORD, **wrong})  # type: ignore[arg-type]
        assert refused.value.params["field"] == next(iter(wrong))

    def test_a_place_must_exist(self, tx: Tx) -> None:
        with pytest.raises(Invalid):
            accounts.add(tx, login="ann", name="Ann", role="guide", password=PASSWORD, staff_id=StaffId(uuid4()))
        with pytest.raises(Invalid):
            accounts.add(tx, login="ann", name="Ann", role="supervisor", password=PASSWORD, department_ids=[DepartmentId(uuid4())])

    def test_a_common_password_is_refused(self, tx: Tx) -> None:
        with pytest.raises(Unacceptable):
            accounts.add(tx, login="ann", name="Ann", role="guide", password="password123")

    def test_only_an_owner_makes_an_owner(self, tx: Tx) -> None:
        admin = acting(tx, added(tx, "admin", "admin"))
        with pytest.raises(OwnersOnly):
            added(admin, "boss", "owner")
        added(admin, "ann", "admin")
        added(acting(tx, added(tx, "boss", "owner")), "boss2", "owner")


class TestChange:
    def test_changes_what_is_given_and_records_both_values(self, tx: Tx) -> None:
        account = added(tx, "ann")
        changed = accounts.change(tx, account.id, role="analyst")
        assert changed == replace(account, role="analyst") == accounts.get(tx, account.id)
        assert audit.page(tx, limit=1)[0].details() == {"role": ["operator", "analyst"]}

    def test_changing_nothing_records_nothing(self, tx: Tx) -> None:
        account = added(tx, "ann")
        accounts.change(tx, account.id, name="ann", active=True)
        assert audit.page(tx, limit=1)[0].act == "account.created"

    def test_closing_ends_all_sessions_at_once(self, database: Database, opened: logins.Opened, add_account: Add, log_in: LogIn) -> None:
        account = add_account("ann")
        tokens = [log_in("ann").token for _ in range(2)]
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            accounts.change(tx, account.id, active=False)
        assert [sessions.resolve(database, token) for token in tokens] == [None, None]
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            accounts.change(tx, account.id, active=True)
        assert [sessions.resolve(database, token) for token in tokens] == [None, None]

    def test_an_admin_may_not_touch_an_owner(self, tx: Tx) -> None:
        boss, admin = added(tx, "boss", "owner"), added(tx, "admin", "admin")
        added(tx, "boss2", "owner")
        for change in ({"role": "guide"}, {"active": False}, {"name": "x"}):
            with pytest.raises(OwnersOnly):
                accounts.change(acting(tx, admin), boss.id, **change)
        with pytest.raises(OwnersOnly):
            accounts.change(acting(tx, admin), admin.id, role="owner")
        with pytest.raises(OwnersOnly):
            accounts.reset(acting(tx, admin), boss.id, "another good password")

    def test_the_last_owner_stays_one(self, tx: Tx) -> None:
        boss = added(tx, "boss", "owner")
        with pytest.raises(LastOwner):
            accounts.change(tx, boss.id, role="admin")
        with pytest.raises(LastOwner):
            accounts.change(tx, boss.id, active=False)
        added(tx, "boss2", "owner")
        assert accounts.change(tx, boss.id, role="admin").role == "admin"

    def test_two_owners_demoting_each_other_leave_one(self, database: Database, opened: logins.Opened, add_account: Add) -> None:
        other, barrier, outcomes = add_account("boss2", "owner"), threading.Barrier(2), []

        def demote(actor: Account, target: Account) -> None:
            barrier.wait()
            try:
                with database.transaction(opened.tenant_id, SYSTEM) as tx:
                    accounts.change(acting(tx, actor), target.id, role="guide")
                outcomes.append("demoted")
            except LastOwner:
                outcomes.append("refused")

        threads = [threading.Thread(target=demote, args=pair) for pair in ((opened.account, other), (other, opened.account))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["demoted", "refused"]

    def test_nobody_closes_the_account_they_act_with(self, tx: Tx) -> None:
        ann = added(tx, "ann", "admin")
        with pytest.raises(NotYourself):
            accounts.change(acting(tx, ann), ann.id, active=False)

    def test_an_unknown_account_is_not_found(self, tx: Tx) -> None:
        with pytest.raises(AccountNotFound):
            accounts.change(tx, AccountId(uuid4()), name="x")

    def test_everybody_changes_their_own_name_and_language(self, tx: Tx) -> None:
        ann = added(tx, "ann", "guide")
        assert accounts.change_self(acting(tx, ann), ann.id, name="安", language="en-US") == replace(ann, name="安", language="en-US")
        with pytest.raises(Invalid):
            accounts.change_self(acting(tx, ann), ann.id, language="fr")


class TestPasswords:
    def test_changing_it_ends_the_other_sessions_only(self, database: Database, opened: logins.Opened, log_in: LogIn) -> None:
        other = log_in("boss").token
        resolved = sessions.resolve(database, opened.token)
        assert resolved is not None
        with database.transaction(*resolved) as tx:
            accounts.change_password(tx, opened.account.id, "another good password")
        assert sessions.resolve(database, other) is None
        assert sessions.resolve(database, opened.token) is not None
        assert log_in("boss", "another good password").account.id == accounts_of(database, opened, "boss").id

    def test_a_reset_ends_all(self, database: Database, opened: logins.Opened, log_in: LogIn) -> None:
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            accounts.reset(tx, opened.account.id, "another good password")
        assert sessions.resolve(database, opened.token) is None
        log_in("boss", "another good password")


def accounts_of(database: Database, opened: logins.Opened, login: str) -> Account:
    with database.transaction(opened.tenant_id, SYSTEM) as tx:
        return accounts.by_login(tx, login)


class TestTotp:
    def test_begins_only_when_off_and_confirms_only_with_a_right_code(self, tx: Tx, keys: Secrets) -> None:
        ann = added(tx, "ann")
        with pytest.raises(TotpNotBegun):
            accounts.confirm_totp(tx, keys, ann.id, "123456")
        accounts.begin_totp(tx, keys, ann.id, issuer="siyu")
        with pytest.raises(WrongCode):
            accounts.confirm_totp(tx, keys, ann.id, "no code")
        assert not accounts.get(tx, ann.id).totp

    def test_switching_off_forgets_everything(self, tx: Tx, keys: Secrets) -> None:
        from siyu.access import totp
        from siyu.access.accounts.store import machine_seconds

        ann = added(tx, "ann")
        secret, uri = accounts.begin_totp(tx, keys, ann.id, issuer="siyu")
        assert secret in uri
        codes = accounts.confirm_totp(tx, keys, ann.id, totp.code(secret, totp.step_at(machine_seconds(tx))))
        with pytest.raises(TotpOn):
            accounts.begin_totp(tx, keys, ann.id, issuer="siyu")
        accounts.remove_totp(tx, ann.id)
        assert not accounts.check_code(tx, keys, ann.id, codes[0])
        assert tx.execute("select count(*) from recovery_codes").scalar() == 0
        assert [entry.act for entry in audit.page(tx, limit=2)] == ["account.totp_off", "account.totp_on"]


class TestUsers:
    def test_adds_with_a_generated_password(self, database: Database, opened: logins.Opened, log_in: LogIn) -> None:
        account, password = users.add(database, "ann", "安", "operator")
        assert log_in("ann", password).account.id == account.id
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            assert audit.page(tx, act="account.created")[0].actor_name == "siyu user"

    def test_resets_opens_again_and_may_switch_codes_off(self, database: Database, opened: logins.Opened, add_account: Add, log_in: LogIn) -> None:
        account = add_account("ann")
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            accounts.change(tx, account.id, active=False)
        _, password = users.reset(database, "Ann", without_totp=True)
        log_in("ann", password)

    def test_wants_to_know_which_brand_is_meant(self, database: Database) -> None:
        with pytest.raises(NoTenant):
            users.add(database, "ann", "安", "operator")
        first = make_tenant(database)
        make_tenant(database)
        with pytest.raises(WhichTenant):
            users.add(database, "ann", "安", "operator")
        assert users.add(database, "ann", "安", "operator", tenant_id=first)[0].login == "ann"


class TestTenant:
    def test_changes_are_recorded_with_both_values(self, tx: Tx) -> None:
        before = tenants.get(tx)
        after = tenants.change(tx, name=" 新茶坊 ", timezone="UTC", margin_rate_bp=4500)
        assert (after.name, after.timezone, after.margin_rate_bp) == ("新茶坊", "UTC", 4500)
        assert audit.page(tx, limit=1)[0].details() == {
            "name": [before.name, "新茶坊"],
            "timezone": [before.timezone, "UTC"],
            "margin_rate_bp": [None, 4500],
        }
        assert tenants.change(tx, margin_rate_bp=0) == replace(after, margin_rate_bp=0)

    @pytest.mark.parametrize("wrong", [{"name": ""}, {"timezone": "Nowhere"}, {"margin_rate_bp": 10_001}, {"margin_rate_bp": -1}])
    def test_refuses_what_cannot_be_meant(self, tx: Tx, wrong: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            tenants.change(tx, **wrong)


def test_an_account_of_another_brand_is_not_there(database: Database, opened: logins.Opened) -> None:
    other = make_tenant(database)
    with database.transaction(other, SYSTEM) as tx, pytest.raises(AccountNotFound):
        accounts.get(tx, opened.account.id)
    with pytest.raises(logins.SetUpDone):
        logins.set_up(database, brand="b", timezone="UTC", login="x1", name="x", password=PASSWORD, limits=Limits())
