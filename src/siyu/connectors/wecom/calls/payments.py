"""对外收款, read side."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from siyu.connectors.wecom.model import Bill, Merchant, Movement
from siyu.connectors.wecom.transport import Transport


class Payments(Transport):
    """Needs an app that may read 对外收款 (48002)."""

    def bills(self, begin: datetime, end: datetime, *, userid: str = "") -> Iterator[Bill]:
        """Payments and refunds of at most a month, of everybody in range or of one member."""
        body: dict[str, Any] = {"begin_time": int(begin.timestamp()), "end_time": int(end.timestamp()), "limit": 1000}
        for row in self._pages("externalpay/get_bill_list", body | ({"payee_userid": userid} if userid else {}), "bill_list"):
            yield Bill.read(row)

    def merchant(self, mch_id: str) -> Merchant:
        """One merchant account. `Refused` 660001, 660006: there is none of this number."""
        return Merchant.read(self._call("POST", "externalpay/getmerchant", {"mch_id": mch_id}))

    def trade_nos(self, payment_id: str) -> list[str]:
        """The numbers of all payments of one collection, whichever way the platform names the list."""
        answer = self._call("POST", "externalpay/get_payment_info", {"payment_id": payment_id})
        rows = answer.get("bill_list") or answer.get("out_trade_no_list") or ()
        return [str(row["out_trade_no"] if isinstance(row, dict) else row) for row in rows]

    def fund_flow(self, begin: datetime, end: datetime, *, mch_id: str = "") -> Iterator[Movement]:
        """Movements of at most a month, of one merchant account or of all."""
        body: dict[str, Any] = {"begin_time": int(begin.timestamp()), "end_time": int(end.timestamp()), "limit": 200}
        for row in self._pages("externalpay/get_fund_flow", body | ({"mch_id": mch_id} if mch_id else {}), "fund_flow_list"):
            yield Movement.read(row)
