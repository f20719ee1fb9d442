"""通讯录, read side: departments and members in the app's range."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.corp import subtree
from siyu.connectors.wecom.sandbox.cursors import seal, unseal

_DAY = 86_400
_NOT_ACTIVATED = 4


def _departments(call: Call, db: sqlite3.Connection) -> list[sqlite3.Row]:
    """The visible ones, or the subtree of `id`."""
    visible = call.corp.visible_departments(call.app, db)
    wanted = call.number("id")
    if wanted is not None:
        ids = subtree(db, wanted)
        if not ids:
            raise Failure(60003)
        if wanted not in visible:
            raise Failure(60011)
    else:
        ids = sorted(visible)
    rows = {row["id"]: row for row in db.execute("select * from department")}
    return [rows[id] for id in ids]


def _department(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "name_en": "",
        "department_leader": json.loads(row["leaders"]),
        "parentid": row["parent_id"],
        "order": row["sort"],
    }


def department_list(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        return {"department": [_department(row) for row in _departments(call, db)]}


def department_simplelist(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        return {"department_id": [{"id": row["id"], "parentid": row["parent_id"], "order": row["sort"]} for row in _departments(call, db)]}


def department_get(call: Call) -> dict[str, Any]:
    call.number("id", missing=40058)
    with call.corp.books.read() as db:
        return {"department": _department(_departments(call, db)[0])}


def _member(row: sqlite3.Row) -> dict[str, Any]:
    departments = json.loads(row["departments"])
    return {
        "userid": row["userid"],
        "name": row["name"],
        "department": departments,
        "order": [0] * len(departments),
        "position": row["position"],
        "gender": str(row["gender"]),
        "is_leader_in_dept": json.loads(row["leads"]),
        "direct_leader": json.loads(row["direct_leaders"]),
        "alias": "",
        "status": row["status"],
        "main_department": row["main_department"],
    }


def _members(call: Call) -> list[sqlite3.Row]:
    department = call.number("department_id", missing=40058)
    assert department is not None
    with call.corp.books.read() as db:
        below = subtree(db, department)
        if not below:
            raise Failure(60003)
        visible = call.corp.visible_departments(call.app, db)
        if department not in visible:
            raise Failure(60011)
        wanted = set(below) & visible if call.number("fetch_child") else {department}
        rows = db.execute("select * from staff where status <> 5 order by userid").fetchall()
    return [row for row in rows if wanted & set(json.loads(row["departments"]))]


def user_list(call: Call) -> dict[str, Any]:
    return {"userlist": [_member(row) for row in _members(call)]}


def user_simplelist(call: Call) -> dict[str, Any]:
    return {"userlist": [{"userid": row["userid"], "name": row["name"], "department": json.loads(row["departments"])} for row in _members(call)]}


def user_get(call: Call) -> dict[str, Any]:
    wanted = call.text("userid", missing=40003)
    with call.corp.books.read() as db:
        userid = call.corp.require_staff(call.app, db, wanted)
        return _member(db.execute("select * from staff where userid = ?", (userid,)).fetchone())


def user_list_id(call: Call) -> dict[str, Any]:
    """One row per membership, by member."""
    if not call.app.address_book:
        raise Failure(48002)
    limits = call.corp.settings.limits
    page = call.page(limits.member_ids_page, limits.member_ids_page)
    after = unseal(call.path, call.text("cursor"))
    with call.corp.books.read() as db:
        visible = call.corp.visible_departments(call.app, db)
        rows = db.execute("select userid, departments from staff where status <> 5 order by userid").fetchall()
    pairs = [(row["userid"], id) for row in rows for id in sorted(json.loads(row["departments"])) if id in visible]
    left = [pair for pair in pairs if after is None or pair > (after[0], after[1])]
    more = seal(call.path, list(left[page - 1])) if len(left) > page else ""
    return {"dept_user": [{"userid": userid, "department": id} for userid, id in left[:page]], "next_cursor": more}


def user_getuserid(call: Call) -> dict[str, Any]:
    """By mobile number. Too many wrong ones close the call for a day of the machine's clock."""
    mobile = call.text("mobile", missing=40058)
    with call.corp.books.write() as db:
        head_count = db.execute("select count(*) from staff where status <> 5").fetchone()[0]
        wrong = db.execute("select count(*) from mobile_miss where at_machine > ?", (call.machine - _DAY,)).fetchone()[0]
        if wrong > head_count * call.corp.settings.limits.mobile_miss_share:
            raise Failure(45009)
        row = db.execute("select userid from staff where mobile = ? and status <> 5", (mobile,)).fetchone()
        found = row is not None and row["userid"] in call.corp.visible_staff(call.app, db)
        if not found:
            db.execute("insert into mobile_miss values (?)", (call.machine,))
    if not found:
        raise Failure(46004)
    return {"userid": row["userid"]}


def user_convert_to_openid(call: Call) -> dict[str, Any]:
    """For red packets to staff; 43004 for a member who has not come in by WeChat."""
    with call.corp.books.read() as db:
        userid = call.corp.require_staff(call.app, db, call.text("userid", missing=41009))
        if db.execute("select status from staff where userid = ?", (userid,)).fetchone()["status"] == _NOT_ACTIVATED:
            raise Failure(43004)
    return {"openid": call.corp.openid_of(userid)}


CALLS = {
    "department/list": Contract("GET", department_list),
    "department/simplelist": Contract("GET", department_simplelist),
    "department/get": Contract("GET", department_get),
    "user/list": Contract("GET", user_list),
    "user/simplelist": Contract("GET", user_simplelist),
    "user/get": Contract("GET", user_get),
    "user/list_id": Contract("POST", user_list_id),
    "user/getuserid": Contract("POST", user_getuserid),
    "user/convert_to_openid": Contract("POST", user_convert_to_openid),
}
