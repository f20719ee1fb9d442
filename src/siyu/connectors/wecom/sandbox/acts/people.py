"""Who may act: the rows behind an id, or an answer that there is nobody."""

import sqlite3

from fastapi import HTTPException


def customer_of(db: sqlite3.Connection, external_userid: str) -> sqlite3.Row:
    """Answers 404 for a customer nobody knows."""
    row: sqlite3.Row | None = db.execute("select * from customer where external_userid = ?", (external_userid,)).fetchone()
    if row is None:
        raise HTTPException(404, "no such customer")
    return row


def member_of(db: sqlite3.Connection, userid: str, *, gone: bool = False) -> sqlite3.Row:
    """Answers 404 for a member nobody knows, or who has left; `gone`: who has left counts too."""
    row: sqlite3.Row | None = db.execute("select * from staff where userid = ?", (userid,)).fetchone()
    if row is None or (row["status"] == 5 and not gone):
        raise HTTPException(404, "no such member")
    return row


def friends(db: sqlite3.Connection, userid: str, external_userid: str, *, half: bool = False) -> None:
    """Answers 404 unless both still have each other; `half`: a customer whom the member has not confirmed counts too."""
    both = "select 1 from follow where userid = ? and external_userid = ? and left_by_customer_at is null and left_by_staff_at is null"
    some = "select 1 from half_follow where userid = ? and external_userid = ?"
    pair = (userid, external_userid)
    if not db.execute(both, pair).fetchone() and not (half and db.execute(some, pair).fetchone()):
        raise HTTPException(404, "they are no friends")
