"""The tables of customers, merges, conflicts and separations, and every statement on them. `identities.customer_id` is written here and nowhere else."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Row, Table, Text, Uuid

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, IdentityId
from siyu.understand.identity.model import SHARED_ABOVE, Conflict, Node, PastMerge

customers = Table(
    "customers",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text),
    Column("name_source", Text),
    Column("gender", Text),
    Column("city", Text),
    Column("province", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("merged_into", Uuid),
)

customer_merges = Table(
    "customer_merges",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("survivor_id", Uuid, nullable=False),
    Column("loser_id", Uuid, nullable=False),
    Column("identities", ARRAY(Uuid), nullable=False),
    Column("merged_at", DateTime(timezone=True), nullable=False),
    Column("undone_at", DateTime(timezone=True)),
    Column("undone_by", Text),
)

identity_conflicts = Table(
    "identity_conflicts",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("contradicting", ARRAY(Uuid), nullable=False),
    Column("contested", ARRAY(Uuid), nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
)

identity_separations = Table(
    "identity_separations",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("a", Uuid, primary_key=True),
    Column("b", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", Text, nullable=False),
)


def lock(tx: Tx) -> None:
    """One resolution per brand at a time, so that what is read before deciding still holds when it is written."""
    # Tables grow a thousandfold during a first import: a plan kept from the beginning, or compiled for one chunk, costs many times the work itself.
    tx.execute("select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)")
    tx.execute("select pg_advisory_xact_lock(hashtextextended('identity.resolve' || :tenant, 0))", {"tenant": str(tx.tenant_id)})


def reach(tx: Tx, ids: Collection[IdentityId]) -> tuple[dict[IdentityId, Node], set[tuple[IdentityId, IdentityId]]]:
    """Everything that links or a common customer tie to these identities, and the links among it. Shared identifiers are reached, not passed.

    Goes outwards step by step, each step a few look-ups by key for all that the last one found.
    """
    nodes: dict[IdentityId, Node] = {}
    links: set[tuple[IdentityId, IdentityId]] = set()
    frontier = set(ids)
    met: set[CustomerId] = set()
    while frontier:
        neighbours = _neighbours(tx, frontier)
        found = _nodes(tx, frontier, neighbours)
        nodes |= {node.id: node for node in found}
        customers = {node.customer_id for node in found if node.customer_id} - met
        met |= customers
        frontier = _belonging(tx, customers)
        for node in found:
            if not node.shared:
                links |= {(min(node.id, other), max(node.id, other)) for other in neighbours.get(node.id, ())}
                frontier.update(neighbours.get(node.id, ()))
        frontier -= nodes.keys()
    return nodes, links


def _neighbours(tx: Tx, ids: Collection[IdentityId]) -> dict[IdentityId, list[IdentityId]]:
    """Identities linked to each of these and not separated from it; of shared ones a few more than make them shared."""
    rows = tx.execute(
        f"""
        select r.id, n.id as other
        from unnest(cast(:ids as uuid[])) as r (id)
        cross join lateral (
            (
                select distinct l.b as id
                from identity_links l
                where l.tenant_id = :tenant_id and l.a = r.id
                    and not exists (select from identity_separations s where s.tenant_id = l.tenant_id and s.a = l.a and s.b = l.b)
                limit {SHARED_ABOVE + 1}
            )
            union
            (
                select distinct l.a
                from identity_links l
                where l.tenant_id = :tenant_id and l.b = r.id
                    and not exists (select from identity_separations s where s.tenant_id = l.tenant_id and s.a = l.a and s.b = l.b)
                limit {SHARED_ABOVE + 1}
            )
        ) n
        """,  # noqa: S608 (constant)
        {"ids": list(ids)},
    )
    found: dict[IdentityId, list[IdentityId]] = {}
    for row in rows:
        found.setdefault(IdentityId(row.id), []).append(IdentityId(row.other))
    return found


def _nodes(tx: Tx, ids: Collection[IdentityId], neighbours: Mapping[IdentityId, Sequence[IdentityId]]) -> list[Node]:
    rows = tx.execute(
        """
        select i.id, i.namespace, i.verified, i.customer_id, i.first_seen_at
        from unnest(cast(:ids as uuid[])) as r (id)
        join identities i on i.tenant_id = :tenant_id and i.id = r.id
        """,
        {"ids": list(ids)},
    )
    return [
        Node(
            id=IdentityId(row.id),
            namespace=row.namespace,
            verified=row.verified,
            customer_id=CustomerId(row.customer_id) if row.customer_id else None,
            first_seen_at=row.first_seen_at,
            shared=len(neighbours.get(row.id, ())) > SHARED_ABOVE,
        )
        for row in rows
    ]


def _belonging(tx: Tx, customers: Collection[CustomerId]) -> set[IdentityId]:
    """All identities of these customers."""
    if not customers:
        return set()
    rows = tx.execute(
        "select id from identities where tenant_id = :tenant_id and customer_id = any (cast(:customers as uuid[]))", {"customers": list(customers)}
    )
    return {IdentityId(row.id) for row in rows}


def unresolved(tx: Tx, limit: int) -> list[IdentityId]:
    """Identities without a customer, oldest first."""
    rows = tx.execute("select id from identities where tenant_id = :tenant_id and customer_id is null order by id limit :limit", {"limit": limit})
    return [IdentityId(row.id) for row in rows]


def count_unresolved(tx: Tx) -> int:
    return int(tx.execute("select count(*) from identities where tenant_id = :tenant_id and customer_id is null").scalar_one())


def assign(tx: Tx, owners: Mapping[IdentityId, CustomerId]) -> None:
    """Let identities belong to customers."""
    if owners:
        tx.execute(
            """
            update identities i
            set customer_id = o.customer_id
            from unnest(cast(:ids as uuid[]), cast(:customers as uuid[])) as o (id, customer_id)
            where i.tenant_id = :tenant_id and i.id = o.id and i.customer_id is distinct from o.customer_id
            """,
            {"ids": list(owners), "customers": list(owners.values())},
        )


def insert_customers(tx: Tx, created: Mapping[CustomerId, datetime]) -> None:
    """New customers with the instant at which they were first seen."""
    if created:
        tx.execute(
            """
            insert into customers (tenant_id, id, created_at)
            select :tenant_id, n.id, n.created_at
            from unnest(cast(:ids as uuid[]), cast(:at as timestamptz[])) as n (id, created_at)
            """,
            {"ids": list(created), "at": list(created.values())},
        )


def merge(tx: Tx, merges: Sequence[PastMerge]) -> None:
    """Record merges and let the losers point to their survivors."""
    if not merges:
        return
    tx.execute(
        """
        insert into customer_merges (tenant_id, id, survivor_id, loser_id, identities, merged_at)
        select :tenant_id, m.id, m.survivor_id, m.loser_id, array(select cast(jsonb_array_elements_text(m.identities) as uuid)), :now
        from jsonb_to_recordset(cast(:rows as jsonb)) as m (id uuid, survivor_id uuid, loser_id uuid, identities jsonb)
        """,
        {
            "rows": json.dumps(
                [
                    {
                        "id": str(one.id),
                        "survivor_id": str(one.survivor_id),
                        "loser_id": str(one.loser_id),
                        "identities": sorted(str(id) for id in one.identities),
                    }
                    for one in merges
                ]
            )
        },
    )
    tx.execute(
        """
        update customers c
        set merged_into = m.survivor_id
        from unnest(cast(:losers as uuid[]), cast(:survivors as uuid[])) as m (loser_id, survivor_id)
        where c.tenant_id = :tenant_id and c.id = m.loser_id
        """,
        {"losers": [one.loser_id for one in merges], "survivors": [one.survivor_id for one in merges]},
    )


def undo(tx: Tx, merges: Sequence[PastMerge]) -> None:
    """Mark merges as undone and let their losers stand for themselves again."""
    if not merges:
        return
    tx.execute(
        "update customer_merges set undone_at = :now, undone_by = :by where tenant_id = :tenant_id and id = any (cast(:ids as uuid[]))",
        {"ids": [one.id for one in merges], "by": tx.actor.label},
    )
    tx.execute(
        "update customers set merged_into = null where tenant_id = :tenant_id and id = any (cast(:losers as uuid[]))",
        {"losers": [one.loser_id for one in merges]},
    )


def past_merges(tx: Tx, survivors: Collection[CustomerId]) -> list[PastMerge]:
    """Merges into these customers, and into those that were merged into them, as far as not undone."""
    rows = tx.execute(
        """
        with recursive past (id, survivor_id, loser_id, identities) as (
            select m.id, m.survivor_id, m.loser_id, m.identities
            from customer_merges m
            where m.tenant_id = :tenant_id and m.undone_at is null and m.survivor_id = any (cast(:survivors as uuid[]))
            union all
            select m.id, m.survivor_id, m.loser_id, m.identities
            from past p
            join customer_merges m on m.tenant_id = :tenant_id and m.undone_at is null and m.survivor_id = p.loser_id
        )
        select id, survivor_id, loser_id, identities from past
        """,
        {"survivors": list(survivors)},
    )
    return [_merge(row) for row in rows]


def find_merge(tx: Tx, id: UUID) -> PastMerge | None:
    """A merge that was not undone."""
    row = tx.execute(
        "select id, survivor_id, loser_id, identities from customer_merges where tenant_id = :tenant_id and id = :id and undone_at is null", {"id": id}
    ).first()
    return _merge(row) if row else None


def separate(tx: Tx, pairs: Iterable[tuple[IdentityId, IdentityId]]) -> None:
    """A person said that these do not belong together, whatever links say."""
    ordered = sorted({(min(pair), max(pair)) for pair in pairs})
    tx.execute(
        """
        insert into identity_separations (tenant_id, a, b, at, by)
        select :tenant_id, p.a, p.b, :now, :by
        from unnest(cast(:a as uuid[]), cast(:b as uuid[])) as p (a, b)
        on conflict do nothing
        """,
        {"by": tx.actor.label, "a": [a for a, _ in ordered], "b": [b for _, b in ordered]},
    )


def keep_conflicts(tx: Tx, among: Collection[IdentityId], conflicts: Mapping[UUID, Conflict]) -> None:
    """Open those conflicts that are not open yet, under the given ids, and close those among these identities that are none any more."""
    tx.execute(
        """
        update identity_conflicts c
        set closed_at = :now
        where c.tenant_id = :tenant_id
            and c.closed_at is null
            and c.contradicting[1] = any (cast(:among as uuid[]))
            and not exists (
                select from jsonb_to_recordset(cast(:rows as jsonb)) as n (namespace text, contradicting text)
                where n.namespace = c.namespace and cast(n.contradicting as uuid[]) = c.contradicting
            )
        """,
        {"among": list(among), "rows": _conflicts(conflicts)},
    )
    if conflicts:
        tx.execute(
            """
            insert into identity_conflicts as c (tenant_id, id, namespace, contradicting, contested, opened_at)
            select :tenant_id, n.id, n.namespace, cast(n.contradicting as uuid[]), cast(n.contested as uuid[]), :now
            from jsonb_to_recordset(cast(:rows as jsonb)) as n (id uuid, namespace text, contradicting text, contested text)
            on conflict (tenant_id, namespace, contradicting) where closed_at is null do update
            set contested = excluded.contested
            where c.contested <> excluded.contested
            """,
            {"rows": _conflicts(conflicts)},
        )


def open_conflicts(tx: Tx, limit: int) -> list[tuple[UUID, Conflict, datetime]]:
    """Conflicts that wait for a person, oldest first."""
    rows = tx.execute(
        """
        select id, namespace, contradicting, contested, opened_at
        from identity_conflicts
        where tenant_id = :tenant_id and closed_at is null
        order by opened_at, id
        limit :limit
        """,
        {"limit": limit},
    )
    return [(row.id, Conflict(row.namespace, tuple(row.contradicting), tuple(row.contested)), row.opened_at) for row in rows]


def describe(tx: Tx, customers: Collection[CustomerId]) -> None:
    """Bring name, gender, place and first sight of customers up to date with their identities.

    Nickname and gender come from the latest contact, else the name from the latest order that has one; the place from the latest order that has one.
    """
    tx.execute(
        """
        with mine as (
            select customer_id, id, first_seen_at
            from identities
            where tenant_id = :tenant_id and customer_id = any (cast(:customers as uuid[]))
        ),
        first as (select customer_id, min(first_seen_at) as created_at from mine group by customer_id),
        face as (
            select distinct on (m.customer_id) m.customer_id, c.name, case c.gender when 1 then 'man' when 2 then 'woman' end as gender
            from mine m
            join contacts c on c.tenant_id = :tenant_id and c.identity_id = m.id
            where c.name <> ''
            order by m.customer_id, c.relation = 'active' desc, c.added_at desc, c.id
        ),
        buyer as (
            select distinct on (m.customer_id) m.customer_id, o.customer_name as name
            from mine m
            cross join lateral (
                select n.customer_name, n.paid_at, n.id
                from orders n
                where n.tenant_id = :tenant_id and n.identity_id = m.id and n.customer_name is not null
                order by n.paid_at desc, n.id desc
                limit 1
            ) o
            order by m.customer_id, o.paid_at desc, o.id desc
        ),
        place as (
            select distinct on (m.customer_id) m.customer_id, o.city, o.province
            from mine m
            cross join lateral (
                select n.city, n.province, n.paid_at, n.id
                from orders n
                where n.tenant_id = :tenant_id and n.identity_id = m.id and (n.city is not null or n.province is not null)
                order by n.paid_at desc, n.id desc
                limit 1
            ) o
            order by m.customer_id, o.paid_at desc, o.id desc
        ),
        told as (
            select f.customer_id, f.created_at, coalesce(face.name, buyer.name) as name,
                case when face.name is not null then 'contact' when buyer.name is not null then 'shop' end as name_source,
                face.gender, place.city, place.province
            from first f
            left join face on face.customer_id = f.customer_id
            left join buyer on buyer.customer_id = f.customer_id
            left join place on place.customer_id = f.customer_id
        )
        update customers c
        set name = t.name, name_source = t.name_source, gender = t.gender, city = t.city, province = t.province, created_at = t.created_at
        from told t
        where c.tenant_id = :tenant_id and c.id = t.customer_id
            and (c.name, c.name_source, c.gender, c.city, c.province, c.created_at)
                is distinct from (t.name, t.name_source, t.gender, t.city, t.province, t.created_at)
        """,
        {"customers": list(customers)},
    )


def customer_of(tx: Tx, ids: Collection[IdentityId]) -> dict[IdentityId, CustomerId]:
    """The customer of each identity; those not resolved yet are missing."""
    rows = tx.execute(
        "select id, customer_id from identities where tenant_id = :tenant_id and id = any (cast(:ids as uuid[])) and customer_id is not null",
        {"ids": list(ids)},
    )
    return {IdentityId(row.id): CustomerId(row.customer_id) for row in rows}


def identities_of(tx: Tx, customers: Collection[CustomerId]) -> dict[CustomerId, list[IdentityId]]:
    """The identities of each customer, oldest first."""
    rows = tx.execute(
        """
        select customer_id, id
        from identities
        where tenant_id = :tenant_id and customer_id = any (cast(:customers as uuid[]))
        order by customer_id, first_seen_at, id
        """,
        {"customers": list(customers)},
    )
    found: dict[CustomerId, list[IdentityId]] = {}
    for row in rows:
        found.setdefault(CustomerId(row.customer_id), []).append(IdentityId(row.id))
    return found


def current(tx: Tx, id: CustomerId) -> CustomerId | None:
    """The customer who stands for this one today, itself unless it was merged; None for an unknown id."""
    found = tx.execute(
        """
        with recursive chain (id, merged_into) as (
            select id, merged_into from customers where tenant_id = :tenant_id and id = :id
            union all
            select c.id, c.merged_into from chain join customers c on c.tenant_id = :tenant_id and c.id = chain.merged_into
        )
        select id from chain where merged_into is null
        """,
        {"id": id},
    ).scalar()
    return CustomerId(found) if found else None


def _conflicts(conflicts: Mapping[UUID, Conflict]) -> str:
    return json.dumps(
        [
            {"id": str(id), "namespace": one.namespace, "contradicting": _array(one.contradicting), "contested": _array(one.contested)}
            for id, one in conflicts.items()
        ]
    )


def _array(ids: Sequence[IdentityId]) -> str:
    return "{" + ",".join(str(id) for id in ids) + "}"


def _merge(row: Row[Any]) -> PastMerge:
    return PastMerge(row.id, CustomerId(row.survivor_id), CustomerId(row.loser_id), frozenset(map(IdentityId, row.identities)))
