"""All rows of one order become an order, a refund, or the reasons why not. Never half an order."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import cast

from siyu.observe.imports.model.options import Options
from siyu.observe.imports.model.parsing import EPOCH, Noted, Staged
from siyu.observe.imports.model.problems import Problem
from siyu.observe.orders import LINES_LIMIT, Buyer, Lines, OrderDraft, RefundDraft, RefundLineDraft

_STRONG = ("customer_no", "unionid", "phone")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the rows of one order number."""

    rows: int
    order: OrderDraft | None = None
    refunds: Sequence[RefundDraft] = ()
    rejected: Sequence[Problem] = field(default=())


def judge(rows: Staged, mapping: Mapping[str, str | None], options: Options) -> Verdict:
    """Decide about the rows of one order number; rows with and without `refund` are judged apart."""
    count = len(rows.row)
    order_no = rows.order_no[0]
    if not order_no:
        return Verdict(count, rejected=[problem for place in range(count) for problem in _own(rows, place)])
    if any(rows.problems):
        return _broken(rows)
    if count > LINES_LIMIT:
        return _all(rows, "too_many_lines", None, limit=LINES_LIMIT)
    instants = [at for at in rows.at if at is not None]
    if not instants:
        return _all(rows, "missing_date", mapping["paid_at"])
    marks = {name: _told(getattr(rows, name)) for name in _STRONG}
    for name, told in marks.items():
        if len(told) > 1:
            return _all(rows, "conflicting_buyer", mapping[name], values=", ".join(told[:3]))
    described = (_first(column) for column in (rows.customer_name, rows.city, rows.province, rows.country))
    buyer = Buyer(*(told[0] if told else None for told in marks.values()), *described)
    known = buyer.customer_no or buyer.unionid or buyer.phone or options.keep_anonymous
    at = EPOCH + timedelta(microseconds=min(instants))
    if rows.refund[0]:
        named = _told(rows.refund_of)
        if len(named) > 1:
            return _all(rows, "conflicting_refund", mapping["refund_of"], values=", ".join(named[:3]))
        if known or named:
            return Verdict(count, refunds=[RefundDraft(options.shop, order_no, at, buyer, _back(rows), named[0] if named else None)])
    if not known:
        return _all(rows, "missing_customer", mapping["customer_no"] or mapping["unionid"] or mapping["phone"])
    states = _told(rows.status)
    if "cancelled" in states and len(states) > 1:
        return _all(rows, "conflicting_status", mapping["status"], values=", ".join(states))
    skus = rows.sku if all(rows.sku) else [sku or name for sku, name in zip(rows.sku, rows.name, strict=True)]
    lines = Lines.read(skus, rows.name, rows.quantity, rows.unit_price, rows.amount, rows.unit_cost)
    order = OrderDraft(options.shop, order_no, at, buyer, lines, "cancelled" if states == ["cancelled"] else "paid")
    if "refunded" not in states:
        return Verdict(count, order)
    back = [line for line, state in zip(_back(rows), rows.status, strict=True) if state == "refunded"]
    return Verdict(count, order, [RefundDraft(options.shop, order_no, at, buyer, back, order_no)])


def _back(rows: Staged) -> list[RefundLineDraft]:
    cells = zip(rows.sku, rows.name, rows.quantity, rows.amount, strict=True)
    return [RefundLineDraft(sku or name, name or None, Decimal(quantity), Decimal(amount)) for sku, name, quantity, amount in cells]


def _broken(rows: Staged) -> Verdict:
    first = next(number for number, problems in zip(rows.row, rows.problems, strict=True) if problems)
    rejected: list[Problem] = []
    for place, number in enumerate(rows.row):
        rejected += _own(rows, place) if rows.problems[place] else [Problem(number, "order_incomplete", params={"row": first})]
    return Verdict(len(rows.row), rejected=rejected)


def _own(rows: Staged, place: int) -> list[Problem]:
    noted = cast(list[Noted], json.loads(rows.problems[place]))
    return [Problem(rows.row[place], code, column, value, params) for code, column, value, params in noted]


def _all(rows: Staged, code: str, column: str | None, **params: str | int) -> Verdict:
    return Verdict(len(rows.row), rejected=[Problem(number, code, column, params=params) for number in rows.row])


def _told(column: Sequence[str]) -> list[str]:
    """Different non-empty values in the order of rows."""
    return [value for value in dict.fromkeys(column) if value]


def _first(column: Sequence[str]) -> str | None:
    return next(filter(None, column), None)
