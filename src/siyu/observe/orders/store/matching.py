"""What explaining returns by purchases reads and writes.

Joins are lateral and driven from the few buyers asked for: right after an import the planner knows nothing of the tables' sizes. The shop is asked for
outside of them, lest it take the index by shop and order number for the better one and read the whole shop for each buyer.
"""

from collections.abc import Sequence

from siyu.infra import arrays
from siyu.infra.tx import Tx
from siyu.kernel.ids import IdentityId, ImportId, OrderId, RefundId
from siyu.observe.orders.model import Purchase, Return


def identities_to_match(tx: Tx, import_id: ImportId, after: IdentityId | None, limit: int) -> list[tuple[IdentityId, str]]:
    """Buyers (with their shop) of this import who have refunds of unnamed orders, by identity after `after`."""
    rows = tx.execute(
        """
        select distinct r.identity_id, r.shop
        from refunds r
        where r.tenant_id = :tenant_id
            and r.order_no is null
            and r.identity_id is not null
            and (cast(:after as uuid) is null or r.identity_id > :after)
            and (
                r.import_id = :import_id
                or exists (select from orders o where o.tenant_id = :tenant_id and o.import_id = :import_id and o.identity_id = r.identity_id)
            )
        order by r.identity_id, r.shop
        limit :limit
        """,
        {"import_id": import_id, "after": after, "limit": limit},
    )
    return [(IdentityId(row.identity_id), row.shop) for row in rows]


def with_open_refunds(tx: Tx, shop: str, identity_ids: Sequence[IdentityId]) -> list[IdentityId]:
    """Those of these buyers who have refunds of unnamed orders."""
    rows = tx.execute(
        """
        select r.identity_id
        from (
            select distinct identity_id, shop
            from refunds
            where tenant_id = :tenant_id and order_no is null and identity_id = any (cast(:ids as uuid[]))
            offset 0
        ) r
        where r.shop = :shop
        """,
        {"shop": shop, "ids": arrays.bare(identity_ids)},
    )
    return [IdentityId(row.identity_id) for row in rows]


def lock_orders(tx: Tx, identity_ids: Sequence[IdentityId]) -> None:
    """Lock all orders of these buyers, in every shop, in the order in which everybody locks orders."""
    tx.execute(
        """
        select id
        from orders
        where tenant_id = :tenant_id and identity_id = any (cast(:ids as uuid[]))
        order by order_no collate "C", shop collate "C"
        for update
        """,
        {"ids": arrays.bare(identity_ids)},
    )


def returns_of(tx: Tx, shop: str, identity_ids: Sequence[IdentityId]) -> list[tuple[IdentityId, RefundId, Return, str | None]]:
    """Lines of refunds of unnamed orders, whole again: (buyer, refund, return, product name); locks the refunds."""
    tx.execute(
        """
        select id
        from refunds
        where tenant_id = :tenant_id and order_no is null and identity_id = any (cast(:ids as uuid[]))
        order by id
        for update
        """,
        {"ids": arrays.bare(identity_ids)},
    )
    rows = tx.execute(
        """
        select r.identity_id, r.id, r.refund_no, r.refunded_at, l.line_no, l.sku, l.name, l.quantity, l.amount
        from unnest(cast(:ids as uuid[])) as i (id)
        cross join lateral (
            select r.id, r.identity_id, r.shop, r.refund_no, r.refunded_at
            from refunds r
            where r.tenant_id = :tenant_id and r.identity_id = i.id and r.order_no is null
            offset 0
        ) r
        cross join lateral (
            select l.line_no, l.sku, min(l.name) as name, sum(l.quantity) as quantity, sum(l.amount) as amount
            from refund_lines l
            where l.tenant_id = :tenant_id and l.refund_id = r.id
            group by l.line_no, l.sku
        ) l
        where r.shop = :shop
        """,
        {"shop": shop, "ids": arrays.bare(identity_ids)},
    )
    return [
        (IdentityId(row.identity_id), RefundId(row.id), Return((row.refund_no, row.line_no), row.refunded_at, row.sku, row.quantity, row.amount), row.name)
        for row in rows
    ]


def purchases_of(tx: Tx, shop: str, identity_ids: Sequence[IdentityId]) -> list[tuple[IdentityId, Purchase]]:
    """What these buyers bought of things they also returned, less what refunds of named orders gave back already."""
    rows = tx.execute(
        """
        with wanted as materialized (
            select i.id as identity_id, array_agg(distinct l.sku) as skus
            from unnest(cast(:ids as uuid[])) as i (id)
            cross join lateral (
                select r.id, r.shop from refunds r where r.tenant_id = :tenant_id and r.identity_id = i.id and r.order_no is null offset 0
            ) r
            cross join lateral (select l.sku from refund_lines l where l.tenant_id = :tenant_id and l.refund_id = r.id offset 0) l
            where r.shop = :shop
            group by i.id
        )
        select w.identity_id, o.id, o.order_no, o.paid_at, l.line_no, l.sku, l.quantity, l.unit_price, l.up_to, coalesce(g.quantity, 0) as given_back
        from wanted w
        cross join lateral (
            select o.id, o.shop, o.order_no, o.paid_at
            from orders o
            where o.tenant_id = :tenant_id and o.identity_id = w.identity_id and o.asserted = 'paid'
            offset 0
        ) o
        cross join lateral (
            select l.line_no, l.sku, l.quantity, l.unit_price, sum(l.quantity) over (partition by l.sku order by l.line_no) as up_to
            from order_lines l
            where l.tenant_id = :tenant_id and l.order_id = o.id and l.sku = any (w.skus)
            offset 0
        ) l
        cross join lateral (
            select sum(b.quantity) as quantity
            from refund_lines b
            join refunds r on r.tenant_id = :tenant_id and r.id = b.refund_id and r.order_no is not null
            where b.tenant_id = :tenant_id and b.order_id = o.id and b.sku = l.sku
        ) g
        where o.shop = :shop
        """,
        {"shop": shop, "ids": arrays.bare(identity_ids)},
    )
    purchases = []
    for row in rows:
        left = min(row.quantity, row.up_to - row.given_back)
        if left > 0:
            purchases.append((IdentityId(row.identity_id), Purchase(OrderId(row.id), row.order_no, row.paid_at, row.line_no, row.sku, left, row.unit_price)))
    return purchases


def settle_refunds(tx: Tx, refund_ids: Sequence[RefundId]) -> None:
    """Recompute how much of these refunds is explained by orders."""
    tx.execute(
        """
        update refunds r
        set matched = s.matched
        from (
            select t.id, (
                select coalesce(sum(l.amount), 0)
                from refund_lines l
                where l.tenant_id = :tenant_id and l.refund_id = t.id and l.order_id is not null
            ) as matched
            from unnest(cast(:ids as uuid[])) as t (id)
        ) s
        where r.tenant_id = :tenant_id and r.id = s.id and r.matched <> s.matched
        """,
        {"ids": arrays.bare(sorted(set(refund_ids)))},
    )
