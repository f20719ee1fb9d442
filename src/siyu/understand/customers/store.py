"""What PostgreSQL itself answers about one customer."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, FileId
from siyu.observe.identities import namespaces


def profile(tx: Tx, id: CustomerId) -> Mapping[str, Any] | None:
    """The customer's row; who was merged away leads to who stands for them."""
    row = tx.execute(
        """
        with recursive path as (
            select c.* from customers c where c.tenant_id = :tenant_id and c.id = :id
            union all
            select n.* from customers n join path p on n.tenant_id = :tenant_id and n.id = p.merged_into
        )
        select id, name, gender, city, province, created_at from path where merged_into is null
        """,
        {"id": id},
    ).first()
    return dict(row._mapping) if row else None


def identities(tx: Tx, id: CustomerId) -> list[Mapping[str, Any]]:
    """The customer's identities, oldest first."""
    rows = tx.execute(
        """
        select id, namespace, value, verified, first_seen_at
        from identities
        where tenant_id = :tenant_id and customer_id = :id
        order by first_seen_at, id
        """,
        {"id": id},
    )
    return [dict(row._mapping) for row in rows]


def figures(tx: Tx, id: CustomerId, *, margin_rate_bp: int) -> Mapping[str, Any]:
    """Orders, exact revenue and refunds, first and last payment of all the customer's identities.

    margin: line amounts less unit costs, at the assumed rate (basis points) where no cost is known; refunds take off the same share of an order's margin as of
    its amount. margin_assumed: some line had no unit cost.
    """
    row = tx.execute(
        """
        with mine as (
            select o.id, o.amount, o.refunded, o.paid_at, e.margin, e.assumed
            from orders o
            join identities i on i.tenant_id = o.tenant_id and i.id = o.identity_id
            cross join lateral (
                select sum(l.amount - coalesce(l.unit_cost * l.quantity, l.amount * (1 - :rate))) as margin, bool_or(l.unit_cost is null) as assumed
                from order_lines l
                where l.tenant_id = o.tenant_id and l.order_id = o.id and l.kind = 'sale'
            ) e
            where o.tenant_id = :tenant_id and i.customer_id = :id and o.status <> 'cancelled' and o.sale_lines > 0
        )
        select count(*) as orders, coalesce(sum(amount), 0) as revenue, coalesce(sum(refunded), 0) as refunds,
            min(paid_at) as first_paid_at, max(paid_at) as last_paid_at,
            coalesce(round(sum(margin * greatest(0, 1 - refunded / amount)), 2), 0) as margin, coalesce(bool_or(assumed), false) as margin_assumed
        from mine
        """,
        {"id": id, "rate": Decimal(margin_rate_bp) / 10_000},
    ).one()
    return dict(row._mapping)


def phones(tx: Tx, ids: Collection[CustomerId]) -> dict[CustomerId, str]:
    """The phone of each of these customers that has one, the one last seen."""
    rows = tx.execute(
        """
        select distinct on (customer_id) customer_id, value
        from identities
        where tenant_id = :tenant_id and customer_id = any (cast(:ids as uuid[])) and namespace = :phone
        order by customer_id, last_seen_at desc, id
        """,
        {"ids": list(ids), "phone": namespaces.PHONE},
    )
    return {CustomerId(row.customer_id): row.value for row in rows}


def maker_of(tx: Tx, file_id: FileId) -> str | None:
    """Who had a file made."""
    return tx.execute("select created_by from files where tenant_id = :tenant_id and id = :id", {"id": file_id}).scalar()
