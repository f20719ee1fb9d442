"""客户联系规则组: who may do what with which customers. The sandbox keeps them and their tags; it does not act on their privileges."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract import tag_library
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.corp import subtree
from siyu.connectors.wecom.sandbox.cursors import seal, unseal

TOP = 0
"""In place of the id of a rule group above."""
_MEMBER, _PARTY = 1, 2

Node = dict[str, Any]
"""A member or a department of a rule group's range, as the contract writes it."""


def listed(call: Call) -> dict[str, Any]:
    most = call.corp.settings.limits.strategy_page
    page, after = call.page(most, most), unseal(call.path, call.text("cursor")) or [0]
    with call.corp.books.read() as db:
        rows = db.execute("select strategy_id from strategy where strategy_id > ? order by strategy_id limit ?", (after[0], page + 1)).fetchall()
    more = seal(call.path, [rows[page - 1]["strategy_id"]]) if len(rows) > page else ""
    return {"strategy": [{"strategy_id": row["strategy_id"]} for row in rows[:page]], "next_cursor": more}


def get(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        row = named(call, db)
    told = {
        "strategy_id": row["strategy_id"],
        "parent_id": row["parent_id"],
        "strategy_name": row["name"],
        "create_time": int(row["created_at"]),
        "admin_list": json.loads(row["admins"]),
        "privilege": json.loads(row["privilege"]),
    }
    return {"strategy": told}


def get_range(call: Call) -> dict[str, Any]:
    """Members and departments in the order in which they came."""
    most = call.corp.settings.limits.strategy_page
    page, first = call.page(most, most), (unseal(call.path, call.text("cursor")) or [0])[0]
    with call.corp.books.read() as db:
        nodes = json.loads(named(call, db)["range"])
    more = seal(call.path, [first + page]) if len(nodes) > first + page else ""
    return {"range": nodes[first : first + page], "next_cursor": more}


def create(call: Call) -> dict[str, Any]:
    parent_id = call.number("parent_id") or TOP
    with call.corp.books.write() as db:
        if parent_id != TOP:
            _strategy(db, parent_id)
        nodes = _range(call, db, "range")
        if not nodes:
            raise Failure(40058, "range")
        row = (call.corp.books.serial("strategy"), parent_id, _name(call), _admins(call, db), _privilege(call), json.dumps(nodes), call.now)
        db.execute("insert into strategy values (?, ?, ?, ?, ?, ?, ?)", row)
    return {"strategy_id": row[0]}


def edit(call: Call) -> dict[str, Any]:
    """What is given replaces what was; the range by what comes and what goes."""
    readers = {"strategy_name": ("name", _name), "privilege": ("privilege", _privilege)}
    with call.corp.books.write() as db:
        row = named(call, db)
        given = {column: read(call) for name, (column, read) in readers.items() if name in call.fields}
        if "admin_list" in call.fields:
            given["admins"] = _admins(call, db)
        come, go = _range(call, db, "range_add"), _range(call, db, "range_del")
        gone = set(map(_key, go))
        nodes = [node for node in _merged([*json.loads(row["range"]), *come]) if _key(node) not in gone]
        if not nodes:
            raise Failure(40058, "range_del")
        for column, value in (given | {"range": json.dumps(nodes)}).items():
            db.execute(f"update strategy set {column} = ? where strategy_id = ?", (value, row["strategy_id"]))  # noqa: S608  names of ours
    return {}


def delete(call: Call) -> dict[str, Any]:
    """With its tags. One that has others below it stays: 40058."""
    with call.corp.books.write() as db:
        id = named(call, db)["strategy_id"]
        if db.execute("select 1 from strategy where parent_id = ?", (id,)).fetchone():
            raise Failure(40058, "strategy_id")
        tags = db.execute("select t.id from tag t join tag_group g on g.id = t.group_id where g.strategy_id = ?", (id,)).fetchall()
        tag_library.bury(db, [row["id"] for row in tags])
        db.execute("delete from strategy where strategy_id = ?", (id,))
    return {}


def named(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    """The rule group of the field `strategy_id`. Fails with 60136 when there is none."""
    id = call.number("strategy_id", missing=40058)
    assert id is not None
    return _strategy(db, id)


def _strategy(db: sqlite3.Connection, id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute("select * from strategy where strategy_id = ?", (id,)).fetchone()
    if row is None:
        raise Failure(60136)
    return row


def _name(call: Call) -> str:
    name = call.text("strategy_name")
    if not name.strip():
        raise Failure(40058, "strategy_name")
    return name


def _admins(call: Call, db: sqlite3.Connection) -> str:
    admins = list(dict.fromkeys(call.texts("admin_list")))
    if not 1 <= len(admins) <= call.corp.settings.limits.strategy_admins:
        raise Failure(40058, "admin_list")
    return json.dumps([call.corp.require_staff(call.app, db, userid) for userid in admins])


def _privilege(call: Call) -> str:
    given = call.inner("privilege").fields
    if not all(isinstance(value, bool) for value in given.values()):
        raise Failure(40058, "privilege")
    return json.dumps(given)


def _range(call: Call, db: sqlite3.Connection, name: str) -> list[Node]:
    """Fails with 40058 for what is no member and no department, 60111, 60003 or 60011 for those that are unknown or out of range."""
    visible = call.corp.visible_departments(call.app, db)
    nodes: list[Node] = []
    for given in call.rows(name):
        part = call.part(given)
        kind = part.number("type")
        if kind not in (_MEMBER, _PARTY):
            raise Failure(40058, f"{name}.type")
        if kind == _MEMBER:
            nodes.append({"type": kind, "userid": call.corp.require_staff(call.app, db, part.text("userid", missing=40058))})
            continue
        id = part.number("partyid", missing=40058)
        assert id is not None
        if id not in visible:
            raise Failure(60011 if subtree(db, id) else 60003)
        nodes.append({"type": kind, "partyid": id})
    return _merged(nodes)


def _merged(nodes: list[Node]) -> list[Node]:
    """Each once."""
    return list({_key(node): node for node in nodes}.values())


def _key(node: Node) -> tuple[int, str | int]:
    return node["type"], node["userid"] if node["type"] == _MEMBER else node["partyid"]


_ROOT = "externalcontact/customer_strategy"
CALLS = {
    f"{_ROOT}/list": Contract("POST", listed, "customer"),
    f"{_ROOT}/get": Contract("POST", get, "customer"),
    f"{_ROOT}/get_range": Contract("POST", get_range, "customer"),
    f"{_ROOT}/create": Contract("POST", create, "customer"),
    f"{_ROOT}/edit": Contract("POST", edit, "customer"),
    f"{_ROOT}/del": Contract("POST", delete, "customer"),
}
