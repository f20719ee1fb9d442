"""A member sends to several customers from the client's own 群发助手, without any app."""

import json

from fastapi import APIRouter, HTTPException
from pydantic import Field

from siyu.connectors.wecom.sandbox.acts.people import acting
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Order
from siyu.connectors.wecom.sandbox.town.life import Town

BY_PEOPLE = 0
"""The agent id of sends that no app made."""


class SendOrder(Order):
    userid: str
    text: str = Field(default="周末有新品", max_length=4000)
    external_userids: list[str] = Field(default_factory=list, description="All customers of the member when left out.")


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.post("/sandbox/sends")
    def send(order: SendOrder) -> dict[str, str]:
        """Made and sent at once."""
        with corp.books.write() as db:
            acting(db, order.userid)
            rows = db.execute("select external_userid from follow where userid = ? and left_by_staff_at is null order by external_userid", (order.userid,))
            customers = [row["external_userid"] for row in rows if not order.external_userids or row["external_userid"] in order.external_userids]
            if not customers:
                raise HTTPException(404, "none of these customers is theirs")
            msgid, now = "msg" + corp.draws.letters(29, "msgid", corp.books.serial("send")), corp.clock.now()
            row = (msgid, BY_PEOPLE, "single", now, now, order.text, json.dumps([]), 0, None, json.dumps([]))
            db.execute("insert into send values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)", row)
            db.execute("insert into send_task (msgid, userid) values (?, ?)", (msgid, order.userid))
            db.executemany("insert into send_recipient (msgid, userid, external_userid) values (?, ?, ?)", [(msgid, order.userid, id) for id in customers])
        town.confirm(msgid=msgid, userid=order.userid)
        return {"msgid": msgid}

    return acts
