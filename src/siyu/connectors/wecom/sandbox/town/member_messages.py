"""What members write to customers of their own accord: seen by the two alone, counted in the figures of the day."""

import sqlite3


class MemberMessages:
    """Part of the running transaction."""

    def say(self, db: sqlite3.Connection, userid: str, external_userid: str, text: str, at: float) -> None:
        """A member writes, which answers what the customer wrote before."""
        pair = (userid, external_userid)
        db.execute("insert into member_message (userid, external_userid, at, text) values (?, ?, ?, ?)", (*pair, at, text))
        db.execute("update reply set answered_at = ?1 where userid = ?2 and external_userid = ?3 and at <= ?1 and coalesce(answered_at, ?1) >= ?1", (at, *pair))
        db.execute("update follow set talked_at = max(talked_at, ?) where userid = ? and external_userid = ?", (at, *pair))
