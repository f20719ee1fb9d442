"""Ids of customers: unionid, openid, and ids of people who are nobody's customer yet."""

import re
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract

_UNIONID = re.compile(r"[\w-]{6,64}")


def unionid_to_external_userid(call: Call) -> dict[str, Any]:
    """The customer of a unionid, or 84061."""
    _count(call, 0)
    with call.corp.books.read() as db:
        found = _customer(call, db)
    if found is None:
        raise Failure(84061)
    return {"external_userid": found}


def unionid_to_external_userid_or_pending_id(call: Call) -> dict[str, Any]:
    """The customer of a unionid, or the id that will name them, the same for 90 days."""
    subject = call.number("subject_type") or 0
    if subject not in (0, 1):
        raise Failure(40058, "subject_type")
    _count(call, subject)
    with call.corp.books.write() as db:
        found = _customer(call, db)
        if found is not None:
            return {"external_userid": found}
        unionid = call.text("unionid")
        row = db.execute("select pending_id from pending where unionid = ? and over_at > ?", (unionid, call.now)).fetchone()
        if row is None:
            pending_id = call.corp.draws.letters(32, "pending", call.corp.books.serial("pending"))
            over_at = call.now + call.corp.settings.limits.pending_id_seconds
            row = db.execute("insert into pending values (?, ?, ?) returning pending_id", (pending_id, unionid, over_at)).fetchone()
    return {"pending_id": row["pending_id"]}


def external_userid_to_pending_id(call: Call) -> dict[str, Any]:
    """The pending_ids that customers had before they were customers; those without one are left out."""
    ids, chat_id = call.texts("external_userid"), call.text("chat_id")
    if not ids or len(ids) > call.corp.settings.limits.pending_ids:
        raise Failure(40058, "external_userid")
    with call.corp.books.read() as db:
        reach = _members_of(call, db, chat_id) if chat_id else {id for id in ids if _in_range(call, db, id)}
        rows = {
            id: db.execute(
                "select p.pending_id from pending p join customer c using (unionid) where c.external_userid = ? and p.over_at > ?", (id, call.now)
            ).fetchone()
            for id in ids
            if id in reach
        }
    return {"result": [{"external_userid": id, "pending_id": row["pending_id"]} for id, row in rows.items() if row]}


def convert_to_openid(call: Call) -> dict[str, Any]:
    """For WeChat Pay."""
    external_userid = call.text("external_userid", missing=41035)
    with call.corp.books.read() as db:
        if not _in_range(call, db, external_userid):
            raise Failure(40096)
    return {"openid": call.corp.openid_of(external_userid)}


def get_new_external_userid(call: Call) -> dict[str, Any]:
    """Ids of this corp are new ones already: each names itself, unknown ones are left out."""
    ids = call.texts("external_userid_list")
    if not ids or len(ids) > call.corp.settings.limits.new_external_userids:
        raise Failure(40058, "external_userid_list")
    with call.corp.books.read() as db:
        known = [id for id in ids if db.execute("select 1 from customer where external_userid = ?", (id,)).fetchone()]
    return {"items": [{"external_userid": id, "new_external_userid": id} for id in known]}


def _count(call: Call, subject: int) -> None:
    """Both spellings share the ceilings of a subject."""
    limits = call.corp.settings.limits
    for seconds, most in ((3600, limits.unionids_per_hour), (86_400, limits.unionids_per_day), (30 * 86_400, limits.unionids_per_30_days)):
        call.corp.rates.within("unionid", str(subject), most, seconds, call.machine)


def _customer(call: Call, db: sqlite3.Connection) -> str | None:
    """Who a unionid is, if a customer of somebody in range. Fails with 610014 on what cannot be one."""
    unionid, _ = call.text("unionid", missing=610014), call.text("openid", missing=40058)
    if not _UNIONID.fullmatch(unionid):
        raise Failure(610014)
    row = db.execute("select external_userid from customer where unionid = ?", (unionid,)).fetchone()
    return str(row["external_userid"]) if row and _in_range(call, db, row["external_userid"]) else None


def _in_range(call: Call, db: sqlite3.Connection, external_userid: str) -> bool:
    rows = db.execute("select userid from follow where external_userid = ? and left_by_staff_at is null", (external_userid,)).fetchall()
    return bool({row["userid"] for row in rows} & call.corp.visible_staff(call.app, db))


def _members_of(call: Call, db: sqlite3.Connection, chat_id: str) -> set[str]:
    chat = db.execute("select owner from chat where chat_id = ? and dismissed_at is null", (chat_id,)).fetchone()
    if chat is None:
        raise Failure(90501)
    if chat["owner"] not in call.corp.visible_staff(call.app, db):
        raise Failure(60011)
    return {row["userid"] for row in db.execute("select userid from chat_member where chat_id = ? and left_at is null", (chat_id,))}


CALLS = {
    "externalcontact/unionid_to_external_userid": Contract("POST", unionid_to_external_userid, "customer"),
    "idconvert/unionid_to_external_userid": Contract("POST", unionid_to_external_userid_or_pending_id, "customer"),
    "idconvert/batch/external_userid_to_pending_id": Contract("POST", external_userid_to_pending_id, "customer"),
    "externalcontact/convert_to_openid": Contract("POST", convert_to_openid, "customer"),
    "externalcontact/get_new_external_userid": Contract("POST", get_new_external_userid, "customer"),
}
