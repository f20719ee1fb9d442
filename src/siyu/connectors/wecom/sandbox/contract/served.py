"""已服务的外部联系人: everybody outside whom the corp has met, once for each member and each group."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.cursors import seal, unseal

_MEETINGS = """
select * from (
    select f.created_at as at, f.userid as host, '' as chat_id, '' as chat_name, c.external_userid, c.name, 1 as is_customer
    from follow f join customer c using (external_userid) where f.left_by_staff_at is null
    union all
    select m.joined_at, g.owner, g.chat_id, g.name, c.external_userid, c.name,
        exists (select 1 from follow f where f.external_userid = c.external_userid and f.left_by_staff_at is null)
    from chat_member m join chat g using (chat_id) join customer c on c.external_userid = m.userid
    where m.left_at is null and g.dismissed_at is null
)
where host in (select value from json_each(:hosts)) and (at, host, chat_id, external_userid) > (:at, :host, :chat_id, :external_userid)
order by at, host, chat_id, external_userid limit :limit
"""
_KEY = ("at", "host", "chat_id", "external_userid")


def contact_list(call: Call) -> dict[str, Any]:
    """Where people of visible members and of their groups were met, the oldest meeting first. A cursor is good for some hours."""
    limits = call.corp.settings.limits
    page = call.page(limits.served_page, limits.served_page)
    given, *after = unseal(call.path, call.text("cursor")) or [call.now, 0.0, "", "", ""]
    if call.now - given > limits.served_cursor_seconds:
        raise Failure(50100)
    with call.corp.books.read() as db:
        hosts = call.corp.visible_staff(call.app, db) | call.corp.former_staff(call.app, db)
        values = {"hosts": json.dumps(sorted(hosts)), "limit": page + 1, **dict(zip(_KEY, after, strict=True))}
        rows = db.execute(_MEETINGS, values).fetchall()
    more = seal(call.path, [given, *(rows[page - 1][name] for name in _KEY)]) if len(rows) > page else ""
    return {"info_list": [_told(call, row) for row in rows[:page]], "next_cursor": more}


def _told(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    """Who is nobody's customer has no id here, and a masked name."""
    who = {"external_userid": row["external_userid"]} if row["is_customer"] else {"name": f"{row['name'][:1]}**"}
    where = {"chat_id": row["chat_id"], "chat_name": row["chat_name"]} if row["chat_id"] else {}
    tmp_openid = "tmp" + call.corp.draws.letters(29, "tmp openid", row["external_userid"])
    return {"is_customer": bool(row["is_customer"]), "tmp_openid": tmp_openid, **who, "follow_userid": row["host"], **where, "add_time": int(row["at"])}


CALLS = {"externalcontact/contact_list": Contract("POST", contact_list, "customer")}
