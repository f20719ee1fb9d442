"""What the corp's administrators do with members: disable them, take away the customer-contact function or the licence, and give them back."""

from typing import Literal

from fastapi import APIRouter, HTTPException
from pydantic import Field

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Order
from siyu.connectors.wecom.sandbox.town.life import Town


class MemberOrder(Order):
    userid: str
    status: Literal[1, 2, 4] | None = Field(default=None, description="1 active, 2 disabled, 4 not activated.")
    follows_customers: bool | None = Field(default=None, description="Whether the member has the customer-contact function.")
    licensed: bool | None = Field(default=None, description="Without a licence calls about the member's customers answer 701008.")


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.post("/sandbox/members")
    def change(order: MemberOrder) -> dict[str, str]:
        with corp.books.write() as db:
            if not db.execute("select 1 from staff where userid = ? and status <> 5", (order.userid,)).fetchone():
                raise HTTPException(404, "no such member")
            if order.status is not None:
                db.execute("update staff set status = ? where userid = ?", (order.status, order.userid))
                corp.pushes.send("change_contact/update_user", {"UserID": order.userid, "Status": str(order.status)}, business=corp.clock.now())
            if order.follows_customers is not None:
                db.execute("update staff set follows_customers = ? where userid = ?", (int(order.follows_customers), order.userid))
            if order.licensed is not None:
                db.execute("delete from unlicensed where userid = ?", (order.userid,))
                if not order.licensed:
                    db.execute("insert into unlicensed values (?)", (order.userid,))
        return {"status": "ok"}

    return acts
