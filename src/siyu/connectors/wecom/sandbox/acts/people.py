"""Who may act: the rows behind an id, or an answer that there is nobody."""

import sqlite3

from fastapi import HTTPException

from siyu.connectors.wecom.sandbox.statuses import Member


def customer_of(db: sqlite3.Connection, external_userid: str) -> sqlite3.Row:
    """Answers 404 for a customer nobody knows."""
    row: sqlite3.Row | None = db.execute("select * from customer where external_userid = ?", (external_userid,)).fetchone()
    if row is None:
        raise HTTPException(404, "no such customer")
    return row


def member_of(db: sqlite3.Connection, userid: str, *, gone: bool = False) -> sqlite3.Row:
    """Answers 404 for a member nobody knows, or who has left; `gone`: who has left counts too."""
    row: sqlite3.Row | None = db.execute("select * from staff where userid = ?", (userid,)).fetchone()
    if row is None or (row["status"] == Member.LEFT and not gone):
        raise HTTPException(404, "no such member")
    return row


def acting(db: sqlite3.Connection, userid: str) -> sqlite3.Row:
    """A member who does something in the client. Answers 404 as `member_of`, 409 for one who is disabled or not activated and cannot use it."""
    row = member_of(db, userid)
    if row["status"] != Member.ACTIVE:
        raise HTTPException(409, "the member cannot use WeCom")
    return row


def friends(db: sqlite3.Connection, userid: str, external_userid: str, *, half: bool = False) -> None:
    """Answers 404 unless both still have each other; `half`: a customer whom the member has not confirmed counts too."""
    both = "select 1 from follow where userid = ? and external_userid = ? and left_by_customer_at is null and left_by_staff_at is null"
    some = "select 1 from half_follow where userid = ? and external_userid = ?"
    pair = (userid, external_userid)
    if not db.execute(both, pair).fetchone() and not (half and db.execute(some, pair).fetchone()):
        raise HTTPException(404, "they are no friends")
