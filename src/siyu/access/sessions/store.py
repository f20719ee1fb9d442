"""The table of sessions and every statement on it. Tokens are never stored, only their SHA-256."""

from typing import Any

from sqlalchemy import Column, Connection, DateTime, ForeignKeyConstraint, Integer, LargeBinary, Row, Table, Text, Uuid, text

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import AccountId, SessionId

sessions = Table(
    "sessions",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("address", Text),
    Column("agent", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("authenticated_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("idle_seconds", Integer, nullable=False),
    ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.id"]),
)


def find(connection: Connection, token_hash: bytes) -> Row[Any] | None:
    """Whose living session this is, noting once a minute that it was seen; before the tenant is known."""
    return connection.execute(text("select * from siyu_session(:hash)"), {"hash": token_hash}).first()


def insert(
    tx: Tx, id: SessionId, account_id: AccountId, token_hash: bytes, *, idle_seconds: int, absolute_seconds: int, address: str | None, agent: str | None
) -> None:
    tx.execute(
        """
        insert into sessions (tenant_id, id, account_id, token_hash, address, agent, expires_at, idle_seconds)
        values (:tenant_id, :id, :account_id, :hash, :address, :agent, clock_timestamp() + make_interval(secs => :absolute), :idle)
        """,
        {"id": id, "account_id": account_id, "hash": token_hash, "address": address, "agent": agent, "absolute": absolute_seconds, "idle": idle_seconds},
    )


def trim(tx: Tx, account_id: AccountId, keep: int) -> None:
    """Delete sessions that have ended, and of the others all but the `keep` last seen."""
    tx.execute(
        """
        delete from sessions
        where tenant_id = :tenant_id
            and account_id = :account_id
            and id not in (
                select id
                from sessions
                where tenant_id = :tenant_id
                    and account_id = :account_id
                    and expires_at > clock_timestamp()
                    and last_seen_at + make_interval(secs => idle_seconds) > clock_timestamp()
                order by last_seen_at desc, created_at desc
                limit :keep
            )
        """,
        {"account_id": account_id, "keep": keep},
    )


def sweep(tx: Tx) -> int:
    """Delete all sessions that have ended. Returns how many."""
    return tx.execute(
        """
        delete from sessions
        where tenant_id = :tenant_id
            and (expires_at <= clock_timestamp() or last_seen_at + make_interval(secs => idle_seconds) <= clock_timestamp())
        """
    ).rowcount


def delete(tx: Tx, account_id: AccountId, *, only: SessionId | None = None, but: SessionId | None = None) -> int:
    """Delete the sessions of an account: one, all but one, or all. Returns how many."""
    return tx.execute(
        """
        delete from sessions
        where tenant_id = :tenant_id
            and account_id = :account_id
            and (cast(:only as uuid) is null or id = :only)
            and (cast(:but as uuid) is null or id <> :but)
        """,
        {"account_id": account_id, "only": only, "but": but},
    ).rowcount


def delete_token(tx: Tx, token_hash: bytes) -> None:
    tx.execute("delete from sessions where tenant_id = :tenant_id and token_hash = :hash", {"hash": token_hash})


def rotate(tx: Tx, id: SessionId, token_hash: bytes) -> bool:
    """Give a session a new token and note that its holder has just proved who they are."""
    return (
        tx.execute(
            "update sessions set token_hash = :hash, authenticated_at = clock_timestamp() where tenant_id = :tenant_id and id = :id",
            {"id": id, "hash": token_hash},
        ).rowcount
        == 1
    )


def authenticated_seconds_ago(tx: Tx, id: SessionId) -> float | None:
    """How long ago the holder last proved who they are, in machine seconds."""
    seconds = tx.execute(
        "select extract(epoch from clock_timestamp() - authenticated_at) from sessions where tenant_id = :tenant_id and id = :id", {"id": id}
    ).scalar()
    return None if seconds is None else float(seconds)
