"""What members are asked to do: group sends to confirm, moments to publish. They may leave it."""

import json
from typing import Any

from fastapi import APIRouter, HTTPException

from siyu.connectors.wecom.sandbox.acts.people import acting, member_of
from siyu.connectors.wecom.sandbox.clock import iso
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Last, Order
from siyu.connectors.wecom.sandbox.town.life import Town

_TASKS = """
select 'send' as kind, s.chat_type, t.msgid as id, s.created_at, s.text, s.attachments, s.cancelled_at, t.sent_at as done_at, t.reminders,
    (select count(*) from send_recipient r where r.msgid = t.msgid and r.userid = t.userid)
        + (select count(*) from send_chat r where r.msgid = t.msgid and r.userid = t.userid) as receivers,
    (select count(*) from send_recipient r where r.msgid = t.msgid and r.userid = t.userid and r.status = 1)
        + (select count(*) from send_chat r where r.msgid = t.msgid and r.userid = t.userid and r.status = 1) as reached,
    (select min(at) from due where rank = 'confirm/' || t.userid and kind = 'confirm' and json_extract(params, '$.msgid') = t.msgid) as planned_at,
    (select max(at) from intercepted i where i.msgid = t.msgid and i.userid = t.userid) as kept_back_at
from send_task t join send s using (msgid) where t.userid = :userid
union all
select 'moment', 'single', t.moment_id, m.created_at, m.text, m.attachments, m.cancelled_at, t.published_at, 0,
    (select count(*) from follow f where f.userid = t.userid and f.left_by_staff_at is null),
    (select count(seen_from) from moment_customer c where c.moment_id = t.moment_id and c.userid = t.userid),
    (select min(at) from due where rank between 'publish/' || t.userid || '/' and 'publish/' || t.userid || '0'
        and kind = 'publish' and json_extract(params, '$.moment_id') = t.moment_id),
    null
from moment_task t join moment m using (moment_id) where t.userid = :userid and m.ready_at <= :now
order by created_at desc, id limit :last
"""
_INSTANTS = ("created_at", "cancelled_at", "done_at", "planned_at", "kept_back_at")


class RefusalOrder(Order):
    userid: str
    msgid: str | None = None
    moment_id: str | None = None


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.get("/sandbox/books/tasks")
    def tasks(userid: str, last: Last = 30) -> list[dict[str, Any]]:
        """Newest first. Receivers are customers, or groups where `chat_type` says so. `kept_back_at`: a rule of the corp held it.

        `planned_at`: when the member will do it by habit; null for not unless reminded.
        """
        with corp.books.read() as db:
            member_of(db, userid)
            rows = db.execute(_TASKS, {"userid": userid, "now": corp.clock.now(), "last": last}).fetchall()
        return [
            {**dict(row), "attachments": json.loads(row["attachments"]), **{name: iso(row[name]) if row[name] is not None else None for name in _INSTANTS}}
            for row in rows
        ]

    @acts.post("/sandbox/tasks/refusals")
    def refuse(order: RefusalOrder) -> dict[str, bool]:
        """The member leaves it: it stays open, and is done only when somebody confirms it or reminds."""
        if not order.msgid and not order.moment_id:
            raise HTTPException(422, "msgid or moment_id is needed")
        with corp.books.write() as db:
            acting(db, order.userid)
            if order.msgid:
                planned = "rank = 'confirm/' || :userid and json_extract(params, '$.msgid') = :msgid"
            else:
                planned = "rank between 'publish/' || :userid || '/' and 'publish/' || :userid || '0' and json_extract(params, '$.moment_id') = :moment_id"
            left = db.execute(f"delete from due where {planned}", order.model_dump()).rowcount  # noqa: S608  one of two texts
        return {"changed": bool(left)}

    return acts
