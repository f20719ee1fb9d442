"""The expression and the obvious reading put everybody into the same stage."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import duckdb
import ibis
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.understand.lifecycle import questions
from siyu.understand.lifecycle.model import History, Thresholds, stage_of

ON = date(2026, 3, 2)
ORDERS = ibis.table({"customer_id": "int64", "order_id": "int64", "day": "date"}, name="orders")

thresholds = st.builds(
    Thresholds,
    new_days=st.integers(1, 60),
    super_orders=st.integers(1, 6),
    super_days=st.integers(10, 400),
    at_risk_days=st.integers(5, 60),
    lost_days=st.integers(61, 200),
)
days = st.integers(-3, 420).map(lambda ago: ON - timedelta(days=ago))
crowds = st.lists(st.tuples(st.integers(1, 6), days), max_size=40)


def history(paid: list[date], limits: Thresholds) -> History:
    paid = sorted(day for day in paid if day <= ON)
    before = [day for day in paid if day < paid[-1]]
    return History(paid[0], paid[-1], before[-1] if before else None, sum((ON - day).days < limits.super_days for day in paid))


@settings(max_examples=60, deadline=None)
@given(crowd=crowds, limits=thresholds)
def test_sql_and_python_agree(crowd: list[tuple[int, date]], limits: Thresholds) -> None:
    orders: dict[int, list[date]] = defaultdict(list)
    with duckdb.connect() as db:
        db.execute("create table orders (customer_id bigint, order_id bigint, day date)")
        for number, (customer, day) in enumerate(crowd):
            db.execute("insert into orders values (?, ?, ?)", [customer, number, day])
            if day <= ON:
                orders[customer].append(day)
        rows: list[Any] = db.execute(ibis.to_sql(questions.stages(ORDERS, limits, ON), dialect="duckdb")).fetchall()
    assert dict(rows) == {customer: stage_of(history(paid, limits), limits, ON) for customer, paid in orders.items()}
