"""微信客服 in the books: what calls and people alike write there."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from siyu.connectors.wecom.sandbox.corp import Corp

NEW, BOT, QUEUE, PERSON, OVER = range(5)
"""States of a session: not handled, with a bot, in the queue, with a person, over."""
FROM_APP, FROM_CUSTOMER, FROM_SYSTEM, FROM_SERVICER = 0, 3, 4, 5


@dataclass(frozen=True)
class Line:
    """One message or event of a session."""

    open_kfid: str
    external_userid: str
    kind: str
    body: Mapping[str, Any]
    origin: int
    servicer: str = ""


def note(corp: Corp, db: sqlite3.Connection, line: Line, at: float, *, msgid: str = "") -> str:
    """Write a line down; its msgid."""
    msgid = msgid or corp.draws.letters(32, "kf message", corp.books.serial("kf_message"))
    body = json.dumps(line.body, ensure_ascii=False)
    db.execute(
        "insert into kf_message (msgid, open_kfid, external_userid, at, origin, servicer, kind, body) values (?, ?, ?, ?, ?, ?, ?, ?)",
        (msgid, line.open_kfid, line.external_userid, at, line.origin, line.servicer, line.kind, body),
    )
    return msgid


def code_for(corp: Corp, db: sqlite3.Connection, open_kfid: str, external_userid: str, kind: Literal["welcome", "answer"]) -> str:
    """A code for one message to the customer."""
    code = corp.draws.letters(43, "kf code", corp.books.serial("kf_code"))
    values = (code, open_kfid, external_userid, kind, corp.clock.machine())
    db.execute("insert into kf_code (code, open_kfid, external_userid, kind, given_machine) values (?, ?, ?, ?, ?)", values)
    return code


def servicers_of(corp: Corp, db: sqlite3.Connection, open_kfid: str) -> dict[str, int]:
    """Who answers for an account: userid → 0 receiving, 1 stopped; departments expanded."""
    rows = db.execute("select * from kf_servicer where open_kfid = ?", (open_kfid,)).fetchall()
    everybody = corp.members_within(db, [row["department_id"] for row in rows if row["department_id"]])
    return dict.fromkeys(sorted(everybody), 0) | {row["userid"]: row["status"] for row in rows if row["userid"]}
