"""What became of the town's customers, week by week since its founding: the price of messages next to their yield."""

import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

from siyu.connectors.wecom.sandbox.clock import epoch, iso

_WEEK = 7 * 86_400

_HAPPENED = {
    "delivered": "select sent_at as at from send_recipient where status = 1",
    "opened": "select opened_at as at from link_opening where msgid in (select msgid from send)",
    "orders": "select paid_at as at from shop_order",
    "orders_caused": "select paid_at as at from shop_order where msgid in (select msgid from send)",
    "muted": "select at from mute",
    "complained": "select at from complaint",
    "deleted": "select left_by_customer_at as at from follow where left_by_customer_at is not null",
    "dropped_out": "select dropped_out_at as at from customer where dropped_out_at is not null",
    "referred": "select at from referral",
}


@dataclass
class Week:
    """Adds up to the summary: `delivered` to its `sent`, `opened` to its `link_openings`, orders to orders.

    `opened`: links of group sends, each once per customer. `dropped_out`: customers who order nothing more of their own accord.
    """

    begins: str
    delivered: int = 0
    opened: int = 0
    orders: int = 0
    orders_caused: int = 0
    muted: int = 0
    complained: int = 0
    deleted: int = 0
    dropped_out: int = 0
    referred: int = 0


def weeks(db: sqlite3.Connection, until: float) -> list[dict[str, Any]]:
    """From the founding to `until`, the running week last; deletions that were made good again by a new friendship are left out."""
    start = epoch(db.execute("select value from note where name = 'founded'").fetchone()["value"])
    found = [Week(iso(start + nth * _WEEK)) for nth in range(int((until - start) // _WEEK) + 1)]
    for name, happened in _HAPPENED.items():
        counts = db.execute(
            f"select cast((at - ?1) / ?2 as integer) as week, count(*) as n from ({happened}) where at between ?1 and ?3 group by week",  # noqa: S608
            (start, _WEEK, until),
        )
        for row in counts:
            setattr(found[row["week"]], name, row["n"])
    return [asdict(week) for week in found]
