"""What the books say in all, and about chosen group sends."""

import json
import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from siyu.connectors.wecom.sandbox.town.scenario import CustomerHabits

_STATUS = {0: "unsent", 1: "sent", 2: "not_friend", 3: "full"}


def summary(db: sqlite3.Connection, habits: CustomerHabits, *, markers: Sequence[str] | None = None, msgids: Sequence[str] | None = None) -> dict[str, Any]:
    """Counts over all group sends, or over those whose content holds one of the markers, or over those named.

    `tasks`: members' parts. `link_openings`: by customers; `link_opened`: those that got an answer below 400. `orders` and `refunds`: by customers of the
    whole town; `orders_told` and `refunds_told`: those that the other side of the shop has taken. `orders_caused`: made because of these sends.
    `expected_extra_orders`: the true uplift by the customers' own rates, whatever the dice showed; where activity, hours or fatigue change them, only
    another town without these sends shows it.
    """
    chosen = _chosen(db, markers, msgids)
    by_status = dict.fromkeys(_STATUS.values(), 0)
    found: dict[str, Any] = {"sends": len(chosen), "cancelled": 0, "tasks": 0, "tasks_confirmed": 0, "recipients": 0}
    opened = fetched = caused = 0
    expected, margin = 0.0, Decimal(0)
    for msgid in chosen:
        found["cancelled"] += db.execute("select cancelled_at is not null from send where msgid = ?", (msgid,)).fetchone()[0]
        tasks = db.execute("select count(*), coalesce(sum(status = 2), 0) from send_task where msgid = ?", (msgid,)).fetchone()
        found["tasks"] += tasks[0]
        found["tasks_confirmed"] += tasks[1]
        for row in db.execute("select status, count(*) as n from send_recipient where msgid = ? group by status", (msgid,)):
            by_status[_STATUS[row["status"]]] += row["n"]
            found["recipients"] += row["n"]
        fetched += db.execute("select count(*) from link_opening where msgid = ?", (msgid,)).fetchone()[0]
        opened += db.execute("select count(*) from link_opening where msgid = ? and http_status < 400", (msgid,)).fetchone()[0]
        for row in db.execute("select amount, cost from shop_order where msgid = ?", (msgid,)):
            caused += 1
            margin += Decimal(row["amount"]) - Decimal(row["cost"])
        for row in db.execute("select c.habits from send_recipient r join customer c using (external_userid) where r.msgid = ? and r.status = 1", (msgid,)):
            own = json.loads(row["habits"])
            expected += float(own.get("open_rate", habits.open_rate)) * float(own.get("order_rate", habits.order_rate))
    orders = db.execute(
        """
        select count(*) as orders, count(case when http_status < 400 then 1 end) as orders_told,
            count(case when cause = 'organic' then 1 end) as orders_organic, count(refunded_at) as refunds,
            count(case when refund_http_status < 400 then 1 end) as refunds_told
        from shop_order
        """
    ).fetchone()
    found |= by_status | {"link_opened": opened, "link_openings": fetched, "orders_caused": caused, "margin_caused": str(margin)}
    return found | dict(orders) | {"expected_extra_orders": round(expected, 3)}


def _chosen(db: sqlite3.Connection, markers: Sequence[str] | None, msgids: Sequence[str] | None) -> list[str]:
    rows = db.execute("select msgid, coalesce(text, '') || attachments as content from send order by created_at, msgid").fetchall()
    if msgids is not None:
        wanted = set(msgids)
        return [row["msgid"] for row in rows if row["msgid"] in wanted]
    if markers is not None:
        return [row["msgid"] for row in rows if any(marker in row["content"] for marker in markers)]
    return [row["msgid"] for row in rows]
