"""Many events at once, as they come over HTTP: copied beside the log, then taken in by one statement."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from siyu.infra import arrays
from siyu.infra.tx import Tx
from siyu.kernel.ids import uuid7_hexes


class Drop(msgspec.Struct, frozen=True, gc=False):
    """One event to pour: `hash` is its `key_hash` in hexadecimal, `identity_id` text, `occurred_at` in UTC, `name` and `key` printable,
    `props` a JSON object as text without line breaks.
    """

    hash: str
    identity_id: str
    name: str
    occurred_at: datetime
    key: str
    props: str


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
)
insert into events (tenant_id, id, identity_id, name, occurred_at, recorded_at, actor, source, key, props, schema_version)
select :tenant_id, p.id, p.identity_id, p.name, p.occurred_at, :now, :actor, :source, p.key, p.props, 1
from pouring p
join taken t on t.hash = p.hash
"""
_NEW = """
select p.name, count(*) as events
from pouring p
where exists (select from events e where e.tenant_id = :tenant_id and e.occurred_at = p.occurred_at and e.id = p.id)
group by p.name
"""


def pour(tx: Tx, drops: Sequence[Drop], *, source: str, actor: str) -> Mapping[str, int]:
    """Write events whose hashes differ and whose instants the log takes; keys known before are passed over. How many of each name were new.

    Keys go in by their order, so that two who pour the same wait for each other instead of standing in each other's way.
    """
    if not drops:
        return {}
    months = sorted({(drop.occurred_at.year, drop.occurred_at.month) for drop in drops})
    firsts = [f"{year}-{month:02}-01" for year, month in months]
    tx.execute("select siyu_event_partition(month) from unnest(cast(:months as date[])) as m (month)", {"months": firsts})
    tx.execute(_BESIDE)
    lines = [
        f"{id}\t{one.hash}\t{one.identity_id}\t{_escaped(one.name)}\t{one.occurred_at.isoformat()}\t{_escaped(one.key)}\t{_escaped(one.props)}\n"
        for id, one in zip(uuid7_hexes(tx.now, len(drops)), drops, strict=True)
    ]
    driver: Any = tx.connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy("copy pouring from stdin") as copy:
        copy.write("".join(lines))
    written = tx.execute(_TAKE_IN, {"actor": actor, "source": source}).rowcount
    if written == len(drops):
        return Counter([drop.name for drop in drops])
    return {row.name: row.events for row in tx.execute(_NEW)} if written else {}


def known(tx: Tx, hashes: Sequence[str]) -> int:
    """How many of these hashes are in the log."""
    statement = "select count(*) from event_keys where tenant_id = :tenant_id and hash = any (cast(:hashes as uuid[]))"
    return int(tx.execute(statement, {"hashes": arrays.bare(hashes)}).scalar_one())


def _escaped(text: str) -> str:
    """A printable text as PostgreSQL's COPY reads it."""
    return text.replace("\\", "\\\\") if "\\" in text else text
