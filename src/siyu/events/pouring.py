"""Many events at once, as they come over HTTP: copied beside the log, then taken in by one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from siyu.events.store import month_of
from siyu.infra import arrays
from siyu.infra.tx import Tx
from siyu.kernel.ids import IdentityId, uuid7s


class Drop(NamedTuple):
    """One event to pour: `hash` is its `key_hash` in hexadecimal, `props` a JSON object as text without line breaks."""

    hash: str
    identity_id: IdentityId | None
    name: str
    occurred_at: datetime
    key: str
    props: str


class Poured(NamedTuple):
    """How many events of one name were new, and the first and last instant at which they happened."""

    name: str
    count: int
    first_at: datetime
    last_at: datetime


_BESIDE = """
create temp table if not exists pouring (
    id uuid, hash uuid, identity_id uuid, name text, occurred_at timestamptz, key text, props jsonb
) on commit delete rows
"""
_TAKE_IN = """
with taken as (
    insert into event_keys (tenant_id, hash)
    select :tenant_id, hash
    from pouring
    order by hash
    on conflict do nothing
    returning hash
), written as (
    insert into events (tenant_id, id, identity_id, name, occurred_at, recorded_at, actor, source, key, props, schema_version)
    select :tenant_id, p.id, p.identity_id, p.name, p.occurred_at, :now, :actor, :source, p.key, p.props, 1
    from pouring p
    join taken t on t.hash = p.hash
    returning name, occurred_at
)
select name, count(*) as count, min(occurred_at) as first_at, max(occurred_at) as last_at
from written
group by name
"""


def pour(tx: Tx, drops: Sequence[Drop], *, source: str, actor: str) -> list[Poured]:
    """Write events whose hashes differ and whose instants the log takes; keys known before are passed over.

    Keys go in by their order, so that two who pour the same wait for each other instead of standing in each other's way.
    """
    if not drops:
        return []
    months = sorted({month_of(drop.occurred_at) for drop in drops})
    tx.execute("select siyu_event_partition(month) from unnest(cast(:months as date[])) as m (month)", {"months": months})
    tx.execute(_BESIDE)
    lines = [
        f"{id.hex}\t{hash}\t{identity_id or _NULL}\t{_escaped(name)}\t{occurred_at.isoformat()}\t{_escaped(key)}\t{props.replace(_SLASH, _SLASH * 2)}\n"
        for id, (hash, identity_id, name, occurred_at, key, props) in zip(uuid7s(tx.now, len(drops)), drops, strict=True)
    ]
    driver: Any = tx.connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy("copy pouring from stdin") as copy:
        copy.write("".join(lines))
    return [Poured(*row) for row in tx.execute(_TAKE_IN, {"actor": actor, "source": source})]


def known(tx: Tx, hashes: Sequence[str]) -> int:
    """How many of these hashes are in the log."""
    statement = "select count(*) from event_keys where tenant_id = :tenant_id and hash = any (cast(:hashes as uuid[]))"
    return int(tx.execute(statement, {"hashes": arrays.bare(hashes)}).scalar_one())


_SLASH, _NULL = "\\", "\\N"


def _escaped(text: str) -> str:
    """A text as PostgreSQL's COPY reads it."""
    if _SLASH in text:
        text = text.replace(_SLASH, _SLASH * 2)
    if not text.isprintable():
        text = text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text
