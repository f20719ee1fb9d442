"""客户群: the groups of visible owners, who is in them, and codes by which people come in."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.reach import lasting_codes
from siyu.connectors.wecom.sandbox.cursors import seal, unseal, version
from siyu.connectors.wecom.sandbox.statuses import Chat

_SHORT = 30
_BASE_NAME = 40
_MOST = 1000
_OWNERS = 100
_STATUSES = (0, Chat.OWNER_LEFT, Chat.BEING_INHERITED, Chat.INHERITED)
"""That can be asked for; 0 stands for all."""


def groupchat_list(call: Call) -> dict[str, Any]:
    """Groups of visible owners, oldest first. `limit` is needed here; the old `offset` is ignored."""
    limit = call.number("limit", missing=40058)
    assert limit is not None
    if not 1 <= limit <= _MOST:
        raise Failure(40058, "limit")
    status = call.number("status_filter") or 0
    if status not in _STATUSES:
        raise Failure(40058, "status_filter")
    after = unseal(call.path, call.text("cursor")) or [0.0, ""]
    with call.corp.books.read() as db:
        owners = _owners(call, db)
        marks = ",".join("?" * len(owners))
        rows = db.execute(
            f"""
            select chat_id, status, created_at from chat
            where dismissed_at is null and owner in ({marks}) and (? = 0 or status = ?) and (created_at, chat_id) > (?, ?)
            order by created_at, chat_id limit ?
            """,  # noqa: S608  only question marks are put in
            (*owners, status, status, *after, limit + 1),
        ).fetchall()
    more = seal(call.path, [rows[limit - 1]["created_at"], rows[limit - 1]["chat_id"]]) if len(rows) > limit else ""
    return {"group_chat_list": [{"chat_id": row["chat_id"], "status": row["status"]} for row in rows[:limit]], "next_cursor": more}


def _owners(call: Call, db: sqlite3.Connection) -> list[str]:
    given = call.fields.get("owner_filter")
    if given is not None and not isinstance(given, dict):
        raise Failure(40058, "owner_filter")
    asked = call.part(given).texts("userid_list") if given else []
    if len(asked) > _OWNERS:
        raise Failure(40058, "owner_filter")
    visible = call.corp.visible_staff(call.app, db)
    if asked:
        return [call.corp.require_known(call.app, db, userid) for userid in asked]
    if len(visible) > call.corp.settings.limits.people_without_filter:
        raise Failure(81017)
    return sorted(visible | call.corp.former_staff(call.app, db))


def groupchat_get(call: Call) -> dict[str, Any]:
    """One group with everybody who is in it now."""
    chat_id, named = call.text("chat_id", missing=40058), call.number("need_name") == 1
    with call.corp.books.read() as db:
        chat = _visible(call, db, chat_id)
        rows = db.execute(
            """
            select m.*, c.unionid, coalesce(c.name, s.name) as name
            from chat_member m left join customer c on c.external_userid = m.userid left join staff s on s.userid = m.userid
            where m.chat_id = ? and m.left_at is null order by m.joined_at, m.userid
            """,
            (chat_id,),
        ).fetchall()
    return {
        "group_chat": {
            "chat_id": chat_id,
            "name": chat["name"],
            "owner": chat["owner"],
            "create_time": int(chat["created_at"]),
            "notice": chat["notice"],
            "member_list": [_member(call, row, named=named) for row in rows],
            "admin_list": [],
            "member_version": version(chat_id, chat["version"]),
        }
    }


def _member(call: Call, row: sqlite3.Row, *, named: bool) -> dict[str, Any]:
    member = {"userid": row["userid"], "type": row["type"], "join_time": int(row["joined_at"]), "join_scene": row["scene"], "group_nickname": ""}
    if row["unionid"] and call.corp.settings.unionid:
        member["unionid"] = row["unionid"]
    if row["state"]:
        member["state"] = row["state"]
    if row["invitor"]:
        member["invitor"] = {"userid": row["invitor"]}
    return member | ({"name": row["name"]} if named else {})


def _visible(call: Call, db: sqlite3.Connection, chat_id: str) -> sqlite3.Row:
    chat = db.execute("select * from chat where chat_id = ?", (chat_id,)).fetchone()
    if chat is None:
        raise Failure(90501)
    if chat["dismissed_at"] is not None:
        raise Failure(49008)
    if chat["owner"] not in call.corp.visible_staff(call.app, db) | call.corp.former_staff(call.app, db):
        raise Failure(60011)
    return chat  # type: ignore[no-any-return]


def opengid_to_chatid(call: Call) -> dict[str, Any]:
    opengid = call.text("opengid", missing=40058)
    with call.corp.books.read() as db:
        for row in db.execute("select chat_id from chat").fetchall():
            if call.corp.opengid(row["chat_id"]) == opengid:
                return {"chat_id": _visible(call, db, row["chat_id"])["chat_id"]}
    raise Failure(90511)


def add_join_way(call: Call) -> dict[str, Any]:
    scene = _scene(call)
    with call.corp.books.write() as db:
        fields = _fields(call, db)
        if lasting_codes(db) >= call.corp.settings.limits.contact_ways:
            raise Failure(41045)
        config_id = call.corp.draws.letters(32, "join way", call.corp.books.serial("join way"))
        row = (config_id, call.app.agent_id, scene, *fields, call.now, call.switch("mark_source", True))
        db.execute("insert into join_way values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return {"config_id": config_id}


def get_join_way(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        row = _own(call, db)
    way = {
        "config_id": row["config_id"],
        "scene": row["scene"],
        "remark": row["remark"],
        "auto_create_room": row["auto_create"],
        "room_base_name": row["base_name"],
        "room_base_id": row["base_id"],
        "chat_id_list": json.loads(row["chats"]),
        "state": row["state"],
        "mark_source": bool(row["mark_source"]),
    }
    return {"join_way": way | ({"qr_code": f"https://wework.qpic.cn/wwpic/{row['config_id']}/0"} if row["scene"] == 2 else {})}


def update_join_way(call: Call) -> dict[str, Any]:
    """All fields anew."""
    scene = _scene(call)
    with call.corp.books.write() as db:
        row = _own(call, db)
        db.execute(
            """
            update join_way set scene = ?, remark = ?, auto_create = ?, base_name = ?, base_id = ?, chats = ?, state = ?, mark_source = ? where config_id = ?
            """,
            (scene, *_fields(call, db), call.switch("mark_source", True), row["config_id"]),
        )
    return {}


def del_join_way(call: Call) -> dict[str, Any]:
    with call.corp.books.write() as db:
        db.execute("delete from join_way where config_id = ?", (_own(call, db)["config_id"],))
    return {}


def _scene(call: Call) -> int:
    scene = call.number("scene", missing=41038)
    if scene not in (1, 2):
        raise Failure(41038)
    return scene


def _fields(call: Call, db: sqlite3.Connection) -> tuple[str, int, str, int, str, str]:
    """(remark, auto_create, base_name, base_id, chats, state); a remark that is too long is cut."""
    chats = call.texts("chat_id_list")
    if not chats:
        raise Failure(40058, "chat_id_list")
    if len(chats) > call.corp.settings.limits.join_way_chats:
        raise Failure(41091)
    for chat_id in chats:
        _visible(call, db, chat_id)
    base_name, state = call.text("room_base_name"), call.text("state")
    if len(base_name) > _BASE_NAME or len(state) > _SHORT:
        raise Failure(40058, "room_base_name" if len(base_name) > _BASE_NAME else "state")
    creates, base_id = call.number("auto_create_room"), call.number("room_base_id")
    if creates not in (None, 0, 1) or (base_id is not None and base_id < 0):
        raise Failure(40058, "auto_create_room" if creates not in (None, 0, 1) else "room_base_id")
    return call.text("remark")[:_SHORT], 1 if creates is None else creates, base_name, base_id or 1, json.dumps(list(dict.fromkeys(chats))), state


def _own(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    row = db.execute("select * from join_way where config_id = ?", (call.text("config_id", missing=41043),)).fetchone()
    if row is None or row["agent_id"] != call.app.agent_id:
        raise Failure(41044)
    return row  # type: ignore[no-any-return]


CALLS = {
    "externalcontact/groupchat/list": Contract("POST", groupchat_list, "customer"),
    "externalcontact/groupchat/get": Contract("POST", groupchat_get, "customer"),
    "externalcontact/opengid_to_chatid": Contract("POST", opengid_to_chatid, "customer"),
    "externalcontact/groupchat/add_join_way": Contract("POST", add_join_way, "customer"),
    "externalcontact/groupchat/get_join_way": Contract("POST", get_join_way, "customer"),
    "externalcontact/groupchat/update_join_way": Contract("POST", update_join_way, "customer"),
    "externalcontact/groupchat/del_join_way": Contract("POST", del_join_way, "customer"),
}
