"""The tables of the audit log and every statement on them."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSON

from siyu.access.audit.model import START, Entry
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx

entries = Table(
    "audit_entries",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
heads = Table(
    "audit_heads",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

_COLUMNS = "seq, at, recorded_at, actor, actor_name, act, subject, cast(detail as text) as detail, hash"


def lock_head(tx: Tx) -> tuple[int, bytes, datetime]:
    """The last number and hash of the tenant's chain, held until the transaction ends, and the machine's time now."""
    tx.execute("insert into audit_heads (tenant_id, seq, hash) values (:tenant_id, 0, :start) on conflict do nothing", {"start": START})
    row = tx.execute("select seq, hash, clock_timestamp() as recorded_at from audit_heads where tenant_id = :tenant_id for update").one()
    return row.seq, row.hash, row.recorded_at


def append(tx: Tx, entry: Entry) -> None:
    """Add the entry and move the head to it; the head must be locked."""
    tx.execute(
        """
        with added as (
            insert into audit_entries (tenant_id, seq, at, recorded_at, actor, actor_name, act, subject, detail, hash)
            values (:tenant_id, :seq, :at, :recorded_at, :actor, :actor_name, :act, :subject, cast(:detail as json), :hash)
        )
        update audit_heads set seq = :seq, hash = :hash where tenant_id = :tenant_id
        """,
        {
            "seq": entry.seq,
            "at": entry.at,
            "recorded_at": entry.recorded_at,
            "actor": entry.actor,
            "actor_name": entry.actor_name,
            "act": entry.act,
            "subject": entry.subject,
            "detail": entry.detail,
            "hash": entry.hash,
        },
    )


@contextmanager
def chain(tx: Tx) -> Iterator[tuple[tuple[int, bytes], Iterator[Entry]]]:
    """The head and all entries in order, of one instant, a few thousand in memory at a time. A missing head counts as that of an empty chain."""
    statement = text(
        """
        select h.seq as head_seq, h.hash as head_hash, e.seq, e.at, e.recorded_at, e.actor, e.actor_name, e.act, e.subject,
            cast(e.detail as text) as detail, e.hash
        from (select cast(:tenant_id as uuid) as id) t
        left join audit_heads h on h.tenant_id = t.id
        left join audit_entries e on e.tenant_id = t.id
        order by e.seq
        """
    )
    with tx.connection.execute(statement.execution_options(stream_results=True, yield_per=2000), {"tenant_id": tx.tenant_id}) as result:
        rows = iter(result)
        first = next(rows)
        head = (first.head_seq, first.head_hash) if first.head_hash is not None else (0, START)
        yield head, (_entry(row[2:]) for row in itertools.chain([first], rows) if row.seq is not None)


def head(tx: Tx) -> tuple[int, bytes]:
    """The last number and hash, zero and `START` before the first entry."""
    row = tx.execute("select seq, hash from audit_heads where tenant_id = :tenant_id").first()
    return (row.seq, row.hash) if row else (0, START)


def machine_time(tx: Tx) -> datetime:
    """What the server's own clock says."""
    at: datetime = tx.execute("select clock_timestamp()").scalar_one()
    return at


def page(tx: Tx, *, before: int | None, actor: str | None, act: str | None, subject: str | None, limit: int) -> list[Entry]:
    """Entries older than number `before`, newest first."""
    rows = tx.execute(
        f"""
        select {_COLUMNS}
        from audit_entries
        where tenant_id = :tenant_id
            and (cast(:before as bigint) is null or seq < :before)
            and (cast(:actor as text) is null or actor = :actor)
            and (cast(:act as text) is null or act = :act)
            and (cast(:subject as text) is null or subject = :subject)
        order by seq desc
        limit :limit
        """,  # noqa: S608 (constant columns)
        {"before": before, "actor": actor, "act": act, "subject": subject, "limit": limit},
    )
    return [_entry(row) for row in rows]


def _entry(values: Sequence[Any]) -> Entry:
    return Entry(*values)
