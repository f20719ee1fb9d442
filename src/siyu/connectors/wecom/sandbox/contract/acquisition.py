"""获客助手: links by which people outside become customers, and what they used up."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.reach import reachable
from siyu.connectors.wecom.sandbox.cursors import seal, unseal
from siyu.connectors.wecom.sandbox.days import DAY, start_of_day

_NAME = 30


def create_link(call: Call) -> dict[str, Any]:
    name = _name(call)
    with call.corp.books.write() as db:
        users, parties = _range(call, db)
        kind, preferred = _priority(call, db)
        if db.execute("select count(*) from acquisition_link where deleted_at is null").fetchone()[0] >= call.corp.settings.limits.acquisition_links:
            raise Failure(41095)
        link_id = "ca" + call.corp.draws.letters(30, "acquisition link", call.corp.books.serial("acquisition_link"))
        row = db.execute(
            "insert into acquisition_link values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null) returning *",
            (
                link_id,
                call.app.agent_id,
                name,
                json.dumps(users),
                json.dumps(parties),
                call.switch("skip_verify", True),
                kind,
                json.dumps(preferred),
                call.switch("mark_source", True),
                call.now,
            ),
        ).fetchone()
    return {"link": {"link_id": link_id, "link_name": name, "url": url_of(row), "create_time": int(call.now)}}


def get(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        row = _own(call, db)
    told = {
        "link": {
            "link_id": row["link_id"],
            "link_name": row["name"],
            "url": url_of(row),
            "create_time": int(row["created_at"]),
            "skip_verify": bool(row["skip_verify"]),
            "mark_source": bool(row["mark_source"]),
        },
        "range": {"user_list": json.loads(row["users"]), "department_list": json.loads(row["parties"])},
    }
    if row["priority_type"] is not None:
        told["priority_option"] = {"priority_type": row["priority_type"], "priority_userid_list": json.loads(row["priority_users"])}
    return told


def update_link(call: Call) -> dict[str, Any]:
    """What is given replaces what was; the range as a whole."""
    with call.corp.books.write() as db:
        row = _own(call, db)
        given: dict[str, Any] = {"name": _name(call)} if "link_name" in call.fields else {}
        if "range" in call.fields:
            users, parties = _range(call, db)
            given |= {"users": json.dumps(users), "parties": json.dumps(parties)}
        if "priority_option" in call.fields:
            kind, preferred = _priority(call, db)
            given |= {"priority_type": kind, "priority_users": json.dumps(preferred)}
        given |= {name: call.switch(name, True) for name in ("skip_verify", "mark_source") if name in call.fields}
        for name, value in given.items():
            db.execute(f"update acquisition_link set {name} = ? where link_id = ?", (value, row["link_id"]))  # noqa: S608  names of ours
    return {}


def delete_link(call: Call) -> dict[str, Any]:
    with call.corp.books.write() as db:
        db.execute("update acquisition_link set deleted_at = ? where link_id = ?", (call.now, _own(call, db)["link_id"]))
    return {}


def list_link(call: Call) -> dict[str, Any]:
    """Links of the calling app, oldest first."""
    page = call.page(100, 100)
    after = unseal(call.path, call.text("cursor")) or [0.0, ""]
    with call.corp.books.read() as db:
        rows = db.execute(
            """
            select link_id, created_at from acquisition_link
            where agent_id = ? and deleted_at is null and (created_at, link_id) > (?, ?)
            order by created_at, link_id limit ?
            """,
            (call.app.agent_id, *after, page + 1),
        ).fetchall()
    more = seal(call.path, [rows[page - 1]["created_at"], rows[page - 1]["link_id"]]) if len(rows) > page else ""
    return {"link_id_list": [row["link_id"] for row in rows[:page]], "next_cursor": more}


def customer(call: Call) -> dict[str, Any]:
    """Who came by a link, in the order of their coming."""
    page = call.page(1000, 1000)
    after = unseal(call.path, call.text("cursor")) or [0.0, "", ""]
    with call.corp.books.read() as db:
        link_id = _own(call, db)["link_id"]
        rows = db.execute(
            """
            select * from acquired where link_id = ? and (added_at, userid, external_userid) > (?, ?, ?)
            order by added_at, userid, external_userid limit ?
            """,
            (link_id, *after, page + 1),
        ).fetchall()
    last = rows[page - 1] if len(rows) > page else None
    return {
        "customer_list": [
            {"external_userid": row["external_userid"], "userid": row["userid"], "chat_status": int(row["received"] > 0), "state": row["state"]}
            for row in rows[:page]
        ],
        "next_cursor": seal(call.path, [last["added_at"], last["userid"], last["external_userid"]]) if last else "",
    }


def statistic(call: Call) -> dict[str, Any]:
    """Clicks and new customers of whole days, both ends included."""
    start, end = call.number("start_time", missing=40058), call.number("end_time", missing=40058)
    assert start is not None and end is not None
    span = first, last = start_of_day(start), start_of_day(end) + DAY
    if first >= last or last - first > 30 * DAY or first < call.now - 181 * DAY:
        raise Failure(40058, "start_time")
    with call.corp.books.read() as db:
        link_id = _own(call, db)["link_id"]
        clicks = db.execute("select count(*) from acquisition_visit where link_id = ? and at >= ? and at < ?", (link_id, *span)).fetchone()[0]
        new = db.execute("select count(*) from acquired where link_id = ? and added_at >= ? and added_at < ?", (link_id, *span)).fetchone()[0]
    return {"click_link_customer_cnt": clicks, "new_customer_cnt": new}


def get_chat_info(call: Call) -> dict[str, Any]:
    """What a ChatKey of an event stands for, within half an hour."""
    with call.corp.books.read() as db:
        row = db.execute("select * from chat_key where key = ?", (call.text("chat_key", missing=40058),)).fetchone()
        known = row and call.machine - row["given_machine"] <= call.corp.settings.limits.chat_key_seconds
        link = db.execute("select agent_id from acquisition_link where link_id = ?", (row["link_id"],)).fetchone() if known else None
    if link is None or link["agent_id"] != call.app.agent_id:
        raise Failure(40058, "chat_key")
    return {
        "userid": row["userid"],
        "external_userid": row["external_userid"],
        "chat_info": {"recv_msg_cnt": row["received"], "link_id": row["link_id"], "state": row["state"]},
    }


def quota(call: Call) -> dict[str, Any]:
    """`total` is what was used so far."""
    with call.corp.books.write() as db:
        rows = quotas(db, call.corp.settings.limits.acquisition_quota, call.now)
        used = db.execute("select sum(used) from acquisition_quota").fetchone()[0]
    lots = [{"expire_date": int(row["over_at"]), "balance": row["total"] - row["used"]} for row in rows if row["over_at"] is not None]
    return {"total": used, "balance": sum(row["total"] - row["used"] for row in rows), "quota_list": lots}


def quotas(db: sqlite3.Connection, first: int, at: float) -> list[sqlite3.Row]:
    """Lots with something left, those that end first in front; the corp begins with `first` that never end."""
    db.execute("insert or ignore into acquisition_quota values (0, ?, 0, null)", (first,))
    wanted = "select * from acquisition_quota where used < total and (over_at is null or over_at > ?) order by over_at is null, over_at, id"
    return db.execute(wanted, (at,)).fetchall()


def _name(call: Call) -> str:
    name = call.text("link_name")
    if not name.strip() or len(name) > _NAME:
        raise Failure(40058, "link_name")
    return name


def _range(call: Call, db: sqlite3.Connection) -> tuple[list[str], list[int]]:
    given = call.inner("range")
    users, parties = given.texts("user_list"), given.numbers("department_list")
    return reachable(call, db, users, parties, most=call.corp.settings.limits.acquisition_members, too_many=40058), parties


def _priority(call: Call, db: sqlite3.Connection) -> tuple[int | None, list[str]]:
    if not call.fields.get("priority_option"):
        return None, []
    given = call.inner("priority_option")
    kind, users = given.number("priority_type"), given.texts("priority_userid_list")
    if kind not in (1, 2) or (kind == 2 and not users):
        raise Failure(40058, "priority_option")
    return kind, [call.corp.require_staff(call.app, db, userid) for userid in users]


def url_of(row: sqlite3.Row) -> str:
    return f"https://work.weixin.qq.com/ca/{row['link_id']}"


def _own(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    row = db.execute("select * from acquisition_link where link_id = ? and deleted_at is null", (call.text("link_id", missing=40058),)).fetchone()
    if row is None or row["agent_id"] != call.app.agent_id:
        raise Failure(40058, "link_id")
    return row  # type: ignore[no-any-return]


_ROOT = "externalcontact/customer_acquisition"
CALLS = {
    f"{_ROOT}/list_link": Contract("POST", list_link, "customer"),
    f"{_ROOT}/get": Contract("POST", get, "customer"),
    f"{_ROOT}/create_link": Contract("POST", create_link, "customer"),
    f"{_ROOT}/update_link": Contract("POST", update_link, "customer"),
    f"{_ROOT}/delete_link": Contract("POST", delete_link, "customer"),
    f"{_ROOT}/customer": Contract("POST", customer, "customer"),
    f"{_ROOT}/statistic": Contract("POST", statistic, "customer", either=True),
    f"{_ROOT}/get_chat_info": Contract("POST", get_chat_info, "customer"),
    "externalcontact/customer_acquisition_quota": Contract("GET", quota, "customer", either=True),
}
