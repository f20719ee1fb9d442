"""The log's tables and every statement on them."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, DateTime, Integer, Row, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from siyu.events.model import Event, Fact
from siyu.infra import arrays
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.errors import Refusal
from siyu.kernel.ids import EventId, IdentityId, uuid7

events = Table(
    "events",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("identity_id", Uuid),
    Column("name", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), primary_key=True),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("props", JSONB, nullable=False),
    Column("schema_version", Integer, nullable=False),
)

_JSON = json.JSONEncoder(ensure_ascii=False)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_COLUMNS = "e.id, e.identity_id, e.name, e.occurred_at, e.recorded_at, e.actor, e.source, e.key, e.props"


class OutOfTime(Refusal):
    """An event of before 2000 or of more than a day ahead: its clock is wrong."""

    code = "event.out_of_time"
    status = 422


def append(tx: Tx, fact: Fact, *, key: str, identity_id: IdentityId | None = None, at: datetime | None = None, source: str = "siyu") -> bool:
    """Write one fact; False when (source, key) was written before. `at`: when it happened, default now. Raises OutOfTime."""
    return append_many(tx, [(fact, key, identity_id, at)], source=source) == 1


def append_many(tx: Tx, facts: Sequence[tuple[Fact, str, IdentityId | None, datetime | None]], *, source: str = "siyu") -> int:
    """Write (fact, key, identity, at) rows in one statement; known (source, key) are passed over. Returns how many were new. Raises OutOfTime."""
    rows: dict[str, tuple[Fact, str, IdentityId | None, datetime]] = {}
    for fact, key, identity_id, at in facts:
        occurred = at or tx.now
        if not EARLIEST <= occurred <= tx.now + timedelta(days=1):
            raise OutOfTime(name=fact.name, occurred_at=occurred.isoformat())
        rows.setdefault(key_hash(source, key), (fact, key, identity_id, occurred))
    if not rows:
        return 0
    fact_of, keys, identity_of, occurred_at = zip(*rows.values(), strict=True)
    months = sorted({_month(at) for at in occurred_at})
    tx.execute("select siyu_event_partition(month) from unnest(cast(:months as date[])) as m (month)", {"months": months})
    result = tx.execute(
        """
        with taken as (
            insert into event_keys (tenant_id, hash)
            select :tenant_id, hash from unnest(cast(:hashes as uuid[])) as h (hash)
            on conflict do nothing
            returning hash
        )
        insert into events (tenant_id, id, identity_id, name, occurred_at, recorded_at, actor, source, key, props, schema_version)
        select :tenant_id, r.id, r.identity_id, r.name, r.occurred_at, :now, :actor, :source, r.key, r.props, r.version
        from unnest(
            cast(:ids as uuid[]), cast(:hashes as uuid[]), cast(:identities as uuid[]), cast(:names as text[]), cast(:occurred as timestamptz[]),
            cast(:keys as text[]), cast(:props as jsonb[]), cast(:versions as integer[])
        ) as r (id, hash, identity_id, name, occurred_at, key, props, version)
        where r.hash in (select hash from taken)
        """,
        {
            "ids": arrays.bare([uuid7(at) for at in occurred_at]),
            "hashes": arrays.bare(rows),
            "identities": arrays.bare(identity_of),
            "names": arrays.texts([fact.name for fact in fact_of]),
            "occurred": arrays.instants(occurred_at),
            "keys": arrays.texts(keys),
            "props": arrays.texts([_JSON.encode(fact.props()) for fact in fact_of]),
            "versions": arrays.bare([fact.version for fact in fact_of]),
            "actor": tx.actor.label,
            "source": source,
        },
    )
    return result.rowcount


def read(
    tx: Tx, identities: Sequence[IdentityId], *, names: Sequence[str] = (), before: tuple[datetime, EventId] | None = None, limit: int = 50
) -> list[Event]:
    """Events of one person (all of the person's identities), newest first, older than `before`; `names` empty means all."""
    rows = tx.execute(
        f"""
        select {_COLUMNS}
        from events e
        where e.tenant_id = :tenant_id
            and e.identity_id = any (cast(:identities as uuid[]))
            and (cardinality(cast(:names as text[])) = 0 or e.name = any (cast(:names as text[])))
            and (cast(:before_at as timestamptz) is null or (e.occurred_at, e.id) < (:before_at, cast(:before_id as uuid)))
        order by e.occurred_at desc, e.id desc
        limit :limit
        """,  # noqa: S608 (constant columns)
        {
            "identities": list(identities),
            "names": list(names),
            "before_at": before[0] if before else None,
            "before_id": before[1] if before else None,
            "limit": limit,
        },
    )
    return [_event(row) for row in rows]


def follow(tx: Tx, follower: str, names: Sequence[str], *, limit: int = 500) -> list[Event]:
    """The next events of these names in commit order after the follower's cursor, which moves with this transaction.

    Only events of transactions older than every running one are given, so none is passed over, however late it commits.
    """
    if not backlog(tx, follower, names):  # looking takes no lock and writes nothing
        return []
    tx.execute("insert into event_cursors (tenant_id, follower) values (:tenant_id, :follower) on conflict do nothing", {"follower": follower})
    cursor = tx.execute(
        "select xid, id from event_cursors where tenant_id = :tenant_id and follower = :follower for update skip locked", {"follower": follower}
    ).first()
    if cursor is None:  # another worker is at it
        return []
    rows = tx.execute(
        f"""
        select {_COLUMNS}, e.xid
        from events e
        where e.tenant_id = :tenant_id
            and e.name = any (cast(:names as text[]))
            and (e.xid, e.id) > (cast(:xid as xid8), :id)
            and e.xid < pg_snapshot_xmin(pg_current_snapshot())
        order by e.xid, e.id
        limit :limit
        """,  # noqa: S608 (constant columns)
        {"names": list(names), "xid": str(cursor.xid), "id": cursor.id, "limit": limit},
    ).all()
    if rows:
        tx.execute(
            "update event_cursors set xid = cast(:xid as xid8), id = :id where tenant_id = :tenant_id and follower = :follower",
            {"follower": follower, "xid": str(rows[-1].xid), "id": rows[-1].id},
        )
    return [_event(row) for row in rows]


def backlog(tx: Tx, follower: str, names: Sequence[str]) -> bool:
    """Whether committed events wait for this follower."""
    cursor = tx.execute("select xid, id from event_cursors where tenant_id = :tenant_id and follower = :follower", {"follower": follower}).first()
    return bool(
        tx.execute(
            """
            select exists (
                select from events e
                where e.tenant_id = :tenant_id and e.name = any (cast(:names as text[])) and (e.xid, e.id) > (cast(:xid as xid8), cast(:id as uuid))
            )
            """,
            {"names": list(names), "xid": str(cursor.xid) if cursor else "0", "id": cursor.id if cursor else UUID(int=0)},
        ).scalar()
    )


def position(connection: Connection) -> tuple[int, int]:
    """The latest transaction that wrote events of any tenant, and the oldest one still running: what followers need not look at twice."""
    row = connection.execute(
        text("select (select xid from events order by xid desc limit 1) as latest, pg_snapshot_xmin(pg_current_snapshot()) as horizon")
    ).one()
    return int(row.latest or 0), int(row.horizon)


def park(tx: Tx, follower: str, event: Event, reason: str) -> None:
    """Set an event aside that a follower cannot digest, with its reason, so that the others go on."""
    tx.execute(
        """
        insert into parked_events (tenant_id, follower, event_id, occurred_at, reason, parked_at)
        values (:tenant_id, :follower, :event_id, :occurred_at, :reason, :now)
        on conflict do nothing
        """,
        {"follower": follower, "event_id": event.id, "occurred_at": event.occurred_at, "reason": reason[:2000]},
    )


def key_hash(source: str, key: str) -> str:
    """What `event_keys` holds of a key: 16 bytes, in hexadecimal."""
    return hashlib.sha256(f"{source}\0{key}".encode()).hexdigest()[:32]


def _month(instant: datetime) -> str:
    utc = instant.astimezone(UTC)
    return f"{utc.year}-{utc.month:02}-01"


def _event(row: Row[Any]) -> Event:
    return Event(
        id=EventId(row.id),
        identity_id=IdentityId(row.identity_id) if row.identity_id else None,
        name=row.name,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        actor=row.actor,
        source=row.source,
        key=row.key,
        props=row.props,
    )
