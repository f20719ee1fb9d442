"""群发: made over the API, sent by members, told by the platform afterwards."""

import json
import re
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.content import content
from siyu.connectors.wecom.sandbox.cursors import seal, unseal

_LINK = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_DAY = 86_400
_CORP, _MEMBER, _ALL = 0, 1, 2
_ASK = {
    "single": "insert into send_recipient (msgid, userid, external_userid) values (?, ?, ?)",
    "group": "insert into send_chat (msgid, userid, chat_id) values (?, ?, ?)",
}
_RESULTS = {
    "single": """
        select userid, status, sent_at, external_userid from send_recipient
        where msgid = ? and userid = ? and external_userid > ? order by external_userid limit ?
        """,
    "group": "select userid, status, sent_at, chat_id from send_chat where msgid = ? and userid = ? and chat_id > ? and status = 1 order by chat_id limit ?",
}
"""Of groups only those are told that got it."""
_EVERYBODY = {
    "single": "select userid, status, sent_at, external_userid from send_recipient where msgid = ? order by userid, external_userid",
    "group": "select userid, status, sent_at, chat_id from send_chat where msgid = ? and status = 1 order by userid, chat_id",
}


def add_msg_template(call: Call) -> dict[str, Any]:
    """Nothing is delivered until each member confirms; receivers over their allowance are found only then. To groups a send goes through their owner."""
    chat_type = call.text("chat_type") or "single"
    if chat_type not in ("single", "group"):
        raise Failure(40058, "chat_type")
    sender = call.text("sender")
    text, attachments = content(call)
    with call.corp.books.write() as db:
        asked, failed = _some_refused(call, *(_chats if chat_type == "group" else _customers)(call, db, sender))
        if not asked:
            raise Failure(41048)
        draws, number = call.corp.draws, call.corp.books.serial("send")
        msgid = "msg" + draws.letters(29, "msgid", number)
        lag = call.fault.seconds(30) if call.fault and call.fault.kind == "listing_lag" else call.corp.settings.limits.dispatch_seconds
        db.execute(
            "insert into send values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)",
            (
                msgid,
                call.app.agent_id,
                chat_type,
                call.now,
                call.now + lag,
                text,
                json.dumps(attachments, ensure_ascii=False),
                int(chat_type == "single" and call.switch("allow_select", False)),
                link_of(text, attachments),
                json.dumps(failed),
            ),
        )
        db.executemany("insert into send_task (msgid, userid) values (?, ?)", [(msgid, userid) for userid in sorted({userid for userid, _ in asked})])
        db.executemany(_ASK[chat_type], [(msgid, *pair) for pair in asked])
        if call.corp.watcher:
            call.corp.watcher.asked(db, msgid)
    return {"fail_list": failed, "msgid": msgid}


def _chats(call: Call, db: sqlite3.Connection, sender: str) -> tuple[list[tuple[str, str]], list[str]]:
    """((owner, group) pairs that are asked for, groups not accepted). Only groups that the sender owns count: all of them when none is named."""
    if not sender:
        raise Failure(40058, "sender")
    wanted = list(dict.fromkeys(call.texts("chat_id_list")))
    if len(wanted) > call.corp.settings.limits.send_chats:
        raise Failure(40058, "chat_id_list")
    owner = call.corp.require_staff(call.app, db, sender)
    own = [row["chat_id"] for row in db.execute("select chat_id from chat where owner = ? and dismissed_at is null order by chat_id", (owner,))]
    return [(owner, id) for id in wanted or own if id in own], [id for id in wanted if id not in own]


def _some_refused(call: Call, asked: list[tuple[str, str]], failed: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """The same after the fault that has some receivers not accepted, if one fires."""
    if not call.fault or call.fault.kind != "fail_list":
        return asked, failed
    share = float(call.fault.params.get("share", 0.5))
    refused = {id for _, id in asked if call.corp.draws.happens(share, "fail_list", call.fault.id, call.fault.met, id)}
    return [pair for pair in asked if pair[1] not in refused], failed + [id for _, id in asked if id in refused]


def _customers(call: Call, db: sqlite3.Connection, sender: str) -> tuple[list[tuple[str, str]], list[str]]:
    """((member, customer) pairs that are asked for, customers not accepted). Only a member's own visible customers count."""
    limits = call.corp.settings.limits
    wanted = list(dict.fromkeys(call.texts("external_userid")))
    tags = _tag_filter(call)
    if not wanted and not sender and not tags:
        raise Failure(40058, "external_userid")
    if len(wanted) > limits.send_external_userids:
        raise Failure(40058, "external_userid")
    if sender:
        sender = call.corp.require_staff(call.app, db, sender)
    visible = call.corp.visible_staff(call.app, db)
    latest: dict[str, str] = {}
    source = (
        db.execute("select userid, external_userid from follow where userid = ? and left_by_staff_at is null order by external_userid", (sender,))
        if sender
        else db.execute("select userid, external_userid from follow where left_by_staff_at is null order by talked_at, userid")
    )
    for row in source:
        if row["userid"] in visible:
            latest[row["external_userid"]] = row["userid"]
    if tags:
        latest = {id: userid for id, userid in latest.items() if _tagged(db, id, tags)}
    chosen = wanted or sorted(latest)
    failed = [id for id in chosen if id not in latest]
    return [(latest[id], id) for id in chosen if id in latest], failed


def _tag_filter(call: Call) -> list[set[str]]:
    groups = [set(call.part(group).texts("tag_list")) for group in call.inner("tag_filter").rows("group_list")]
    if any(len(group) > call.corp.settings.limits.filter_tags for group in groups):
        raise Failure(40058, "tag_filter")
    return [group for group in groups if group]


def _tagged(db: sqlite3.Connection, external_userid: str, groups: list[set[str]]) -> bool:
    own = {row["tag_id"] for row in db.execute("select tag_id from follow_tag where external_userid = ?", (external_userid,))}
    return all(own & group for group in groups)


def link_of(text: str | None, attachments: list[dict[str, Any]]) -> str | None:
    """The address that a receiver would tap: the first card, else the first address in the text."""
    for item in attachments:
        if item["msgtype"] == "link":
            return str(item["link"]["url"])
    found = _LINK.search(text or "")
    return found.group().rstrip(".,;:!?)'") if found else None


def get_groupmsg_list_v2(call: Call) -> dict[str, Any]:
    """Newest first, those in which members of the app's range have a part.

    Sends made over the API carry no creator; those that a member made in the client were made by who has the only part in them.
    """
    limits = call.corp.settings.limits
    chat_type = call.text("chat_type", missing=40058)
    start, end = call.number("start_time", missing=40058), call.number("end_time", missing=40058)
    assert start is not None and end is not None
    if chat_type not in ("single", "group") or end < start or end - start > limits.sends_span_days * _DAY:
        raise Failure(40058, "start_time")
    page = call.page(limits.sends_page_default, limits.sends_page_max)
    after = unseal(call.path, call.text("cursor")) or [end + 1, ""]
    kind = call.number("filter_type")
    kind = _ALL if kind is None else kind
    if kind not in (_CORP, _MEMBER, _ALL):
        raise Failure(40058, "filter_type")
    with call.corp.books.read() as db:
        rows = db.execute(
            """
            select * from (
                select *, case when agent_id = 0 then (select userid from send_task t where t.msgid = send.msgid) else '' end as creator from send
            ) s
            where chat_type = ? and created_at >= ? and listed_from <= ? and (created_at, msgid) < (?, ?)
              and (? = 2 or (creator <> '') = ?) and (? = '' or creator = ?)
              and exists (select 1 from send_task t where t.msgid = s.msgid and t.userid in (select value from json_each(?)))
            order by created_at desc, msgid desc limit ?
            """,
            (chat_type, start, call.now, after[0], after[1], kind, kind, call.text("creator"), call.text("creator"), _seen(call, db), page + 1),
        ).fetchall()
    return {"group_msg_list": [_listed(row) for row in rows[:page]], "next_cursor": _next(call, rows, page, "created_at", "msgid")}


def _listed(row: sqlite3.Row) -> dict[str, Any]:
    listed = {"msgid": row["msgid"], "create_time": int(row["created_at"]), "attachments": json.loads(row["attachments"])}
    listed |= {"create_type": _MEMBER, "creator": row["creator"]} if row["creator"] else {"create_type": _CORP}
    return listed | ({"text": {"content": row["text"]}} if row["text"] else {})


def _next(call: Call, rows: list[sqlite3.Row], page: int, *key: str) -> str:
    return seal(call.path, [rows[page - 1][name] for name in key]) if len(rows) > page else ""


def _seen(call: Call, db: sqlite3.Connection) -> str:
    """Members in the app's range, still here or not, as a JSON list."""
    return json.dumps(sorted(call.corp.visible_staff(call.app, db) | call.corp.former_staff(call.app, db)))


def _send(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    """The send that is meant. Fails with 41047, or 60011 when no member of the app's range has a part in it."""
    msgid = call.text("msgid", missing=41046)
    row: sqlite3.Row | None = db.execute("select * from send where msgid = ?", (msgid,)).fetchone()
    if row is None:
        raise Failure(41047)
    part = "select 1 from send_task where msgid = ? and userid in (select value from json_each(?))"
    if not db.execute(part, (msgid, _seen(call, db))).fetchone():
        raise Failure(60011)
    return row


def get_groupmsg_task(call: Call) -> dict[str, Any]:
    limits = call.corp.settings.limits
    page = call.page(limits.results_page_default, limits.results_page_max)
    after = unseal(call.path, call.text("cursor")) or [""]
    with call.corp.books.read() as db:
        send = _send(call, db)
        if send["listed_from"] > call.now:
            raise Failure(41063)
        rows = db.execute(
            "select * from send_task where msgid = ? and userid > ? and userid in (select value from json_each(?)) order by userid limit ?",
            (send["msgid"], after[0], _seen(call, db), page + 1),
        ).fetchall()
    tasks = [{"userid": row["userid"], "status": row["status"]} | ({"send_time": int(row["sent_at"])} if row["sent_at"] else {}) for row in rows[:page]]
    return {"task_list": tasks, "next_cursor": _next(call, rows, page, "userid")}


def get_groupmsg_send_result(call: Call) -> dict[str, Any]:
    """Receivers of one member's part; none for a member who has no part."""
    limits = call.corp.settings.limits
    page = call.page(limits.results_page_default, limits.results_page_max)
    after = unseal(call.path, call.text("cursor")) or [""]
    with call.corp.books.read() as db:
        send = _send(call, db)
        userid = call.corp.require_staff(call.app, db, call.text("userid", missing=40003))
        if send["listed_from"] > call.now:
            raise Failure(41063)
        rows = db.execute(_RESULTS[send["chat_type"]], (send["msgid"], userid, after[0], page + 1)).fetchall()
    return {"send_list": [_receiver(row) for row in rows[:page]], "next_cursor": _next(call, rows, page, _named(send))}


def get_group_msg_result(call: Call) -> dict[str, Any]:
    """The retired call of older clients: all receivers of visible members at once."""
    with call.corp.books.read() as db:
        send = _send(call, db)
        if send["listed_from"] > call.now:
            raise Failure(41063)
        visible = call.corp.visible_staff(call.app, db)
        rows = db.execute(_EVERYBODY[send["chat_type"]], (send["msgid"],)).fetchall()
    return {"check_status": 1, "detail_list": [_receiver(row) for row in rows if row["userid"] in visible]}


def _named(send: sqlite3.Row) -> str:
    return "chat_id" if send["chat_type"] == "group" else "external_userid"


def _receiver(row: sqlite3.Row) -> dict[str, Any]:
    receiver = {name: row[name] for name in row.keys() if name != "sent_at"}  # noqa: SIM118  iterating a row gives its values
    return receiver | ({"send_time": int(row["sent_at"])} if row["sent_at"] else {})


def cancel_groupmsg_send(call: Call) -> dict[str, Any]:
    """Stops what members have not sent yet."""
    with call.corp.books.write() as db:
        send = _send(call, db)
        if send["cancelled_at"] is not None:
            raise Failure(41093)
        db.execute("update send set cancelled_at = ? where msgid = ?", (call.now, send["msgid"]))
    return {}


def remind_groupmsg_send(call: Call) -> dict[str, Any]:
    with call.corp.books.write() as db:
        send = _send(call, db)
        if send["cancelled_at"] is not None:
            raise Failure(41093)
        recent = db.execute("select count(*) from reminder where msgid = ? and at > ?", (send["msgid"], call.now - _DAY)).fetchone()[0]
        if recent >= call.corp.settings.limits.reminders_per_day:
            raise Failure(41094)
        db.execute("insert into reminder values (?, ?)", (send["msgid"], call.now))
        db.execute("update send_task set reminders = reminders + 1 where msgid = ? and status = 0", (send["msgid"],))
        nth = db.execute("select count(*) from reminder where msgid = ?", (send["msgid"],)).fetchone()[0]
        if call.corp.watcher:
            call.corp.watcher.reminded(db, send["msgid"], nth)
    return {}


CALLS = {
    "externalcontact/add_msg_template": Contract("POST", add_msg_template, "customer"),
    "externalcontact/get_groupmsg_list_v2": Contract("POST", get_groupmsg_list_v2, "customer"),
    "externalcontact/get_groupmsg_task": Contract("POST", get_groupmsg_task, "customer"),
    "externalcontact/get_groupmsg_send_result": Contract("POST", get_groupmsg_send_result, "customer"),
    "externalcontact/get_group_msg_result": Contract("POST", get_group_msg_result, "customer"),
    "externalcontact/cancel_groupmsg_send": Contract("POST", cancel_groupmsg_send, "customer"),
    "externalcontact/remind_groupmsg_send": Contract("POST", remind_groupmsg_send, "customer"),
}
