"""What stands on the first page: figures with their definitions, things to do, first steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlencode

from siyu.kernel.money import to_fen

DAYS = 30
Unit = Literal["fen", "people", "count", "rate"]


@dataclass(frozen=True)
class Definition:
    """A figure's name and meaning. `link`: the list that it counts, with `{from}` and `{to}` for the first and last day."""

    id: str
    unit: Unit
    zh: str
    en: str
    definition_zh: str
    definition_en: str
    path: str
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Figure:
    """A figure and the same a period earlier. Fen, people, counts; rates 0..1; None when there is nothing to divide by."""

    definition: Definition
    value: float | int | None
    before: float | int | None
    link: str


@dataclass(frozen=True)
class Task:
    """Something to do: `count` of it, where, and by when."""

    id: str
    zh: str
    en: str
    count: int
    link: str
    due_at: datetime | None = None


@dataclass(frozen=True)
class Step:
    """One of the first steps of a new brand."""

    id: str
    done: bool
    link: str


_PERIOD = (("from", "{from}"), ("to", "{to}"))
FIGURES: tuple[Definition, ...] = (
    Definition(
        "revenue",
        "fen",
        "近 30 天销售额",
        "Revenue, 30 days",
        "近 30 个自然日(含今天)已知客户已付订单的商品行金额之和；不含取消，未扣退款",
        "Exact sum of the sale lines of paid orders of known customers in the last 30 days, today among them; without cancelled ones, before refunds",
        "/orders",
        _PERIOD,
    ),
    Definition(
        "orders",
        "count",
        "近 30 天付款订单",
        "Paid orders, 30 days",
        "近 30 个自然日(含今天)已知客户的已付订单数；不含取消与全赠品单",
        "Paid orders of known customers in the last 30 days with at least one line sold",
        "/orders",
        _PERIOD,
    ),
    Definition(
        "buyers",
        "people",
        "近 30 天购买人数",
        "Buyers, 30 days",
        "近 30 个自然日(含今天)有已付订单的客户数",
        "Customers with a paid order in the last 30 days",
        "/customers",
        (("paid_within", "30"),),
    ),
    Definition(
        "new_buyers",
        "people",
        "近 30 天新客",
        "New buyers, 30 days",
        "首个已付订单在近 30 个自然日(含今天)的客户数",
        "Customers whose first paid order lies in the last 30 days",
        "/customers",
        (("first_paid_within", "30"),),
    ),
    Definition(
        "repeat_share",
        "rate",
        "近 30 天复购占比",
        "Repeat share, 30 days",
        "近 30 天购买客户中，累计已付订单达到两单及以上的比例",
        "Of the buyers of the last 30 days, the share with two or more paid orders so far",
        "/customers",
        (("paid_within", "30"), ("orders_min", "2")),
    ),
    Definition(
        "average_order",
        "fen",
        "近 30 天客单价",
        "Average order, 30 days",
        "近 30 天销售额 ÷ 近 30 天付款订单数",
        "Revenue of the last 30 days divided by their paid orders",
        "/orders",
        _PERIOD,
    ),
    Definition(
        "contacts",
        "people",
        "在册好友",
        "Contacts",
        "与至少一位员工为好友的客户数；对比为 30 天前",
        "Customers who are friends with at least one member of staff; compared with 30 days ago",
        "/customers",
        (("contact", "yes"),),
    ),
    Definition(
        "contacts_added",
        "people",
        "近 30 天新增好友",
        "Contacts added, 30 days",
        "近 30 个自然日(含今天)与任一员工成为好友的客户数",
        "Customers who became friends with a member of staff in the last 30 days",
        "/customers",
        (("added_within", "30"),),
    ),
    Definition(
        "contacts_lost",
        "people",
        "近 30 天流失好友",
        "Contacts lost, 30 days",
        "近 30 个自然日(含今天)删除任一员工、且没有再加回该员工的客户数",
        "Customers who deleted a member of staff in the last 30 days and have not added that member again",
        "/customers",
        (("lost_within", "30"),),
    ),
)


def figures(row: Mapping[str, Any], today: date) -> list[Figure]:
    """The figures from the counts of both periods; `row` names those before `before_…`."""
    now, before = _values(row, ""), _values(row, "before_")
    days = {"from": (today - timedelta(days=DAYS - 1)).isoformat(), "to": today.isoformat()}
    return [Figure(one, now[one.id], before[one.id], _link(one, days)) for one in FIGURES]


def _values(row: Mapping[str, Any], prefix: str) -> dict[str, float | int | None]:
    revenue = row[prefix + "revenue"] or Decimal(0)
    names = ("orders", "buyers", "new_buyers", "contacts", "contacts_added", "contacts_lost")
    counts: dict[str, float | int | None] = {name: int(row[prefix + name] or 0) for name in names}
    orders, buyers = counts["orders"], counts["buyers"]
    return counts | {
        "revenue": to_fen(revenue),
        "repeat_share": int(row[prefix + "repeaters"]) / buyers if buyers else None,
        "average_order": to_fen(revenue / int(orders)) if orders else None,
    }


def _link(definition: Definition, days: Mapping[str, str]) -> str:
    query = urlencode({name: value.format_map(days) for name, value in definition.query})
    return f"{definition.path}?{query}" if query else definition.path
