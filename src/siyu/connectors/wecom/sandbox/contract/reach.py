"""Whom a code or a link leads to: members and departments that an app may name."""

import json
import sqlite3
from collections.abc import Sequence

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call
from siyu.connectors.wecom.sandbox.corp import subtree


def reachable(call: Call, db: sqlite3.Connection, users: Sequence[str], parties: Sequence[int], *, most: int, too_many: int) -> list[str]:
    """The userids as the books write them.

    Fails with 40058 without anybody, 60111, 60003 or 60011 for who is unknown or out of range, 41054 for members who may not be added, and `too_many` for
    more than `most` people, departments expanded.
    """
    named = [call.corp.require_staff(call.app, db, userid) for userid in dict.fromkeys(users)]
    if not named and not parties:
        raise Failure(40058, "user")
    visible = call.corp.visible_departments(call.app, db)
    for id in parties:
        if id not in visible:
            raise Failure(60011 if subtree(db, id) else 60003)
    everybody = expanded(db, named, parties)
    if len(everybody) > most:
        raise Failure(too_many)
    able = {row["userid"] for row in db.execute("select userid from staff where follows_customers = 1 and status = 1")}
    if not everybody or any(userid not in able for userid in named):
        raise Failure(41054)
    return named


def expanded(db: sqlite3.Connection, users: Sequence[str], parties: Sequence[int]) -> list[str]:
    """Everybody whom a customer may meet, departments expanded."""
    below = {id for party in parties for id in subtree(db, party)}
    rows = db.execute("select userid, departments from staff where follows_customers = 1 and status = 1 order by userid").fetchall() if below else []
    return list(dict.fromkeys([*users, *(row["userid"] for row in rows if below & set(json.loads(row["departments"])))]))


def lasting_codes(db: sqlite3.Connection) -> int:
    """Codes that count against the corp's ceiling: of members and of groups, temporary ones aside."""
    return int(db.execute("select (select count(*) from contact_way where temporary = 0) + (select count(*) from join_way)").fetchone()[0])
