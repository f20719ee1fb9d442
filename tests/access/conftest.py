"""A brand with its owner, and a browser at its door."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from siyu.access import accounts, logins, roles, sessions
from siyu.access.accounts import Account
from siyu.access.sessions import Limits
from siyu.access.wiring import capability
from siyu.app.http import create_app
from siyu.infra.clock import Clock
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import TenantId
from tests.conftest import _admin, _named

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

PASSWORD = "plum-blossom-at-dawn"


TABLES = "tenants, departments, staff, accounts, recovery_codes, sessions, login_tries, audit_entries, audit_heads, idempotency_keys, replica_tombstones, jobs"


@pytest.fixture(scope="session")
def access_url(server_url: str, template: str) -> Iterator[str]:
    """One database for these tests, emptied after each: most of them commit, and a clone for each would take longer than the tests."""
    name = f"access_{uuid4().hex[:12]}"
    _admin(server_url, f"create database {name} template {template} strategy file_copy")
    yield _named(server_url, name)
    _admin(server_url, f"drop database if exists {name} with (force)")


@pytest.fixture
def database(access_url: str, clock: Clock) -> Iterator[Database]:
    """The database of these tests, empty."""
    database = Database(access_url, clock=clock)
    yield database
    with database.engine.begin() as connection:
        connection.execute(text(f"truncate {TABLES} cascade"))
    database.close()


@pytest.fixture(autouse=True)
def permissions() -> None:
    roles.register(capability.permissions)


@pytest.fixture
def keys() -> Secrets:
    return Secrets({"k1": b"k" * 32})


@pytest.fixture
def opened(database: Database) -> logins.Opened:
    """A brand set up by its owner `boss`, who is logged in."""
    return logins.set_up(database, brand="茶坊", timezone="Asia/Shanghai", login="boss", name="老板", password=PASSWORD, limits=Limits())


@pytest.fixture
def add_account(database: Database, opened: logins.Opened) -> Callable[..., Account]:
    """Commit another account of that brand."""

    def add(login: str, role: str = "operator", tenant_id: TenantId | None = None, **more: object) -> Account:
        with database.transaction(tenant_id or opened.tenant_id, SYSTEM) as tx:
            return accounts.add(tx, login=login, name=login, role=role, password=PASSWORD, **more)  # type: ignore[arg-type]

    return add


@pytest.fixture
def log_in(database: Database, keys: Secrets) -> Callable[..., logins.Opened]:
    """Log in with the usual password unless told otherwise."""

    def log_in(login: str, password: str = PASSWORD, **more: object) -> logins.Opened:
        return logins.log_in(database, keys, login=login, password=password, limits=Limits(), **more)  # type: ignore[arg-type]

    return log_in


@pytest.fixture
def sql(database: Database) -> Callable[..., list[tuple[object, ...]]]:
    """Run SQL as the owner of the database, past every policy."""

    def run(statement: str, **params: object) -> list[tuple[object, ...]]:
        with database.engine.begin() as connection:
            result = connection.execute(text(statement), params)
            return [tuple(row) for row in result] if result.returns_rows else []

    return run


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """A browser that has not logged in."""
    with TestClient(create_app(database, Settings(home=tmp_path), [capability])) as client:
        yield client


def acting(tx: Tx, account: Account, token: str | None = None, database: Database | None = None) -> Tx:
    """The transaction as an account acts in it; with a token, in that session."""
    if token and database:
        resolved = sessions.resolve(database, token)
        assert resolved is not None
        return replace(tx, actor=resolved[1])
    return replace(tx, actor=sessions.actor_of(account.id, account.name, account.role, account.staff_id, account.department_ids))
