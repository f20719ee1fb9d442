-- RFM quintiles by three windows over one aggregate per customer
with numbers as (
    select customer_id, min(try_cast(value as bigint)) as number
    from identities
    where namespace like 'shop:%'
    group by customer_id
),
people as (
    select o.customer_id, any_value(n.number) as number, date '2011-12-10' - max(o.paid_at::date) as r, count(distinct o.id) as f, sum(o.amount) as m
    from orders o
    join numbers n using (customer_id)
    where o.status <> 'cancelled' and o.sale_lines > 0
    group by o.customer_id
),
scored as (
    select m,
        ntile(5) over (order by r desc, number) as rs,
        ntile(5) over (order by f, number) as fs,
        ntile(5) over (order by m, number) as ms
    from people
)
select rs, fs, count(*) as people, sum(m) as money
from scored
group by rs, fs
