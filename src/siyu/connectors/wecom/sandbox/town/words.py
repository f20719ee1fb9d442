"""What a member is kept from sending by the corp's rules (聊天敏感词)."""

import json
import re
import sqlite3

from siyu.connectors.wecom.sandbox.corp import Corp

_BLOCKS = 1
_SEMANTICS = {1: re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), 2: re.compile(r"[\w.+-]+@[\w-]+\.\w+"), 3: re.compile("红包")}
"""Phone numbers, e-mail addresses, red packets: in the real client only messages of a kind, here what looks like one."""


class Words:
    """Rules of the books, as they are in force when somebody sends."""

    def __init__(self, corp: Corp) -> None:
        self._corp = corp

    def blocks(self, db: sqlite3.Connection, userid: str, text: str) -> str | None:
        """The first rule that keeps this member from sending this text."""
        for rule in db.execute("select * from intercept_rule where deleted_at is null and type = ? order by created_at, rule_id", (_BLOCKS,)).fetchall():
            applies = userid in json.loads(rule["users"]) or userid in self._corp.members_within(db, json.loads(rule["parties"]))
            found = any(word in text for word in json.loads(rule["words"])) or any(_SEMANTICS[kind].search(text) for kind in json.loads(rule["semantics"]))
            if applies and found:
                return str(rule["rule_id"])
        return None

    def note(self, db: sqlite3.Connection, msgid: str, userid: str, rule_id: str, at: float) -> None:
        """What was blocked stays unsent."""
        db.execute("insert into intercepted (msgid, userid, rule_id, at) values (?, ?, ?, ?)", (msgid, userid, rule_id, at))
