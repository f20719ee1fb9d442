-- the same with a window in place of the join
with active as (
    select distinct customer_id, year(paid_at) * 12 + month(paid_at) - 1 as m
    from orders
    where status <> 'cancelled' and sale_lines > 0
),
dated as (
    select m, min(m) over (partition by customer_id) as cohort
    from active
)
select cohort, m - cohort as offs, count(*) as people
from dated
group by cohort, offs
