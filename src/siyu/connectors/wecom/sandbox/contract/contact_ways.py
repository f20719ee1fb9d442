"""「联系我」 and 欢迎语: codes by which customers add members, and the first words to them."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox import temporary_chats
from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.content import check_attachment, content
from siyu.connectors.wecom.sandbox.contract.reach import expanded, lasting_codes, reachable
from siyu.connectors.wecom.sandbox.cursors import seal, unseal
from siyu.connectors.wecom.sandbox.days import start_of_day

_PERSON, _SEVERAL = 1, 2
_BUTTON, _CODE = 1, 2
_CHARACTERS = 30
_NINETY_DAYS = 90 * 86_400


def add_contact_way(call: Call) -> dict[str, Any]:
    """A code of the app. A temporary one, by which people come for a chat that ends, is of one person and counts for itself."""
    kind = call.number("type", missing=41037)
    if kind not in (_PERSON, _SEVERAL):
        raise Failure(41037)
    scene = call.number("scene", missing=41038)
    if scene not in (_BUTTON, _CODE):
        raise Failure(41038)
    temporary = call.switch("is_temp", False)
    if temporary and kind != _PERSON:
        raise Failure(40058, "is_temp")
    if temporary and not call.corp.settings.temporary_chats:
        raise Failure(48001)
    with call.corp.books.write() as db:
        users, parties = _members(call, db, kind)
        _require_room(call, db, temporary=temporary)
        row = {
            "config_id": call.corp.draws.letters(32, "contact way", call.corp.books.serial("contact way")),
            "agent_id": call.app.agent_id,
            "type": kind,
            "scene": scene,
            "style": _style(call) if scene == _BUTTON else None,
            "remark": _short(call, "remark"),
            "skip_verify": call.switch("skip_verify", True),
            "state": _short(call, "state"),
            "users": json.dumps(users),
            "parties": json.dumps(parties),
            "exclusive": call.switch("is_exclusive", False),
            "created_at": call.now,
            "mark_source": call.switch("mark_source", True),
            "temporary": temporary,
        }
        row |= _temporary(call, call.now, given_only=False) if temporary else {}
        insert = f"insert into contact_way ({', '.join(row)}) values ({', '.join(f':{name}' for name in row)}) returning *"  # noqa: S608  names of ours
        made = db.execute(insert, row).fetchone()
    return {"config_id": made["config_id"], **_picture(made)}


def _require_room(call: Call, db: sqlite3.Connection, *, temporary: bool) -> None:
    """Fails with 41045 when the corp has as many lasting codes as it may, or has made as many temporary ones today."""
    limits = call.corp.settings.limits
    if temporary:
        today = "select count(*) from contact_way where temporary = 1 and created_at >= ?"
        full = db.execute(today, (start_of_day(call.now),)).fetchone()[0] >= limits.temporary_ways_per_day
    else:
        full = lasting_codes(db) >= limits.contact_ways
    if full:
        raise Failure(41045)


def _temporary(call: Call, created_at: float, *, given_only: bool) -> dict[str, Any]:
    """What a temporary code has besides: until when it can be scanned, how long who scans it stays, who may, and the last words."""
    limits = call.corp.settings.limits
    found: dict[str, Any] = {}
    if "expires_in" in call.fields or not given_only:
        life = _seconds(call, "expires_in", limits.temporary_way_seconds, limits.temporary_way_seconds_max)
        found["over_at"] = created_at + life
    if "chat_expires_in" in call.fields or not given_only:
        found["chat_seconds"] = _seconds(call, "chat_expires_in", limits.temporary_chat_seconds, limits.temporary_chat_seconds_max)
    if "unionid" in call.fields or not given_only:
        found["unionid"] = call.text("unionid")
    if "conclusions" in call.fields or not given_only:
        found["conclusions"] = json.dumps(_conclusions(call), ensure_ascii=False)
    return found


def _seconds(call: Call, name: str, default: int, most: int) -> int:
    seconds = call.number(name)
    if seconds is None:
        return default
    if not 1 <= seconds <= most:
        raise Failure(40058, name)
    return seconds


def _conclusions(call: Call) -> dict[str, Any]:
    """A text, and the first of picture, link and mini-program that is given."""
    given = call.inner("conclusions")
    text = given.inner("text").text("content")
    if len(text.encode()) > call.corp.settings.limits.send_text_bytes:
        raise Failure(40058, "conclusions.text")
    kind = next((name for name in ("image", "link", "miniprogram") if given.fields.get(name)), None)
    if kind is not None:
        check_attachment(call, {"msgtype": kind, kind: given.fields[kind]})
    return ({"text": {"content": text}} if text else {}) | ({kind: given.fields[kind]} if kind else {})


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
        "is_temp": bool(row["temporary"]),
        "is_exclusive": bool(row["exclusive"]),
        "mark_source": bool(row["mark_source"]),
    }
    if row["temporary"]:
        way |= {"expires_in": round(row["over_at"] - row["created_at"]), "chat_expires_in": row["chat_seconds"], "unionid": row["unionid"]}
        way["conclusions"] = _shown(json.loads(row["conclusions"]))
    return {"contact_way": way | _picture(row) | ({"style": row["style"]} if row["style"] is not None else {})}


def list_contact_way(call: Call) -> dict[str, Any]:
    """Ids of the app's codes, oldest first, temporary ones aside."""
    start, end = call.number("start_time"), call.number("end_time")
    since, until = call.now - _NINETY_DAYS if start is None else start, call.now if end is None else end
    if start is not None and end is not None and end < start:
        raise Failure(40058, "end_time")
    page = call.page(100, 1000)
    after = unseal(call.path, call.text("cursor")) or [since, ""]
    with call.corp.books.read() as db:
        rows = db.execute(
            """
            select config_id, created_at from contact_way
            where agent_id = ? and temporary = 0 and (created_at, config_id) > (?, ?) and created_at <= ?
            order by created_at, config_id limit ?
            """,
            (call.app.agent_id, *after, until, page + 1),
        ).fetchall()
    more = seal(call.path, [rows[page - 1]["created_at"], rows[page - 1]["config_id"]]) if len(rows) > page else ""
    return {"contact_way": [{"config_id": row["config_id"]} for row in rows[:page]], "next_cursor": more}


def update_contact_way(call: Call) -> dict[str, Any]:
    """What is given replaces what was; lists of members as a whole. A temporary code that is over stays as it is: 41044."""
    with call.corp.books.write() as db:
        row = _own(call, db)
        if temporary_chats.over(row, call.now):
            raise Failure(41044)
        given: dict[str, Any] = {name: _short(call, name) for name in ("remark", "state") if name in call.fields}
        given |= {name: call.switch(name, True) for name in ("skip_verify", "mark_source") if name in call.fields}
        if "style" in call.fields and row["scene"] == _BUTTON:
            given["style"] = _style(call)
        if "user" in call.fields or "party" in call.fields:
            users, parties = _members(call, db, row["type"])
            given |= {"users": json.dumps(users), "parties": json.dumps(parties)}
        given |= _temporary(call, row["created_at"], given_only=True) if row["temporary"] else {}
        for name, value in given.items():
            db.execute(f"update contact_way set {name} = ? where config_id = ?", (value, row["config_id"]))  # noqa: S608  names of ours
    return {}


def close_temp_chat(call: Call) -> dict[str, Any]:
    """Before its time: the last words go out, then it is cut."""
    userid, external_userid = call.text("userid", missing=40003), call.text("external_userid", missing=41035)
    with call.corp.books.write() as db:
        userid = call.corp.require_staff(call.app, db, userid)
        id = temporary_chats.standing(db, userid, external_userid)
        if id is None:
            raise Failure(84061)
        temporary_chats.end(db, id, call.now)
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


def _shown(conclusions: dict[str, Any]) -> dict[str, Any]:
    """Last words as they are told: a picture by its address."""
    if "image" not in conclusions:
        return conclusions
    image = conclusions["image"]
    return conclusions | {"image": {"pic_url": image.get("pic_url") or f"https://wework.qpic.cn/wwpic/{image['media_id']}/0"}}


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
    "externalcontact/close_temp_chat": Contract("POST", close_temp_chat, "customer"),
    "externalcontact/send_welcome_msg": Contract("POST", send_welcome_msg, "customer"),
}
