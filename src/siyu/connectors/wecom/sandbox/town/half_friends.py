"""免验证: a customer has added a member who has not confirmed yet. Not a relation so far, though the first words may be sent."""

import sqlite3

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.town.acquisition import Befriend
from siyu.connectors.wecom.sandbox.town.first_words import code_for


class HalfFriends:
    """All are part of the running transaction."""

    def __init__(self, corp: Corp, befriend: Befriend) -> None:
        self._corp = corp
        self._befriend = befriend

    def add(self, db: sqlite3.Connection, userid: str, external_userid: str, at: float, *, state: str = "") -> None:
        """The customer's side of it; a member who still has the customer need not confirm."""
        standing = "select 1 from follow where userid = ? and external_userid = ? and left_by_staff_at is null"
        if db.execute(standing, (userid, external_userid)).fetchone():
            self._befriend(db, userid, external_userid, at, state=state)
            return
        code = code_for(self._corp, db, userid, external_userid, at)
        db.execute("insert or replace into half_follow values (?, ?, ?, ?, ?)", (userid, external_userid, at, state, code))
        elements = {"UserID": userid, "ExternalUserID": external_userid, "State": state, "WelcomeCode": code}
        self._corp.pushes.send("change_external_contact/add_half_external_contact", elements, business=at)

    def waits(self, db: sqlite3.Connection, userid: str, external_userid: str) -> bool:
        """Whether the customer has added the member and is not confirmed yet."""
        return db.execute("select 1 from half_follow where userid = ? and external_userid = ?", (userid, external_userid)).fetchone() is not None

    def confirm(self, db: sqlite3.Connection, userid: str, external_userid: str, at: float) -> bool:
        """The member accepts, or writes; whether there was something to accept. A new code comes only when no first words were sent."""
        row = db.execute("delete from half_follow where userid = ? and external_userid = ? returning *", (userid, external_userid)).fetchone()
        if row is None:
            return False
        greeted = db.execute("select 1 from welcome where code = ? and sent_at is not null", (row["welcome_code"],)).fetchone()
        self._befriend(db, userid, external_userid, at, state=row["state"], greeted=greeted is not None)
        return True

    def give_up(self, db: sqlite3.Connection, userid: str, external_userid: str) -> bool:
        """The customer thinks better of it; nobody is told, as it was no relation."""
        return bool(db.execute("delete from half_follow where userid = ? and external_userid = ?", (userid, external_userid)).rowcount)
