"""Customers open links that they were sent."""

import json
import sqlite3
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import Field

from siyu.connectors.wecom.sandbox.acts.people import customer_of
from siyu.connectors.wecom.sandbox.contract.group_sends import link_of
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Order
from siyu.connectors.wecom.sandbox.town.life import Town


class OpeningOrder(Order):
    external_userid: str
    message: str = Field(description="msgid of a group send, moment_id of a moment, or the code of first words that the customer got.")


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.post("/sandbox/links/openings")
    def open_link(order: OpeningOrder) -> dict[str, Any]:
        """`status`: the HTTP status of the page; null when its host is none that the town visits, or did not answer. Only a first opening is fetched."""
        with corp.books.write() as db:
            customer_of(db, order.external_userid)
            url = _link(db, order.message, order.external_userid)
            known = _opening(db, order)
            town.effects.opened(db, order.message, order.external_userid, url, corp.clock.now())
        town.effects.run(again=True)
        with corp.books.read() as db:
            opening = _opening(db, order)
        assert opening is not None
        return {"changed": known is None, "url": url, "fetched": bool(opening["fetched"]), "status": opening["http_status"]}

    return acts


def _opening(db: sqlite3.Connection, order: OpeningOrder) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(
        "select fetched, http_status from link_opening where msgid = ? and external_userid = ?", (order.message, order.external_userid)
    ).fetchone()
    return row


def _link(db: sqlite3.Connection, message: str, external_userid: str) -> str:
    """The address in what the customer got. Answers 404 without such a message, 409 without a link in it."""
    got = """
        select link, null as text, null as attachments from send_recipient join send using (msgid) where msgid = ?1 and external_userid = ?2 and status = 1
        union all
        select link, null, null from moment_customer join moment using (moment_id) where moment_id = ?1 and external_userid = ?2 and seen_from is not null
        union all
        select null, text, attachments from welcome where code = ?1 and external_userid = ?2 and sent_at is not null
    """
    row = db.execute(got, (message, external_userid)).fetchone()
    if row is None:
        raise HTTPException(404, "the customer got no such message")
    link = row["link"] or link_of(row["text"], json.loads(row["attachments"] or "[]"))
    if not link:
        raise HTTPException(409, "there is no link in it")
    return str(link)
