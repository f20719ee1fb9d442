"""对外收款: what customers paid to members, and the merchant's account."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.cursors import seal, unseal

_PAYMENT, _REFUND = 0, 1
_DONE, _DONE_WITH_REFUND = 1, 3
_REFUNDED = 2
_MONTH = 31 * 86_400
_INCOME, _EXPENSE = 1, 2
_REFUNDING, _RECEIVING = 1, 3
_BOUND = 1


def get_bill_list(call: Call) -> dict[str, Any]:
    """Payments and refunds to visible members, each a row of its own, in the order of time."""
    _open(call)
    begin, end = _span(call)
    page = call.page(1000, 1000)
    after = unseal(call.path, call.text("cursor")) or [float(begin), "", -1]
    payee = call.text("payee_userid")
    with call.corp.books.read() as db:
        visible = call.corp.visible_staff(call.app, db)
        (payee,) = call.corp.as_written(db, [payee])
        if payee and payee not in visible:
            raise Failure(660003)
        rows = db.execute(
            """
            select * from (
                select pay_time as at, out_trade_no, 0 as kind, '' as out_refund_no, total_fee as fee from payment
                union all
                select refunded_at, out_trade_no, 1, out_refund_no, fee from payment_refund
            ) join payment using (out_trade_no)
            where at < :end + 1 and (at, out_trade_no || out_refund_no, kind) > (:at, :number, :kind) and (:payee = '' or payee_userid = :payee)
            order by at, out_trade_no || out_refund_no, kind
            """,
            {"end": end, "at": after[0], "number": after[1], "kind": after[2], "payee": payee},
        )
        seen = [row for row in rows if row["payee_userid"] in visible][: page + 1]
        bills = [_bill(db, row) for row in seen[:page]]
    last = seen[page - 1] if len(seen) > page else None
    more = seal(call.path, [last["at"], last["out_trade_no"] + last["out_refund_no"], last["kind"]]) if last else ""
    return {"bill_list": bills, "next_cursor": more}


def _bill(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    refunds = db.execute("select * from payment_refund where out_trade_no = ? order by refunded_at, out_refund_no", (row["out_trade_no"],)).fetchall()
    bill = {
        "transaction_id": row["transaction_id"],
        "bill_type": row["kind"],
        "trade_state": _DONE_WITH_REFUND if refunds else _DONE,
        "pay_time": int(row["at"]),
        "out_trade_no": row["out_trade_no"],
        "external_userid": row["external_userid"],
        "total_fee": row["fee"],
        "payee_userid": row["payee_userid"],
        "payment_type": row["payment_type"],
        "mch_id": row["mch_id"],
        "remark": row["remark"],
    }
    if row["kind"] == _REFUND:
        return bill | {"out_refund_no": row["out_refund_no"]}
    return bill | {
        "commodity_list": json.loads(row["commodities"]),
        "total_refund_fee": sum(refund["fee"] for refund in refunds),
        "refund_list": [
            {
                "out_refund_no": refund["out_refund_no"],
                "refund_userid": row["payee_userid"],
                "refund_comment": refund["comment"],
                "refund_reqtime": int(refund["refunded_at"]),
                "refund_status": _REFUNDED,
                "refund_fee": refund["fee"],
            }
            for refund in refunds
        ],
    }


def getmerchant(call: Call) -> dict[str, Any]:
    _open(call)
    if call.text("mch_id", missing=660001) != call.corp.merchant:
        raise Failure(660006)
    scope = {"user": [], "partyid": [1], "tagid": []}
    return {"mch_id": call.corp.merchant, "merchant_name": "沙箱商户", "bind_status": _BOUND, "allow_use_scope": scope}


def get_payment_info(call: Call) -> dict[str, Any]:
    _open(call)
    with call.corp.books.read() as db:
        rows = db.execute("select out_trade_no from payment where payment_id = ? order by pay_time", (call.text("payment_id", missing=660012),)).fetchall()
    if not rows:
        raise Failure(660012)
    return {"bill_list": [{"out_trade_no": row["out_trade_no"]} for row in rows]}


def get_fund_flow(call: Call) -> dict[str, Any]:
    """Every movement with the balance after it; the platform's own fees are left out."""
    _open(call)
    begin, end = _span(call)
    if call.text("mch_id") not in ("", call.corp.merchant):
        raise Failure(660006)
    page = call.page(100, 200)
    after = unseal(call.path, call.text("cursor")) or [float(begin), ""]
    with call.corp.books.read() as db:
        rows = db.execute(
            """
            select *, sum(amount) over (order by at, request_no) as balance from (
                select pay_time as at, transaction_id as request_no, out_trade_no, payee_userid, total_fee as amount, remark from payment
                union all
                select refunded_at, out_refund_no, out_trade_no, payee_userid, -fee, comment from payment_refund join payment using (out_trade_no)
            ) order by at, request_no
            """
        ).fetchall()
    seen = [row for row in rows if (row["at"], row["request_no"]) > tuple(after) and row["at"] < end + 1][: page + 1]
    more = seal(call.path, [seen[page - 1]["at"], seen[page - 1]["request_no"]]) if len(seen) > page else ""
    return {"fund_flow_list": [_movement(call, row) for row in seen[:page]], "next_cursor": more}


def _movement(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    comes = row["amount"] > 0
    return {
        "timestamp": int(row["at"]),
        "request_no": row["request_no"],
        "transaction_type": _RECEIVING if comes else _REFUNDING,
        "fund_flow_type": _INCOME if comes else _EXPENSE,
        "transaction_amount": abs(row["amount"]),
        "account_balance": row["balance"],
        "out_trade_no": row["out_trade_no"],
        "mch_id": call.corp.merchant,
        "operator_userid": row["payee_userid"],
        "group_list": [],
        "remark": row["remark"],
    }


def _open(call: Call) -> None:
    if not call.app.payments:
        raise Failure(48002)
    if not call.corp.settings.payments:
        raise Failure(660013)


def _span(call: Call) -> tuple[int, int]:
    begin, end = call.number("begin_time", missing=40058), call.number("end_time", missing=40058)
    assert begin is not None and end is not None
    if not 0 <= end - begin <= _MONTH:
        raise Failure(40058, "end_time")
    return begin, end


CALLS = {
    "externalpay/get_bill_list": Contract("POST", get_bill_list),
    "externalpay/getmerchant": Contract("POST", getmerchant),
    "externalpay/get_payment_info": Contract("POST", get_payment_info),
    "externalpay/get_fund_flow": Contract("POST", get_fund_flow),
}
