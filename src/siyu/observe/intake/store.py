"""The tables of received and declared names and of parked messages, and every statement on them."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Row, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra import arrays
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import SourceId, uuid7s
from siyu.observe.intake import model
from siyu.observe.intake.model import NAMES_LISTED, SAMPLES, Declaration, FieldMeaning, Parked, ParkedMessage, Received, Tally

received_names = Table(
    "received_names",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("source_id", Uuid, primary_key=True),
    Column("slot", BigInteger, primary_key=True),
    Column("events", BigInteger, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("samples", ARRAY(Text), nullable=False),
)

declared_names = Table(
    "declared_names",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("meaning", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("declared_by", Text, nullable=False),
    Column("declared_at", DateTime(timezone=True), nullable=False),
)

parked_messages = Table(
    "parked_messages",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("source_id", Uuid, nullable=False),
    Column("hash", Uuid, nullable=False),
    Column("kind", Text),
    Column("reason", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("sent_at", Text),
    Column("received_at", DateTime(timezone=True), nullable=False),
)


def count(tx: Tx, source_id: SourceId, tallies: Sequence[Tally]) -> None:
    """Add events to their names. Writers count in rows of their own, so that none waits for another; a name beyond the bound is not listed."""
    if not tallies:
        return
    ordered = sorted(tallies)
    params = {
        "source_id": source_id,
        "names": arrays.texts([one.name for one in ordered]),
        "counts": arrays.bare([one.events for one in ordered]),
        "first": arrays.instants([one.first_at for one in ordered]),
        "last": arrays.instants([one.last_at for one in ordered]),
        "samples": arrays.texts([one.sample for one in ordered]),
        "most": SAMPLES,
    }
    known = tx.execute(
        """
        update received_names n
        set events = n.events + r.events,
            first_at = least(n.first_at, r.first_at),
            last_at = greatest(n.last_at, r.last_at),
            samples = case when cardinality(n.samples) < :most then n.samples || r.sample else n.samples end
        from unnest(
            cast(:names as text[]), cast(:counts as bigint[]), cast(:first as timestamptz[]), cast(:last as timestamptz[]), cast(:samples as text[])
        ) as r (name, events, first_at, last_at, sample)
        where n.tenant_id = :tenant_id and n.name = r.name and n.source_id = :source_id and n.slot = pg_backend_pid() % 8
        """,
        params,
    ).rowcount
    if known == len(ordered):
        return
    tx.execute(
        """
        insert into received_names (tenant_id, name, source_id, slot, events, first_at, last_at, samples)
        select :tenant_id, r.name, :source_id, pg_backend_pid() % 8, r.events, r.first_at, r.last_at, array[r.sample]
        from unnest(
            cast(:names as text[]), cast(:counts as bigint[]), cast(:first as timestamptz[]), cast(:last as timestamptz[]), cast(:samples as text[])
        ) as r (name, events, first_at, last_at, sample)
        where not exists (
            select from received_names n
            where n.tenant_id = :tenant_id and n.name = r.name and n.source_id = :source_id and n.slot = pg_backend_pid() % 8
        ) and (
            exists (select from received_names n where n.tenant_id = :tenant_id and n.name = r.name)
            or (select count(distinct n.name) from received_names n where n.tenant_id = :tenant_id) + :coming <= :bound
        )
        on conflict (tenant_id, name, source_id, slot) do update
        set events = received_names.events + excluded.events,
            first_at = least(received_names.first_at, excluded.first_at),
            last_at = greatest(received_names.last_at, excluded.last_at)
        """,
        params | {"bound": NAMES_LISTED, "coming": len(ordered) - known},
    )


def received(tx: Tx) -> list[Received]:
    """All names that came in, the latest first."""
    rows = tx.execute(
        """
        select name, sum(events) as events, min(first_at) as first_at, max(last_at) as last_at, array_agg(distinct source_id) as source_ids,
            jsonb_agg(samples order by slot) as samples
        from received_names
        where tenant_id = :tenant_id
        group by name
        order by max(last_at) desc, name
        """
    )
    return [
        Received(
            row.name,
            int(row.events),
            row.first_at,
            row.last_at,
            [SourceId(id) for id in row.source_ids],
            [sample for some in row.samples for sample in some][:SAMPLES],
        )
        for row in rows
    ]


def declare(tx: Tx, one: Declaration) -> None:
    """Write a declaration over what was declared before."""
    tx.execute(
        """
        insert into declared_names as d (tenant_id, name, meaning, fields, declared_by, declared_at)
        values (:tenant_id, :name, :meaning, cast(:fields as jsonb), :by, :now)
        on conflict (tenant_id, name) do update
        set meaning = excluded.meaning, fields = excluded.fields, declared_by = excluded.declared_by, declared_at = excluded.declared_at
        """,
        {"name": one.name, "meaning": one.meaning, "fields": json.dumps(model.plain(one.fields), ensure_ascii=False), "by": tx.actor.label},
    )


def declared(tx: Tx) -> list[Declaration]:
    """What the brand declared, by name."""
    rows = tx.execute("select name, meaning, fields, declared_at from declared_names where tenant_id = :tenant_id order by name")
    return [Declaration(row.name, row.meaning, {name: FieldMeaning(**field) for name, field in row.fields.items()}, row.declared_at) for row in rows]


def park(tx: Tx, source_id: SourceId, parked: Collection[Parked]) -> None:
    """Set messages aside; one that comes again is kept once."""
    some = list({one.hash: one for one in parked}.values())
    some.sort(key=lambda one: one.hash)
    if some:
        tx.execute(
            """
            insert into parked_messages (tenant_id, id, source_id, hash, kind, reason, body, sent_at, received_at)
            select :tenant_id, r.id, :source_id, r.hash, r.kind, r.reason, r.body, r.sent_at, :now
            from unnest(
                cast(:ids as uuid[]), cast(:hashes as uuid[]), cast(:kinds as text[]), cast(:reasons as text[]), cast(:bodies as text[]), cast(:sent as text[])
            ) as r (id, hash, kind, reason, body, sent_at)
            on conflict (tenant_id, hash) do nothing
            """,
            {
                "source_id": source_id,
                "ids": arrays.bare(uuid7s(tx.now, len(some))),
                "hashes": arrays.bare([one.hash for one in some]),
                "kinds": arrays.texts([one.kind for one in some]),
                "reasons": arrays.texts([one.reason for one in some]),
                "bodies": arrays.texts([one.body for one in some]),
                "sent": arrays.texts([one.sent_at for one in some]),
            },
        )


_PARKED = "id, source_id, hash, kind, reason, body, sent_at, received_at"


def parked_page(tx: Tx, *, before: UUID | None, limit: int) -> list[ParkedMessage]:
    """Parked messages, newest first."""
    rows = tx.execute(
        f"""
        select {_PARKED}
        from parked_messages
        where tenant_id = :tenant_id and (cast(:before as uuid) is null or id < :before)
        order by id desc
        limit :limit
        """,  # noqa: S608 (constant columns)
        {"before": before, "limit": limit},
    )
    return [_parked(row) for row in rows]


def take_parked(tx: Tx, *, ids: Sequence[UUID] | None = None, after: UUID | None = None, limit: int = 100) -> list[ParkedMessage]:
    """Lock parked messages to read them again: these, else the oldest behind `after`. Those that somebody else has locked are left out."""
    rows = tx.execute(
        f"""
        select {_PARKED}
        from parked_messages
        where tenant_id = :tenant_id
            and (cast(:ids as uuid[]) is null or id = any (cast(:ids as uuid[])))
            and (cast(:after as uuid) is null or id > :after)
        order by id
        limit :limit
        for update skip locked
        """,  # noqa: S608 (constant columns)
        {"ids": list(ids) if ids is not None else None, "after": after, "limit": limit},
    )
    return [_parked(row) for row in rows]


def count_parked(tx: Tx) -> int:
    return int(tx.execute("select count(*) from parked_messages where tenant_id = :tenant_id").scalar_one())


def unpark(tx: Tx, ids: Collection[UUID]) -> None:
    """Let go of messages that are in the log now."""
    if ids:
        tx.execute("delete from parked_messages where tenant_id = :tenant_id and id = any (cast(:ids as uuid[]))", {"ids": list(ids)})


def mark_parked(tx: Tx, reasons: Mapping[UUID, str]) -> None:
    """Keep why messages were refused when they were read again."""
    if reasons:
        tx.execute(
            """
            update parked_messages p
            set reason = r.reason
            from unnest(cast(:ids as uuid[]), cast(:reasons as text[])) as r (id, reason)
            where p.tenant_id = :tenant_id and p.id = r.id and p.reason <> r.reason
            """,
            {"ids": arrays.bare(reasons), "reasons": arrays.texts(reasons.values())},
        )


def forget(tx: Tx, before: datetime, limit: int) -> int:
    """Delete the oldest parked messages that came before an instant; how many."""
    return tx.execute(
        """
        delete from parked_messages
        where tenant_id = :tenant_id and id in (
            select id from parked_messages where tenant_id = :tenant_id and received_at < :before order by received_at limit :limit
        )
        """,
        {"before": before, "limit": limit},
    ).rowcount


def _parked(row: Row[Any]) -> ParkedMessage:
    return ParkedMessage(row.id, SourceId(row.source_id), row.hash.hex, row.kind, row.reason, row.body, row.sent_at, row.received_at)
