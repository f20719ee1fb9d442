"""聊天敏感词: what members may not send to customers."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.corp import subtree

_NAME, _WORD = 20, 32
_NODES = 1000
_SEMANTICS = {1, 2, 3}


def add(call: Call) -> dict[str, Any]:
    with call.corp.books.write() as db:
        name, words, semantics, kind = _name(call, db, ""), _words(call), _semantics(call), _kind(call)
        users, parties = _range(call, db, "applicable_range")
        if not users and not parties:
            raise Failure(40058, "applicable_range")
        if db.execute("select count(*) from intercept_rule where deleted_at is null").fetchone()[0] >= call.corp.settings.limits.intercept_rules:
            raise Failure(41069)
        rule_id = call.corp.draws.letters(32, "intercept rule", call.corp.books.serial("intercept_rule"))
        row = (rule_id, name, json.dumps(words, ensure_ascii=False), json.dumps(semantics), kind, json.dumps(users), json.dumps(parties), call.now)
        db.execute("insert into intercept_rule values (?, ?, ?, ?, ?, ?, ?, ?, null)", row)
    return {"rule_id": rule_id}


def listed(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        rows = db.execute("select * from intercept_rule where deleted_at is null order by created_at, rule_id").fetchall()
    return {"rule_list": [{"rule_id": row["rule_id"], "rule_name": row["name"], "create_time": int(row["created_at"])} for row in rows]}


def get(call: Call) -> dict[str, Any]:
    """`semantics_list` stands within `extra_rule` here and in changes, beside the words when a rule is made."""
    with call.corp.books.read() as db:
        row = _living(call, db)
    rule = {
        "rule_id": row["rule_id"],
        "rule_name": row["name"],
        "word_list": json.loads(row["words"]),
        "extra_rule": {"semantics_list": json.loads(row["semantics"])},
        "intercept_type": row["type"],
        "applicable_range": {"user_list": json.loads(row["users"]), "department_list": json.loads(row["parties"])},
        "create_time": int(row["created_at"]),
    }
    return {"rule": rule}


def update(call: Call) -> dict[str, Any]:
    """What is given replaces what was; the range by what comes and what goes."""
    with call.corp.books.write() as db:
        row = _living(call, db)
        given: dict[str, Any] = {}
        if "rule_name" in call.fields:
            given["name"] = _name(call, db, row["rule_id"])
        if "word_list" in call.fields:
            given["words"] = json.dumps(_words(call), ensure_ascii=False)
        if "extra_rule" in call.fields or "semantics_list" in call.fields:
            given["semantics"] = json.dumps(_semantics(call))
        if "intercept_type" in call.fields:
            given["type"] = _kind(call)
        come, go = _range(call, db, "add_applicable_range"), _range(call, db, "remove_applicable_range")
        users = [user for user in dict.fromkeys([*json.loads(row["users"]), *come[0]]) if user not in go[0]]
        parties = [party for party in dict.fromkeys([*json.loads(row["parties"]), *come[1]]) if party not in go[1]]
        if len(users) > _NODES or len(parties) > _NODES:
            raise Failure(41076)
        if not users and not parties:
            raise Failure(40058, "remove_applicable_range")
        given |= {"users": json.dumps(users), "parties": json.dumps(parties)}
        for name, value in given.items():
            db.execute(f"update intercept_rule set {name} = ? where rule_id = ?", (value, row["rule_id"]))  # noqa: S608  names of ours
    return {}


def delete(call: Call) -> dict[str, Any]:
    with call.corp.books.write() as db:
        db.execute("update intercept_rule set deleted_at = ? where rule_id = ?", (call.now, _living(call, db)["rule_id"]))
    return {}


def _name(call: Call, db: sqlite3.Connection, but: str) -> str:
    name = call.text("rule_name")
    if not name.strip() or len(name) > _NAME:
        raise Failure(40058, "rule_name")
    if db.execute("select 1 from intercept_rule where name = ? and rule_id <> ? and deleted_at is null", (name, but)).fetchone():
        raise Failure(41077)
    return name


def _words(call: Call) -> list[str]:
    words = call.texts("word_list")
    if len(words) > call.corp.settings.limits.intercept_words:
        raise Failure(41068)
    if not words or any(not word.strip() or len(word) > _WORD for word in words):
        raise Failure(41083)
    return words


def _semantics(call: Call) -> list[int]:
    chosen = call.numbers("semantics_list") or call.inner("extra_rule").numbers("semantics_list")
    if not set(chosen) <= _SEMANTICS:
        raise Failure(41084)
    return sorted(set(chosen))


def _kind(call: Call) -> int:
    kind = call.number("intercept_type", missing=40058)
    if kind not in (1, 2):
        raise Failure(40058, "intercept_type")
    return kind


def _range(call: Call, db: sqlite3.Connection, name: str) -> tuple[list[str], list[int]]:
    given = call.inner(name)
    users, parties = given.texts("user_list"), given.numbers("department_list")
    if len(users) > _NODES or len(parties) > _NODES:
        raise Failure(41076)
    visible = call.corp.visible_departments(call.app, db)
    for id in parties:
        if id not in visible:
            raise Failure(60011 if subtree(db, id) else 60003)
    return [call.corp.require_staff(call.app, db, userid) for userid in users], parties


def _living(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    row = db.execute("select * from intercept_rule where rule_id = ?", (call.text("rule_id", missing=41070),)).fetchone()
    if row is None:
        raise Failure(41070)
    if row["deleted_at"] is not None:
        raise Failure(41071)
    return row  # type: ignore[no-any-return]


CALLS = {
    "externalcontact/add_intercept_rule": Contract("POST", add, "customer"),
    "externalcontact/get_intercept_rule_list": Contract("GET", listed, "customer"),
    "externalcontact/get_intercept_rule": Contract("POST", get, "customer"),
    "externalcontact/update_intercept_rule": Contract("POST", update, "customer"),
    "externalcontact/del_intercept_rule": Contract("POST", delete, "customer"),
}
