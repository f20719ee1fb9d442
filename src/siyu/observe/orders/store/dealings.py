"""What was bought and given back so far, beside what a file is about to bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from siyu.infra import arrays
from siyu.infra.tx import Tx
from siyu.kernel.ids import IdentityId


@dataclass(frozen=True, slots=True)
class Dealt:
    """Pieces of one thing that a buyer bought in one order (less what refunds naming it gave back), or gave back by a refund naming none."""

    identity_id: IdentityId
    back: bool
    sku: str
    at: datetime
    number: str
    quantity: Decimal


def dealings(tx: Tx, shop: str, ids: Sequence[IdentityId], skus: Sequence[str], *, without: Sequence[str]) -> list[Dealt]:
    """Dealings of these buyers in these things, those of the orders and refunds in `without` left out."""
    rows = tx.execute(
        """
        select i.id, false as back, l.sku, o.paid_at as at, o.order_no as number, l.quantity - coalesce(g.quantity, 0) as quantity
        from unnest(cast(:ids as uuid[])) as i (id)
        cross join lateral (
            select o.id, o.shop, o.order_no, o.paid_at
            from orders o
            where o.tenant_id = :tenant_id and o.identity_id = i.id and o.asserted = 'paid'
            offset 0
        ) o
        cross join lateral (
            select l.sku, sum(l.quantity) as quantity
            from order_lines l
            where l.tenant_id = :tenant_id and l.order_id = o.id and l.sku = any (cast(:skus as text[]))
            group by l.sku
        ) l
        cross join lateral (
            select sum(b.quantity) as quantity
            from refund_lines b
            join refunds r on r.tenant_id = :tenant_id and r.id = b.refund_id and r.order_no is not null
            where b.tenant_id = :tenant_id and b.order_id = o.id and b.sku = l.sku
        ) g
        where o.shop = :shop and o.order_no <> all (cast(:without as text[]))
        union all
        select i.id, true, l.sku, r.refunded_at, r.refund_no, l.quantity
        from unnest(cast(:ids as uuid[])) as i (id)
        cross join lateral (
            select r.id, r.shop, r.refund_no, r.refunded_at
            from refunds r
            where r.tenant_id = :tenant_id and r.identity_id = i.id and r.order_no is null
            offset 0
        ) r
        cross join lateral (
            select l.sku, sum(l.quantity) as quantity
            from refund_lines l
            where l.tenant_id = :tenant_id and l.refund_id = r.id and l.sku = any (cast(:skus as text[]))
            group by l.sku
        ) l
        where r.shop = :shop and r.refund_no <> all (cast(:without as text[]))
        """,
        {"shop": shop, "ids": arrays.bare(ids), "skus": arrays.texts(skus), "without": arrays.texts(without)},
    )
    return [Dealt(IdentityId(row.id), row.back, row.sku, row.at, row.number, row.quantity) for row in rows if row.quantity > 0]


def amounts(tx: Tx, shop: str, order_nos: Sequence[str], *, without: Sequence[str]) -> dict[str, tuple[Decimal | None, Decimal]]:
    """Of each order number: the order's amount (None when it is not there) and what refunds naming it give back, those in `without` left out."""
    rows = tx.execute(
        """
        select n.order_no, o.amount, coalesce(g.amount, 0) as refunded
        from unnest(cast(:order_nos as text[])) as n (order_no)
        left join orders o on o.tenant_id = :tenant_id and o.shop = :shop and o.order_no = n.order_no
        cross join lateral (
            select sum(l.amount) as amount
            from refund_lines l
            join refunds r on r.tenant_id = :tenant_id and r.id = l.refund_id and r.order_no is not null and r.refund_no <> all (cast(:without as text[]))
            where l.tenant_id = :tenant_id and l.order_id = o.id
        ) g
        """,
        {"shop": shop, "order_nos": arrays.texts(order_nos), "without": arrays.texts(without)},
    )
    return {row.order_no: (row.amount, row.refunded) for row in rows}
