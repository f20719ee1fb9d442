"""Members look at what the app told them, and click."""

import json
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import Field

from siyu.connectors.wecom.sandbox.clock import iso
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Order
from siyu.connectors.wecom.sandbox.town.cards import Click, Unclickable
from siyu.connectors.wecom.sandbox.town.life import Town


class ClickOrder(Order):
    userid: str
    task_id: str
    key: str = Field(description="Of a button, of the submit button, or of the menu at the card's corner.")
    chosen: dict[str, list[str]] = Field(default_factory=dict, description="Option ids by question_key.")


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.post("/sandbox/cards/clicks")
    def click(order: ClickOrder) -> dict[str, str]:
        with corp.books.write() as db:
            try:
                code = town.cards.click(db, Click(order.userid, order.task_id, order.key, order.chosen), corp.clock.now())
            except Unclickable as reason:
                raise HTTPException(409, str(reason)) from None
        return {"response_code": code}

    @acts.get("/sandbox/books/app_messages")
    def messages(userid: str | None = None) -> list[dict[str, Any]]:
        """What members got from apps, as each sees it now; dropped and recalled ones aside."""
        with corp.books.read() as db:
            rows = db.execute(
                """
                select m.msgid, m.agent_id, m.msgtype, m.at, r.userid, coalesce(v.card, m.content) as content, coalesce(v.replaced, '') as replaced
                from app_message m
                join app_message_receiver r on r.msgid = m.msgid and r.delivered = 1
                left join app_card_view v on v.msgid = m.msgid and v.userid = r.userid
                where m.recalled_at is null and (?1 is null or r.userid = ?1) order by m.rowid, r.userid
                """,
                (userid,),
            ).fetchall()
        return [{**dict(row), "at": iso(row["at"]), "content": json.loads(row["content"])} for row in rows]

    return acts
