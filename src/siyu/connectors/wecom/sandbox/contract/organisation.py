"""通讯录, read side: departments and members in the app's range."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.corp import subtree


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


CALLS = {
    "department/list": Contract("GET", department_list),
    "department/simplelist": Contract("GET", department_simplelist),
    "department/get": Contract("GET", department_get),
    "user/list": Contract("GET", user_list),
    "user/simplelist": Contract("GET", user_simplelist),
    "user/get": Contract("GET", user_get),
}
