"""What PostgreSQL itself answers about one customer."""

from collections.abc import Mapping
from typing import Any

from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId


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


def figures(tx: Tx, id: CustomerId) -> Mapping[str, Any]:
    """Orders, exact revenue and refunds, first and last payment, margin where unit costs are known, of all the customer's identities."""
    row = tx.execute(
        """
            with mine as (
                select o.id, o.amount, o.refunded, o.paid_at
                from orders o
                join identities i on i.tenant_id = o.tenant_id and i.id = o.identity_id
                where o.tenant_id = :tenant_id and i.customer_id = :id and o.status <> 'cancelled' and o.sale_lines > 0
            ),
            costs as (
                select sum(l.unit_cost * l.quantity) as known_cost, sum(l.amount) filter (where l.unit_cost is not null) as costed,
                    sum(l.amount) filter (where l.unit_cost is null) as uncosted
                from order_lines l
                where l.tenant_id = :tenant_id and l.kind = 'sale' and l.order_id in (select id from mine)
            )
            select count(*) as orders, coalesce(sum(amount), 0) as revenue, coalesce(sum(refunded), 0) as refunds,
                min(paid_at) as first_paid_at, max(paid_at) as last_paid_at,
                (select known_cost from costs) as known_cost, (select costed from costs) as costed, (select uncosted from costs) as uncosted
            from mine
            """,
        {"id": id},
    ).one()
    return dict(row._mapping)


def margin_rate_bp(tx: Tx) -> int:
    """The brand's assumed gross margin for goods without a unit cost, basis points."""
    return int(tx.execute("select coalesce((settings ->> 'margin_rate_bp')::integer, 4000) from tenants where id = :tenant_id").scalar_one())
