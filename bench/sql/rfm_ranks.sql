-- the same, aggregated before the numbers are joined, and tiles computed from ranks
with people as (
    select customer_id, date '2011-12-10' - max(paid_at::date) as r, count(*) as f, sum(amount) as m
    from orders
    where status <> 'cancelled' and sale_lines > 0
    group by customer_id
),
numbered as (
    select p.*, n.number, count(*) over () as n
    from people p
    join (select customer_id, min(try_cast(value as bigint)) as number from identities where namespace like 'shop:%' group by customer_id) n using (customer_id)
),
ranked as (
    select m, n,
        row_number() over (order by r desc, number) - 1 as ri,
        row_number() over (order by f, number) - 1 as fi,
        row_number() over (order by m, number) - 1 as mi
    from numbered
),
scored as (
    select m,
        case when ri < (n % 5) * (n // 5 + 1) then ri // (n // 5 + 1) else (ri - n % 5) // (n // 5) end + 1 as rs,
        case when fi < (n % 5) * (n // 5 + 1) then fi // (n // 5 + 1) else (fi - n % 5) // (n // 5) end + 1 as fs
    from ranked
)
select rs, fs, count(*) as people, sum(m) as money
from scored
group by rs, fs
