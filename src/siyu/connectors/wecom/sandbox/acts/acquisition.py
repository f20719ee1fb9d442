"""Customers open acquisition links; somebody buys quota, or deletes a link in the admin site."""

from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, HTTPException
from pydantic import Field

from siyu.connectors.wecom.sandbox.acts.people import customer_of
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Link, Order
from siyu.connectors.wecom.sandbox.town.acquisition import NoSuchLink
from siyu.connectors.wecom.sandbox.town.life import Town


class VisitOrder(Order):
    url: Link = Field(description="The link as the customer got it, customer_channel and all.")
    external_userid: str
    adds: bool = Field(default=True, description="Whether the customer adds the member, or only looks.")


class QuotaOrder(Order):
    count: int = Field(ge=1, le=1_000_000_000)
    days: int = Field(default=365, ge=0, le=36_500, description="Whole days for which it is good, after today.")


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.post("/sandbox/acquisition/visits")
    def visit(order: VisitOrder) -> dict[str, str | None]:
        """`userid` is whom the customer met, null when nobody is behind the link, the quota was used up, or nobody was added. 404 for a link that is none."""
        parts = urlsplit(order.url)
        channel = dict(parse_qsl(parts.query)).get("customer_channel", "")
        with corp.books.write() as db:
            customer_of(db, order.external_userid)
            link_id, now = parts.path.rpartition("/")[2], corp.clock.now()
            try:
                return {"userid": town.acquisition.visit(db, link_id, order.external_userid, now, channel=channel, adds=order.adds)}
            except NoSuchLink:
                raise HTTPException(404, "no such link") from None

    @acts.post("/sandbox/acquisition/quota")
    def buy(order: QuotaOrder) -> dict[str, str]:
        with corp.books.write() as db:
            town.acquisition.buy(db, order.count, corp.clock.now(), days=order.days)
        return {"status": "ok"}

    @acts.delete("/sandbox/acquisition/links")
    def delete(link_id: str) -> dict[str, bool]:
        with corp.books.write() as db:
            if not db.execute("select 1 from acquisition_link where link_id = ?", (link_id,)).fetchone():
                raise HTTPException(404, "no such link")
            return {"changed": town.acquisition.delete(db, link_id, corp.clock.now())}

    return acts
