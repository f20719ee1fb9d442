"""Customers pay members through WeCom, and get money back."""

from fastapi import APIRouter, HTTPException
from pydantic import Field

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Order
from siyu.connectors.wecom.sandbox.town.life import Town
from siyu.connectors.wecom.sandbox.town.payments import NotPaid, Payment


class PaymentOrder(Order):
    userid: str
    external_userid: str
    order_no: str = Field(default="", description="An order of the town's shop, paid this way; else amount and description.")
    amount_fen: int = Field(default=0, ge=0, le=10**12)
    description: str = ""
    remark: str = ""
    payment_type: int = Field(default=0, ge=0, le=3, description="0 in a chat, 1 by code, 2 live, 3 from the album.")


class RefundOrder(Order):
    out_trade_no: str
    amount_fen: int | None = Field(default=None, ge=1, le=10**12, description="All that is left when left out.")
    comment: str = ""


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.post("/sandbox/payments")
    def pay(order: PaymentOrder) -> dict[str, str]:
        with corp.books.write() as db:
            pair = (order.userid, order.external_userid)
            if not db.execute("select 1 from follow where userid = ? and external_userid = ?", pair).fetchone():
                raise HTTPException(404, "they are no friends")
            payment = Payment(*pair, order.order_no, order.amount_fen, order.description, order.remark, order.payment_type)
            try:
                return town.payments.pay(db, payment, corp.clock.now())
            except NotPaid as reason:
                raise HTTPException(409, str(reason)) from None

    @acts.post("/sandbox/payments/refunds")
    def refund(order: RefundOrder) -> dict[str, int]:
        with corp.books.write() as db:
            try:
                return {"fee": town.payments.refund(db, order.out_trade_no, corp.clock.now(), fen=order.amount_fen, comment=order.comment)}
            except NotPaid as reason:
                raise HTTPException(409, str(reason)) from None

    return acts
