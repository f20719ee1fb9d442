"""The statements of logging in: counted tries and the look-up by name, both before the tenant is known."""

from typing import Any

from sqlalchemy import BigInteger, Column, Connection, DateTime, LargeBinary, Row, Table, text

from siyu.access.logins.model import TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS, subject
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx

login_tries = Table(
    "login_tries",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("subject", LargeBinary, nullable=False),
    Column("tried_at", DateTime(timezone=True), nullable=False),
)


def count_try(connection: Connection, login: str, address: str) -> int:
    """Count a try; 0 when it may go on, else the seconds until the next may, and this one is not counted."""
    return int(
        connection.execute(
            text("select siyu_try_login(:login, :address, :per_login, :per_address)"),
            {"login": subject("login", login), "address": subject("address", address), "per_login": TRIES_PER_ACCOUNT, "per_address": TRIES_PER_ADDRESS},
        ).scalar_one()
    )


def find(connection: Connection, login: str) -> list[Row[Any]]:
    """Accounts of any tenant with this name: tenant_id, account_id, password_hash, active."""
    return list(connection.execute(text("select * from siyu_account_by_login(:login)"), {"login": login}))


def forgive(tx: Tx, login: str, address: str) -> int:
    """Forget the tries for a name that proved right, and one from its address. Returns how many had failed."""
    return int(
        tx.execute("select siyu_login_succeeded(:login, :address)", {"login": subject("login", login), "address": subject("address", address)}).scalar_one()
    )
