"""对外收款: what customers paid to members."""

from dataclasses import dataclass
from datetime import datetime

from siyu.connectors.wecom.model.reading import Json, instant, texts

REFUND_DONE = 2


@dataclass(frozen=True)
class BillRefund:
    """`status`: 0 asked, 1 running, 2 done, 3 closed, 4 failed, 5 to be approved, 6 approval refused, 7 approval withdrawn."""

    refund_no: str
    fee_fen: int
    status: int
    asked_at: datetime | None
    userid: str
    comment: str

    @classmethod
    def read(cls, row: Json) -> "BillRefund":
        return cls(
            refund_no=str(row.get("out_refund_no") or ""),
            fee_fen=int(row.get("refund_fee") or 0),
            status=int(row.get("refund_status") or 0),
            asked_at=instant(row.get("refund_reqtime")),
            userid=str(row.get("refund_userid") or ""),
            comment=str(row.get("refund_comment") or ""),
        )


@dataclass(frozen=True)
class Bill:
    """One payment (`type` 0) or refund (1). `trade_state`: 1 done, 3 done with a refund. `payment_type`: 0 in a chat, 1 by code, 2 live, 3 album.

    `goods`: (description, fen).
    """

    transaction_id: str
    type: int
    trade_state: int
    paid_at: datetime | None
    trade_no: str
    refund_no: str
    external_userid: str
    fee_fen: int
    userid: str
    payment_type: int
    mch_id: str
    remark: str
    goods: tuple[tuple[str, int], ...]
    refunded_fen: int
    refunds: tuple[BillRefund, ...]

    @classmethod
    def read(cls, row: Json) -> "Bill":
        def text(name: str) -> str:
            return str(row.get(name) or "")

        def number(name: str) -> int:
            return int(row.get(name) or 0)

        return cls(
            transaction_id=text("transaction_id"),
            type=number("bill_type"),
            trade_state=number("trade_state"),
            paid_at=instant(row.get("pay_time")),
            trade_no=text("out_trade_no"),
            refund_no=text("out_refund_no"),
            external_userid=text("external_userid"),
            fee_fen=number("total_fee"),
            userid=text("payee_userid"),
            payment_type=number("payment_type"),
            mch_id=text("mch_id"),
            remark=text("remark"),
            goods=tuple((str(item.get("description") or ""), int(item.get("amount") or 0)) for item in row.get("commodity_list") or ()),
            refunded_fen=number("total_refund_fee"),
            refunds=tuple(BillRefund.read(refund) for refund in row.get("refund_list") or ()),
        )


@dataclass(frozen=True)
class Merchant:
    """`bind_status` is the platform's number: sources differ on its meaning."""

    mch_id: str
    name: str
    bind_status: int
    userids: tuple[str, ...]
    department_ids: tuple[int, ...]

    @classmethod
    def read(cls, row: Json) -> "Merchant":
        scope: Json = row.get("allow_use_scope") or {}
        parties = tuple(int(id) for id in scope.get("partyid") or ())
        return cls(str(row.get("mch_id") or ""), str(row.get("merchant_name") or ""), int(row.get("bind_status") or 0), texts(scope.get("user")), parties)


@dataclass(frozen=True)
class Movement:
    """One movement of the merchant's account. `type`: 1 refund, 2 fee, 3 payment, 4 withdrawal, 5 other. `comes`: money came in, else it went."""

    at: datetime | None
    request_no: str
    type: int
    comes: bool
    amount_fen: int
    balance_fen: int
    trade_no: str
    mch_id: str
    userid: str
    remark: str

    @classmethod
    def read(cls, row: Json) -> "Movement":
        return cls(
            at=instant(row.get("timestamp")),
            request_no=str(row.get("request_no") or ""),
            type=int(row.get("transaction_type") or 0),
            comes=int(row.get("fund_flow_type") or 0) == 1,
            amount_fen=int(row.get("transaction_amount") or 0),
            balance_fen=int(row.get("account_balance") or 0),
            trade_no=str(row.get("out_trade_no") or ""),
            mch_id=str(row.get("mch_id") or ""),
            userid=str(row.get("operator_userid") or ""),
            remark=str(row.get("remark") or ""),
        )
