"""入群欢迎语: a library of first words for groups."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.content import check_attachment

_KINDS = ("image", "link", "miniprogram", "file", "video")


def add(call: Call) -> dict[str, Any]:
    text, parts = _content(call)
    notify = call.switch("notify", True)
    with call.corp.books.write() as db:
        if db.execute("select count(*) from group_welcome").fetchone()[0] >= call.corp.settings.limits.group_welcomes:
            raise Failure(41055)
        template_id = call.corp.draws.letters(32, "group welcome", call.corp.books.serial("group_welcome"))
        db.execute("insert into group_welcome values (?, ?, ?, ?, ?, ?)", (template_id, call.app.agent_id, text, json.dumps(parts), notify, call.now))
    return {"template_id": template_id}


def edit(call: Call) -> dict[str, Any]:
    """All of it anew."""
    text, parts = _content(call)
    with call.corp.books.write() as db:
        db.execute("update group_welcome set text = ?, parts = ? where template_id = ?", (text, json.dumps(parts), _own(call, db)["template_id"]))
    return {}


def get(call: Call) -> dict[str, Any]:
    """A picture comes back by its address."""
    with call.corp.books.read() as db:
        row = _own(call, db)
    parts: dict[str, Any] = json.loads(row["parts"])
    if "image" in parts:
        parts["image"] = {"pic_url": parts["image"].get("pic_url") or f"https://wework.qpic.cn/wwpic/{parts['image']['media_id']}/0"}
    return parts | ({"text": {"content": row["text"]}} if row["text"] else {})


def delete(call: Call) -> dict[str, Any]:
    with call.corp.books.write() as db:
        db.execute("delete from group_welcome where template_id = ?", (_own(call, db)["template_id"],))
    return {}


def _content(call: Call) -> tuple[str, dict[str, Any]]:
    text = call.inner("text").text("content")
    if len(text.encode()) > call.corp.settings.limits.group_welcome_bytes:
        raise Failure(40058, "text.content")
    parts = {kind: call.fields[kind] for kind in _KINDS if call.fields.get(kind)}
    if len(parts) > 1 or not (text or parts):
        raise Failure(40058, "text" if not parts else "attachments")
    for kind, part in parts.items():
        check_attachment(call, {"msgtype": kind, kind: part})
    return text, parts


def _own(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    row = db.execute("select * from group_welcome where template_id = ?", (call.text("template_id", missing=40058),)).fetchone()
    if row is None:
        raise Failure(40058, "template_id")
    if row["agent_id"] != call.app.agent_id:
        raise Failure(41058)
    return row  # type: ignore[no-any-return]


CALLS = {
    "externalcontact/group_welcome_template/add": Contract("POST", add, "customer"),
    "externalcontact/group_welcome_template/edit": Contract("POST", edit, "customer"),
    "externalcontact/group_welcome_template/get": Contract("POST", get, "customer"),
    "externalcontact/group_welcome_template/del": Contract("POST", delete, "customer"),
}
