"""临时会话: who came by a temporary code stays for a while; then the concluding words go out and the member's side of the relation is cut."""

import json
import sqlite3

from siyu.connectors.wecom.sandbox.corp import Corp

OVER = "temporary_chat_over"
"""The kind of what comes to pass when its time is up."""
_STANDING = """
from temporary_chat t join follow f on f.userid = t.userid and f.external_userid = t.external_userid and f.created_at = t.began_at
where t.ended_at is null and f.left_by_staff_at is null
"""


def over(way: sqlite3.Row, at: float) -> bool:
    """Whether nobody can come by a code any more: temporary ones have their time."""
    return bool(way["temporary"]) and way["over_at"] <= at


def admits(db: sqlite3.Connection, way: sqlite3.Row, external_userid: str, at: float) -> bool:
    """Whether a customer can come by a code: a temporary one may be meant for one unionid alone."""
    meant = "select 1 from customer where external_userid = ? and unionid = ?"
    return not over(way, at) and (not way["unionid"] or db.execute(meant, (external_userid, way["unionid"])).fetchone() is not None)


def begin(corp: Corp, db: sqlite3.Connection, way: sqlite3.Row, userid: str, external_userid: str, at: float) -> None:
    """The two have just become friends by this code."""
    values = (userid, external_userid, way["config_id"], at)
    row = db.execute("insert into temporary_chat (userid, external_userid, config_id, began_at) values (?, ?, ?, ?) returning id", values).fetchone()
    if corp.watcher is not None:
        corp.watcher.later(db, OVER, at + way["chat_seconds"], str(row["id"]), id=row["id"])


def standing(db: sqlite3.Connection, userid: str, external_userid: str) -> int | None:
    """The chat of the two that has not ended yet; None when they have none, or have parted or met anew since."""
    row = db.execute(f"select t.id {_STANDING} and t.userid = ? and t.external_userid = ?", (userid, external_userid)).fetchone()
    return None if row is None else int(row["id"])


def end(db: sqlite3.Connection, id: int, at: float) -> None:
    """Say what the code has as its last words, unless the customer is gone, and cut; nothing for a chat that does not stand. Nobody is called back."""
    row = db.execute(f"select t.*, f.left_by_customer_at {_STANDING} and t.id = ?", (id,)).fetchone()
    if row is None:
        return
    way = db.execute("select conclusions from contact_way where config_id = ?", (row["config_id"],)).fetchone()
    words = json.loads(way["conclusions"]) if way and row["left_by_customer_at"] is None else {}
    text = words.pop("text", {}).get("content")
    attachments = json.dumps([{"msgtype": kind, kind: part} for kind, part in words.items()], ensure_ascii=False)
    db.execute("update temporary_chat set ended_at = ?, text = ?, attachments = ? where id = ?", (at, text, attachments, id))
    db.execute("update follow set left_by_staff_at = ? where userid = ? and external_userid = ?", (at, row["userid"], row["external_userid"]))
