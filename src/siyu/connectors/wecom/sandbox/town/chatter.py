"""What customers say in groups: only that they said something, as nobody is told what."""

import sqlite3
from collections.abc import Callable

from siyu.connectors.wecom.sandbox.town.habits import Habits


class Chatter:
    """Messages in groups, one after the other for each who is in one. All are part of the running transaction."""

    def __init__(self, habits: Habits, later: Callable[..., None]) -> None:
        self._habits = habits
        self._later = later

    def begin(self, db: sqlite3.Connection, at: float) -> None:
        """Everybody who is in a group at the founding."""
        rows = db.execute("select chat_id, userid from chat_member where type = 2 and left_at is null order by chat_id, userid").fetchall()
        for row in rows:
            self.joined(db, row["chat_id"], row["userid"], at)

    def joined(self, db: sqlite3.Connection, chat_id: str, userid: str, at: float) -> None:
        """Somebody may speak from now on."""
        nth = self._count(db, chat_id, userid)
        if (next_at := self._habits.next_group_message(chat_id, userid, nth, at)) is not None:
            self._later(db, "chat_message", next_at, f"{chat_id}/{userid}/{nth}", chat_id=chat_id, userid=userid, nth=nth)

    def speak(self, db: sqlite3.Connection, chat_id: str, userid: str, nth: int, at: float) -> None:
        """The nth message, unless another was said meanwhile or the person is gone."""
        if nth == self._count(db, chat_id, userid) and self.say(db, chat_id, userid, at):
            self.joined(db, chat_id, userid, at)

    def say(self, db: sqlite3.Connection, chat_id: str, userid: str, at: float) -> bool:
        """A message; whether there is such a person in such a group."""
        inside = """
            select 1 from chat_member join chat using (chat_id)
            where chat_id = ? and userid = ? and left_at is null and dismissed_at is null
        """
        if not db.execute(inside, (chat_id, userid)).fetchone():
            return False
        db.execute("insert into chat_message values (?, ?, ?)", (chat_id, userid, at))
        return True

    def _count(self, db: sqlite3.Connection, chat_id: str, userid: str) -> int:
        count: int = db.execute("select count(*) from chat_message where chat_id = ? and userid = ?", (chat_id, userid)).fetchone()[0]
        return count
