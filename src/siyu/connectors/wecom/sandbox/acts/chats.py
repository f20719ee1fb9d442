"""A member and a customer write to each other; what stands in their chat."""

import json
import sqlite3
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from siyu.connectors.wecom.sandbox.acts.people import acting, customer_of, friends
from siyu.connectors.wecom.sandbox.clock import iso
from siyu.connectors.wecom.sandbox.contract.group_sends import link_of
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Last, Order
from siyu.connectors.wecom.sandbox.town.life import Town

_LINES = """
select 'welcome' as kind, 'member' as "by", code as id, sent_at as at, text, attachments, null as link
from welcome where userid = :userid and external_userid = :external_userid and sent_at is not null
union all
select 'send', 'member', msgid, r.sent_at, s.text, s.attachments, s.link
from send_recipient r join send s using (msgid) where r.userid = :userid and r.external_userid = :external_userid and r.status = 1
union all
select 'moment', 'member', moment_id, c.seen_from, m.text, m.attachments, m.link
from moment_customer c join moment m using (moment_id) where c.userid = :userid and c.external_userid = :external_userid and c.seen_from is not null
union all
select 'text', 'customer', cast(id as text), at, text, '[]', null from reply where userid = :userid and external_userid = :external_userid
union all
select 'text', 'member', cast(id as text), at, text, '[]', null from member_message where userid = :userid and external_userid = :external_userid
union all
select distinct 'answer', 'member', '', answered_at, null, '[]', null from reply r
where userid = :userid and external_userid = :external_userid and answered_at <= :now and not exists (
    select 1 from member_message m where m.userid = r.userid and m.external_userid = r.external_userid and m.at = r.answered_at
)
union all
select 'conclusion', 'member', cast(id as text), ended_at, text, attachments, null from temporary_chat
where userid = :userid and external_userid = :external_userid and (text is not null or attachments <> '[]')
order by at desc limit :last
"""


class MessageOrder(Order):
    userid: str
    external_userid: str
    text: str = Field(default="你好", min_length=1, max_length=4000)
    by: Literal["customer", "member"] = "customer"


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.post("/sandbox/messages")
    def write(order: MessageOrder) -> dict[str, str]:
        """Seen by the two only, but for what acquisition links tell. A member who writes confirms a customer who was half-added."""
        with corp.books.write() as db:
            now, pair = corp.clock.now(), (order.userid, order.external_userid)
            friends(db, *pair, half=True)
            if order.by == "customer":
                town.write(db, *pair, order.text, now)
            else:
                acting(db, order.userid)
                town.half_friends.confirm(db, *pair, now)
                town.member_messages.say(db, *pair, order.text, now)
        return {"status": "ok"}

    @acts.get("/sandbox/books/chats")
    def read(userid: str, external_userid: str, last: Last = 100) -> dict[str, Any]:
        """The last lines, oldest first: kind welcome, send, moment, text, conclusion of a temporary chat, or answer when the town's member answered
        in words nobody knows.
        """
        with corp.books.read() as db:
            customer_of(db, external_userid)
            who = {"userid": userid, "external_userid": external_userid, "now": corp.clock.now(), "last": last}
            lines = [_line(db, row, external_userid) for row in db.execute(_LINES, who).fetchall()]
            return {"lines": lines[::-1], "welcome": _first_words(corp, db, userid, external_userid)}

    return acts


def _line(db: sqlite3.Connection, row: sqlite3.Row, external_userid: str) -> dict[str, Any]:
    attachments = json.loads(row["attachments"] or "[]")
    link = link_of(row["text"], attachments) if row["kind"] == "welcome" else row["link"]
    opened = link and db.execute("select 1 from link_opening where msgid = ? and external_userid = ?", (row["id"], external_userid)).fetchone()
    return {**dict(row), "at": iso(row["at"]), "attachments": attachments, "link": link, "opened": bool(opened)}


def _first_words(corp: Corp, db: sqlite3.Connection, userid: str, external_userid: str) -> dict[str, Any] | None:
    """What became of the latest code for first words: `seconds_left` while an app may still send them."""
    row = db.execute(
        "select given_machine, sent_at from welcome where userid = ? and external_userid = ? order by given_machine desc limit 1", (userid, external_userid)
    ).fetchone()
    if row is None:
        return None
    left = row["given_machine"] + corp.settings.limits.welcome_seconds - corp.clock.machine()
    state = "sent" if row["sent_at"] is not None else "waiting" if left > 0 else "missed"
    return {"state": state, "seconds_left": max(0, round(left)) if state == "waiting" else 0}
