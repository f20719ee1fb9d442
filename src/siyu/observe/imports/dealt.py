"""What buyers who give back without naming an order dealt in, asked of the judged rows a share of the buyers at a time."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from siyu.observe.imports.model.returns import Dealing

EXACT = "decimal(38, 10)"
SHARE_ROWS = 1_500_000
"""Rows taken for each share of the buyers: all of ten million rows at once need twice the memory."""
_BATCH_ROWS = 5_000
_KEYS = {"n": "customer_no", "u": "unionid", "p": "phone"}
_BUYER = "case when n <> '' then 'n' || n when u <> '' then 'u' || u else 'p' || p end as buyer"
_DOCUMENT = """select order_no, min("at") as day, max(customer_no) as n, max(unionid) as u, max(phone) as p"""
_GOODS = "case when sku <> '' then sku else name end as goods"
_QUESTION = f"""
from (with backs as (
    from (
        select order_no, day, {_BUYER}
        from ({_DOCUMENT} from returned where order_no in (select order_no from returned where {{near}}) group by order_no having max(refund_of) = '')
    )
    where {{share}} and buyer <> 'p'
),
given as (
    select true as back, b.buyer, {_GOODS}, b.day, b.order_no, min(r.row) as row, sum(cast(r.quantity as {EXACT})) as quantity
    from returned r
    join backs b using (order_no)
    group by b.buyer, goods, b.day, b.order_no
),
orders as (
    from (
        select order_no, day, {_BUYER}
        from ({_DOCUMENT} from taken where order_no in (select order_no from taken where {{near}}) group by order_no having max(status) <> 'cancelled')
    )
    where {{share}} and buyer in (select buyer from given)
),
named as (
    select refund_of as order_no, {_GOODS}, sum(cast(quantity as {EXACT})) as quantity
    from returned
    where refund_of in (select order_no from orders)
    group by refund_of, goods
),
bought as (
    select false as back, o.buyer, {_GOODS}, o.day, o.order_no, min(t.row) as row,
        sum(case when t.status = 'refunded' then 0 else cast(t.quantity as {EXACT}) end) as quantity
    from taken t
    join orders o using (order_no)
    group by o.buyer, goods, o.day, o.order_no
)
select back, buyer, goods, day, order_no, row, quantity from given
union all
select b.back, b.buyer, b.goods, b.day, b.order_no, b.row, cast(greatest(b.quantity - coalesce(n.quantity, 0), 0) as {EXACT})
from (from bought where (buyer, goods) in (select (buyer, goods) from given)) b
left join named n on n.order_no = b.order_no and n.goods = b.goods)
order by buyer, goods, day, order_no
"""  # noqa: S608 (constants)


def questions(rows: int) -> Iterator[str]:
    """SQL over `taken` (so many `rows`) and `returned`, one question for each share of the buyers; all dealings of one buyer in the things that they gave
    back are answers of one question, in the order of buyer, thing and day. Buyer: `n`, `u` or `p` and the number."""
    shares = -(-rows // SHARE_ROWS) or 1
    for number in range(shares):
        mine = f"% {shares} = {number}"
        near = " or ".join(f"({column} <> '' and hash('{kind}' || {column}) {mine})" for kind, column in _KEYS.items())
        yield _QUESTION.format(share=f"hash(buyer) {mine}", near=near)


def read(path: Path) -> Iterator[list[tuple[str, str, Dealing]]]:
    """(buyer, thing, dealing) from a file of answers, some at a time, all of one buyer together."""
    batch: list[tuple[str, str, Dealing]] = []
    with pq.ParquetFile(path) as file:
        for rows in file.iter_batches(batch_size=_BATCH_ROWS):
            for one in rows.to_pylist():
                if len(batch) >= _BATCH_ROWS and batch[-1][0] != one["buyer"]:
                    yield batch
                    batch = []
                batch.append((one["buyer"], one["goods"], Dealing(one["back"], one["day"], one["order_no"], one["quantity"], one["row"])))
    if batch:
        yield batch
