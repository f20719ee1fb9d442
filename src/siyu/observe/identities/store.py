"""The tables of identities and links, and every statement on them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Row, Table, Text, Uuid

from siyu.infra import arrays
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, IdentityId, new_ids
from siyu.observe.identities.model import Identity, Link, Mark, Sighting

identities = Table(
    "identities",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("customer_id", Uuid),
    Column("verified", Boolean, nullable=False),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
)

identity_links = Table(
    "identity_links",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("a", Uuid, primary_key=True),
    Column("b", Uuid, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)


_NEW = """
(tenant_id, id, namespace, value, verified, first_seen_at, last_seen_at)
select :tenant_id, s.id, s.namespace, s.value, :verified, s.first_at, s.last_at
from unnest(
    cast(:ids as uuid[]), cast(:namespaces as text[]), cast(:values as text[]), cast(:first as timestamptz[]), cast(:last as timestamptz[])
) as s (id, namespace, value, first_at, last_at)
"""


def find(tx: Tx, marks: Iterable[Mark]) -> dict[Mark, Identity]:
    """The identities that exist among `marks`.

    `limit` makes the planner look up mark by mark: of a table that grows a thousandfold in minutes its statistics are too old, and it would read it whole.
    """
    pairs = list(marks)
    rows = tx.execute(
        """
        select i.id, i.namespace, i.value, i.customer_id, i.verified, i.first_seen_at, i.last_seen_at
        from unnest(cast(:namespaces as text[]), cast(:values as text[])) as m (namespace, value)
        cross join lateral (
            select *
            from identities k
            where k.tenant_id = :tenant_id and k.namespace = m.namespace and k.value = m.value
            limit 1
        ) i
        """,
        {"namespaces": arrays.texts([namespace for namespace, _ in pairs]), "values": arrays.texts([value for _, value in pairs])},
    )
    return {(row.namespace, row.value): _identity(row) for row in rows}


def insert(tx: Tx, sightings: Sequence[Sighting], *, verified: bool) -> dict[Mark, IdentityId]:
    """Insert marks that were unknown a moment ago, in the order given; their ids, empty when somebody else has written one of them meanwhile."""
    ids = new_ids(IdentityId, tx.now, len(sightings))
    written = tx.execute(
        f"insert into identities as i {_NEW} on conflict (tenant_id, value, namespace) do nothing",
        _columns(sightings, ids, verified),
    ).rowcount
    return {one.mark: id for one, id in zip(sightings, ids, strict=True)} if written == len(sightings) else {}


def upsert(tx: Tx, sightings: Sequence[Sighting], *, verified: bool) -> dict[Mark, IdentityId]:
    """Insert unknown marks, widen the time of known ones, in the order given; returns ids of those written (a row that already says it all is not written)."""
    rows = tx.execute(
        f"""
        insert into identities as i {_NEW}
        on conflict (tenant_id, namespace, value) do update
        set verified = i.verified or excluded.verified,
            first_seen_at = least(i.first_seen_at, excluded.first_seen_at),
            last_seen_at = greatest(i.last_seen_at, excluded.last_seen_at)
        where (excluded.verified and not i.verified) or excluded.first_seen_at < i.first_seen_at or excluded.last_seen_at > i.last_seen_at
        returning i.id, i.namespace, i.value
        """,  # noqa: S608 (constant)
        _columns(sightings, new_ids(IdentityId, tx.now, len(sightings)), verified),
    )
    return {(row.namespace, row.value): IdentityId(row.id) for row in rows}


def insert_links(tx: Tx, links: Sequence[Link], *, source: str) -> int:
    """Record links that this source has not asserted before; the first evidence stays."""
    pairs = {(link.a, link.b) if link.a.int < link.b.int else (link.b, link.a): link for link in reversed(links) if link.a != link.b}
    ordered = sorted(pairs.items(), key=lambda one: (one[0][0].int, one[0][1].int))
    if not ordered:
        return 0
    return tx.execute(
        """
        insert into identity_links (tenant_id, a, b, source, key, seen_at)
        select :tenant_id, l.a, l.b, :source, l.key, l.seen_at
        from unnest(cast(:a as uuid[]), cast(:b as uuid[]), cast(:keys as text[]), cast(:seen as timestamptz[])) as l (a, b, key, seen_at)
        on conflict do nothing
        """,
        {
            "source": source,
            "a": arrays.bare([pair[0] for pair, _ in ordered]),
            "b": arrays.bare([pair[1] for pair, _ in ordered]),
            "keys": arrays.texts([link.key for _, link in ordered]),
            "seen": arrays.instants([link.seen_at for _, link in ordered]),
        },
    ).rowcount


def partners(tx: Tx, identity_ids: Iterable[IdentityId], namespace: str) -> dict[IdentityId, IdentityId]:
    """Of each identity the one of `namespace` that it was linked to first."""
    rows = tx.execute(
        """
        select one.id, other.id as partner
        from unnest(cast(:ids as uuid[])) as one (id)
        cross join lateral (
            select l.b as id, l.seen_at from identity_links l where l.tenant_id = :tenant_id and l.a = one.id
            union all
            select l.a as id, l.seen_at from identity_links l where l.tenant_id = :tenant_id and l.b = one.id
        ) link
        join identities other on other.tenant_id = :tenant_id and other.id = link.id and other.namespace = :namespace
        order by link.seen_at desc, other.id desc
        """,
        {"ids": arrays.bare(identity_ids), "namespace": namespace},
    )
    return {IdentityId(row.id): IdentityId(row.partner) for row in rows}


def _columns(sightings: Sequence[Sighting], ids: Sequence[IdentityId], verified: bool) -> dict[str, Any]:
    return {
        "ids": arrays.bare(ids),
        "namespaces": arrays.texts([one.mark[0] for one in sightings]),
        "values": arrays.texts([one.mark[1] for one in sightings]),
        "first": arrays.instants([one.first_at for one in sightings]),
        "last": arrays.instants([one.last_at for one in sightings]),
        "verified": verified,
    }


def _identity(row: Row[Any]) -> Identity:
    return Identity(
        id=IdentityId(row.id),
        namespace=row.namespace,
        value=row.value,
        customer_id=CustomerId(row.customer_id) if row.customer_id else None,
        verified=row.verified,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
    )
