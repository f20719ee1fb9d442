"""Customers order in the town's shop; what was ordered."""

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import Field

from siyu.connectors.wecom.sandbox.acts.people import customer_of
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Order
from siyu.connectors.wecom.sandbox.town.life import Town


class ShopOrder(Order):
    external_userid: str
    msgid: str | None = Field(default=None, description="The group send that made the customer order.")


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.post("/sandbox/orders")
    def order(order: ShopOrder) -> dict[str, Any]:
        """The shop tells it at once. `status`: what the other side answered; null while there is nobody to tell, or no answer."""
        with corp.books.write() as db:
            customer_of(db, order.external_userid)
            got = "select 1 from send_recipient where msgid = ? and external_userid = ? and status = 1"
            if order.msgid is not None and not db.execute(got, (order.msgid, order.external_userid)).fetchone():
                raise HTTPException(404, "the customer got no such message")
            order_no = town.trade.buy(db, order.external_userid, corp.clock.now(), msgid=order.msgid)
        town.effects.run(again=True)
        with corp.books.read() as db:
            row = db.execute("select amount, http_status from shop_order where order_no = ?", (order_no,)).fetchone()
        return {"order_no": order_no, "amount": row["amount"], "status": row["http_status"]}

    @acts.get("/sandbox/books/orders")
    def orders(external_userid: str | None = None) -> list[dict[str, str]]:
        """Orders of the town's shop, by which a payment may be made."""
        with corp.books.read() as db:
            rows = db.execute(
                "select order_no, external_userid, amount, cause from shop_order where ?1 is null or external_userid = ?1 order by paid_at, order_no",
                (external_userid,),
            )
            return [dict(row) for row in rows]

    return acts
