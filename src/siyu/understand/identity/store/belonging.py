"""Which identities belong to which customer."""

from collections.abc import Collection, Mapping
from datetime import datetime

from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, IdentityId


def unresolved(tx: Tx, limit: int) -> list[IdentityId]:
    """Identities that somebody vouches for and that have no customer, oldest first."""
    rows = tx.execute("select id from identities where tenant_id = :tenant_id and customer_id is null and verified order by id limit :limit", {"limit": limit})
    return [IdentityId(row.id) for row in rows]


def count_unresolved(tx: Tx) -> int:
    return int(tx.execute("select count(*) from identities where tenant_id = :tenant_id and customer_id is null and verified").scalar_one())


def vouched(tx: Tx, identity_ids: Collection[IdentityId]) -> list[IdentityId]:
    """Those among the identities that somebody vouches for."""
    rows = tx.execute("select id from identities where tenant_id = :tenant_id and verified and id = any (cast(:ids as uuid[]))", {"ids": list(identity_ids)})
    return [IdentityId(row.id) for row in rows]


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
