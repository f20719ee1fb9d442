"""继承: groups get a new owner, from one who stays or from one who has left."""

import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure, reason_of
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.handovers import taker
from siyu.connectors.wecom.sandbox.days import DAY, start_of_day
from siyu.connectors.wecom.sandbox.statuses import Chat


def transfer(call: Call) -> dict[str, Any]:
    """Groups whose owner has left; each is being taken over for a short while."""
    return _transferred(call, resigned=True)


def onjob_transfer(call: Call) -> dict[str, Any]:
    """Groups whose owner stays; at once."""
    return _transferred(call, resigned=False)


def _transferred(call: Call, *, resigned: bool) -> dict[str, Any]:
    limits = call.corp.settings.limits
    chats = list(dict.fromkeys(call.texts("chat_id_list")))
    if not 1 <= len(chats) <= limits.chat_handover_chats:
        raise Failure(40058, "chat_id_list")
    failed = []
    with call.corp.books.write() as db:
        owner = taker(call, db, call.text("new_owner", missing=41009))
        for chat_id in chats:
            chat = db.execute("select * from chat where chat_id = ?", (chat_id,)).fetchone()
            code = 90501 if chat is None else _hindrance(call, db, chat, owner, resigned=resigned)
            if code:
                failed.append({"chat_id": chat_id, "errcode": code, "errmsg": reason_of(code)})
                continue
            db.execute("insert into chat_handover values (?, ?, ?, ?, ?)", (chat_id, int(resigned), chat["owner"], owner, call.now))
            if resigned:
                db.execute("update chat set status = ? where chat_id = ?", (Chat.BEING_INHERITED, chat_id))
            if call.corp.watcher:
                at = call.now + (limits.chat_handover_seconds if resigned else 0)
                call.corp.watcher.chat_handed_over(db, chat_id, owner, at, resigned=resigned)
    return {"failed_chat_list": failed}


def _hindrance(call: Call, db: sqlite3.Connection, chat: sqlite3.Row, owner: str, *, resigned: bool) -> int:
    """Why this group cannot get a new owner now, as a code; 0 when nothing is in the way."""
    limits = call.corp.settings.limits
    if chat["dismissed_at"] is not None:
        return 49008
    here, gone = call.corp.visible_staff(call.app, db), call.corp.former_staff(call.app, db)
    if chat["owner"] not in here | gone:
        return 60011
    if resigned and chat["status"] in (Chat.BEING_INHERITED, Chat.INHERITED):
        return 90507 if chat["status"] == Chat.BEING_INHERITED else 90508
    if resigned != (chat["owner"] in gone):
        return 90500 if resigned else 90502
    if chat["owner"] == owner:
        return 90504
    recent = "select count(*) from chat_handover where chat_id = ? and resigned = 0 and asked_at > ?"
    if not resigned and db.execute(recent, (chat["chat_id"], call.now - 90 * DAY)).fetchone()[0] >= limits.handovers_in_90_days:
        return 40128
    today = "select count(*) from chat_handover where handover = ? and resigned = ? and asked_at >= ?"
    full = db.execute(today, (chat["owner"], int(resigned), start_of_day(call.now))).fetchone()[0] >= limits.chat_handovers_a_day
    return 45009 if full else 0


CALLS = {
    "externalcontact/groupchat/transfer": Contract("POST", transfer, "customer"),
    "externalcontact/groupchat/onjob_transfer": Contract("POST", onjob_transfer, "customer"),
}
