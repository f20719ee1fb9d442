-- months in which each customer paid, joined with the first of them
with active as (
    select distinct customer_id, year(paid_at) * 12 + month(paid_at) - 1 as m
    from orders
    where status <> 'cancelled' and sale_lines > 0
),
first as (
    select customer_id, min(m) as cohort
    from active
    group by customer_id
)
select cohort, m - cohort as offs, count(*) as people
from active
join first using (customer_id)
group by cohort, offs
