"""The table of sources and every statement on it."""

from sqlalchemy import Column, DateTime, LargeBinary, Table, Text, Uuid

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import SourceId
from siyu.observe.sources.model import Source

sources = Table(
    "sources",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("key_hint", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("kind", Text, nullable=False),
)


def insert(tx: Tx, source: Source, key_hash: bytes) -> bool:
    """False when the name is taken."""
    return (
        tx.execute(
            """
            insert into sources (tenant_id, id, name, key_hash, key_hint, created_by, created_at, kind)
            values (:tenant_id, :id, :name, :key_hash, :key_hint, :by, :now, :kind)
            on conflict (tenant_id, name) do nothing
            """,
            {"id": source.id, "name": source.name, "key_hash": key_hash, "key_hint": source.key_hint, "by": tx.actor.label, "kind": source.kind},
        ).rowcount
        == 1
    )


def all_of(tx: Tx) -> list[Source]:
    """Sources, newest first."""
    rows = tx.execute("select id, name, key_hint, created_at, kind, revoked_at from sources where tenant_id = :tenant_id order by id desc")
    return [Source(SourceId(row.id), row.name, row.key_hint, row.created_at, row.kind, row.revoked_at) for row in rows]


def revoke(tx: Tx, id: SourceId) -> bool:
    return tx.execute("update sources set revoked_at = :now where tenant_id = :tenant_id and id = :id and revoked_at is null", {"id": id}).rowcount == 1
