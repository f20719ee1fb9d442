"""What customers are called and where they live, as far as their identities tell."""

from collections.abc import Collection

from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId


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
