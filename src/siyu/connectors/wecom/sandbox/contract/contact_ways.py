"""「联系我」 and 欢迎语: codes by which customers add members, and the first words to them."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.content import content
from siyu.connectors.wecom.sandbox.contract.reach import expanded, reachable
from siyu.connectors.wecom.sandbox.cursors import seal, unseal

_PERSON, _SEVERAL = 1, 2
_BUTTON, _CODE = 1, 2
_CHARACTERS = 30
_NINETY_DAYS = 90 * 86_400


def add_contact_way(call: Call) -> dict[str, Any]:
    kind = call.number("type", missing=41037)
    if kind not in (_PERSON, _SEVERAL):
        raise Failure(41037)
    scene = call.number("scene", missing=41038)
    if scene not in (_BUTTON, _CODE):
        raise Failure(41038)
    with call.corp.books.write() as db:
        users, parties = _members(call, db, kind)
        if db.execute("select count(*) from contact_way").fetchone()[0] >= call.corp.settings.limits.contact_ways:
            raise Failure(41045)
        config_id = call.corp.draws.letters(32, "contact way", call.corp.books.serial("contact way"))
        row = db.execute(
            "insert into contact_way values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *",
            (
                config_id,
                call.app.agent_id,
                kind,
                scene,
                _style(call) if scene == _BUTTON else None,
                _short(call, "remark"),
                call.switch("skip_verify", True),
                _short(call, "state"),
                json.dumps(users),
                json.dumps(parties),
                call.switch("is_exclusive", False),
                call.now,
            ),
        ).fetchone()
    return {"config_id": config_id, **_picture(row)}


def get_contact_way(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        row = _own(call, db)
    way = {
        "config_id": row["config_id"],
        "type": row["type"],
        "scene": row["scene"],
        "remark": row["remark"],
        "skip_verify": bool(row["skip_verify"]),
        "state": row["state"],
        "user": json.loads(row["users"]),
        "party": json.loads(row["parties"]),
        "is_temp": False,
        "is_exclusive": bool(row["exclusive"]),
    }
    return {"contact_way": way | _picture(row) | ({"style": row["style"]} if row["style"] is not None else {})}


def list_contact_way(call: Call) -> dict[str, Any]:
    """Ids of the app's codes, oldest first."""
    start, end = call.number("start_time"), call.number("end_time")
    page = call.page(100, 1000)
    after = unseal(call.path, call.text("cursor")) or [call.now - _NINETY_DAYS if start is None else start, ""]
    with call.corp.books.read() as db:
        rows = db.execute(
            """
            select config_id, created_at from contact_way
            where agent_id = ? and (created_at, config_id) > (?, ?) and created_at <= ?
            order by created_at, config_id limit ?
            """,
            (call.app.agent_id, *after, call.now if end is None else end, page + 1),
        ).fetchall()
    more = seal(call.path, [rows[page - 1]["created_at"], rows[page - 1]["config_id"]]) if len(rows) > page else ""
    return {"contact_way": [{"config_id": row["config_id"]} for row in rows[:page]], "next_cursor": more}


def update_contact_way(call: Call) -> dict[str, Any]:
    """What is given replaces what was; lists of members as a whole."""
    with call.corp.books.write() as db:
        row = _own(call, db)
        given: dict[str, Any] = {name: _short(call, name) for name in ("remark", "state") if name in call.fields}
        if "skip_verify" in call.fields:
            given["skip_verify"] = call.switch("skip_verify", True)
        if "style" in call.fields and row["scene"] == _BUTTON:
            given["style"] = _style(call)
        if "user" in call.fields or "party" in call.fields:
            users, parties = _members(call, db, row["type"])
            given |= {"users": json.dumps(users), "parties": json.dumps(parties)}
        for name, value in given.items():
            db.execute(f"update contact_way set {name} = ? where config_id = ?", (value, row["config_id"]))  # noqa: S608  names of ours
    return {}


def del_contact_way(call: Call) -> dict[str, Any]:
    with call.corp.books.write() as db:
        db.execute("delete from contact_way where config_id = ?", (_own(call, db)["config_id"],))
    return {}


def send_welcome_msg(call: Call) -> dict[str, Any]:
    """By the code of the event, once, within its time on the machine's clock; the first app wins."""
    code = call.text("welcome_code", missing=41049)
    text, attachments = content(call)
    with call.corp.books.write() as db:
        row = db.execute("select * from welcome where code = ?", (code,)).fetchone()
        if row is None or call.machine - row["given_machine"] > call.corp.settings.limits.welcome_seconds:
            raise Failure(41050)
        if row["sent_at"] is not None:
            raise Failure(41051)
        call.corp.require_staff(call.app, db, row["userid"])
        db.execute(
            "update welcome set agent_id = ?, sent_at = ?, text = ?, attachments = ? where code = ?",
            (call.app.agent_id, call.now, text, json.dumps(attachments, ensure_ascii=False), code),
        )
        if call.corp.watcher:
            call.corp.watcher.reached(db, row["external_userid"], "welcome", call.now)
    return {}


def members_of(db: sqlite3.Connection, way: sqlite3.Row) -> list[str]:
    """Everybody whom a customer may meet by a code, departments expanded, without those who have left."""
    gone = {row["userid"] for row in db.execute("select userid from staff where status = 5")}
    return [userid for userid in expanded(db, json.loads(way["users"]), json.loads(way["parties"])) if userid not in gone]


def _members(call: Call, db: sqlite3.Connection, kind: int) -> tuple[list[str], list[int]]:
    users, parties = call.texts("user"), call.numbers("party")
    if kind == _PERSON and (len(set(users)) != 1 or parties):
        raise Failure(40058, "user")
    return reachable(call, db, users, parties, most=call.corp.settings.limits.contact_way_members, too_many=41041), parties


def _own(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    row = db.execute("select * from contact_way where config_id = ?", (call.text("config_id", missing=41043),)).fetchone()
    if row is None or row["agent_id"] != call.app.agent_id:
        raise Failure(41044)
    return row  # type: ignore[no-any-return]


def _picture(row: sqlite3.Row) -> dict[str, str]:
    return {"qr_code": f"https://wework.qpic.cn/wwpic/{row['config_id']}/0"} if row["scene"] == _CODE else {}


def _short(call: Call, name: str) -> str:
    text = call.text(name)
    if len(text) > _CHARACTERS:
        raise Failure(40058, name)
    return text


def _style(call: Call) -> int:
    style = call.number("style") or 1
    if style not in (1, 2, 3):
        raise Failure(41040)
    return style


CALLS = {
    "externalcontact/add_contact_way": Contract("POST", add_contact_way, "customer"),
    "externalcontact/get_contact_way": Contract("POST", get_contact_way, "customer"),
    "externalcontact/list_contact_way": Contract("POST", list_contact_way, "customer"),
    "externalcontact/update_contact_way": Contract("POST", update_contact_way, "customer"),
    "externalcontact/del_contact_way": Contract("POST", del_contact_way, "customer"),
    "externalcontact/send_welcome_msg": Contract("POST", send_welcome_msg, "customer"),
}
