"""What customers of the town pay to members through WeCom, and what they get back."""

import json
import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from siyu.connectors.wecom.sandbox.corp import Corp


class NotPaid(ValueError):
    """There is nothing to pay: the text says why."""


@dataclass(frozen=True)
class Payment:
    """`order_no` names an order of the town's shop that is paid this way; without one `amount_fen` and `description` say what is paid for."""

    userid: str
    external_userid: str
    order_no: str = ""
    amount_fen: int = 0
    description: str = ""
    remark: str = ""
    type: int = 0


class Payments:
    """Part of the running transaction."""

    def __init__(self, corp: Corp) -> None:
        self._corp = corp

    def pay(self, db: sqlite3.Connection, payment: Payment, at: float) -> dict[str, str]:
        """Its numbers. Raises NotPaid."""
        goods = self._of_order(db, payment) if payment.order_no else [(payment.description or "商品", payment.amount_fen)]
        total = sum(fen for _, fen in goods)
        if total <= 0:
            raise NotPaid("an amount above 0 is needed")
        serial = self._corp.books.serial("payment")
        draws = self._corp.draws
        numbers = {
            "transaction_id": f"4200{draws.integer(0, 10**14 - 1, 'transaction', serial):014d}",
            "out_trade_no": "WX" + draws.letters(26, "trade", serial),
            "payment_id": draws.letters(32, "payment", serial),
        }
        commodities = json.dumps([{"description": name, "amount": fen} for name, fen in goods], ensure_ascii=False)
        db.execute(
            "insert into payment values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *numbers.values(),
                payment.order_no or None,
                payment.external_userid,
                payment.userid,
                self._corp.merchant,
                payment.type,
                total,
                payment.remark,
                commodities,
                at,
            ),
        )
        return numbers

    def _of_order(self, db: sqlite3.Connection, payment: Payment) -> list[tuple[str, int]]:
        row = db.execute("select external_userid, payload from shop_order where order_no = ?", (payment.order_no,)).fetchone()
        if row is None or row["external_userid"] != payment.external_userid:
            raise NotPaid("the customer has no such order")
        if db.execute("select 1 from payment where order_no = ?", (payment.order_no,)).fetchone():
            raise NotPaid("it is paid already")
        return [(line["name"], int(Decimal(line["amount"]) * 100)) for line in json.loads(row["payload"])["lines"]]

    def refund(self, db: sqlite3.Connection, out_trade_no: str, at: float, *, fen: int | None = None, comment: str = "") -> int:
        """Give back all that is left, or a part; how much. Raises NotPaid when there is not so much."""
        row = db.execute("select total_fee from payment where out_trade_no = ?", (out_trade_no,)).fetchone()
        if row is None:
            raise NotPaid("no such payment")
        given = db.execute("select coalesce(sum(fee), 0) from payment_refund where out_trade_no = ?", (out_trade_no,)).fetchone()[0]
        fee = int(row["total_fee"] - given if fen is None else fen)
        if not 0 < fee <= row["total_fee"] - given:
            raise NotPaid("there is not so much to give back")
        number = "RF" + self._corp.draws.letters(26, "refund", self._corp.books.serial("payment_refund"))
        db.execute("insert into payment_refund values (?, ?, ?, ?, ?)", (number, out_trade_no, fee, comment, at))
        return fee

    def order_refunded(self, db: sqlite3.Connection, order_no: str, at: float) -> None:
        """The shop took an order back: what was paid for it here goes back, too."""
        left = """
            select out_trade_no from payment p
            where order_no = ? and total_fee > (select coalesce(sum(fee), 0) from payment_refund r where r.out_trade_no = p.out_trade_no)
        """
        row = db.execute(left, (order_no,)).fetchone()
        if row is not None:
            self.refund(db, row["out_trade_no"], at, comment="退货")
