"""客户朋友圈 in the town: members publish or never do, customers see, like, comment and open links."""

import json
import sqlite3
from collections.abc import Callable
from zoneinfo import ZoneInfo

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.days import start_of_day
from siyu.connectors.wecom.sandbox.town.allowance import allowance
from siyu.connectors.wecom.sandbox.town.effects import Effects
from siyu.connectors.wecom.sandbox.town.habits import Habits
from siyu.connectors.wecom.sandbox.town.moods import Mood, Moods


class Moments:
    """What becomes of moments. All are part of the running transaction."""

    def __init__(self, corp: Corp, habits: Habits, moods: Moods, weight: float, effects: Effects, zone: ZoneInfo, later: Callable[..., None]) -> None:
        """`weight`: what a moment presses on those who see it."""
        self._corp = corp
        self._habits = habits
        self._moods = moods
        self._weight = weight
        self._effects = effects
        self._zone = zone
        self._later = later

    def asked(self, db: sqlite3.Connection, moment_id: str) -> None:
        """Members learn of a moment and will publish it in their own time, or never."""
        at = db.execute("select ready_at from moment where moment_id = ?", (moment_id,)).fetchone()["ready_at"]
        earlier = "select count(*) from moment_task join moment using (moment_id) where userid = ? and moment_id <> ? and created_at >= ?"
        for row in db.execute("select userid from moment_task where moment_id = ? order by userid", (moment_id,)).fetchall():
            userid, day = row["userid"], start_of_day(at)
            nth = db.execute(earlier, (userid, moment_id, day)).fetchone()[0]
            publishes = self._habits.confirms_after(userid, f"moment/{day}/{nth}", at)
            if publishes is not None:
                self._later(db, "publish", publishes, f"{userid}/{nth}", moment_id=moment_id, userid=userid)

    def post(self, db: sqlite3.Connection, userid: str, text: str, at: float) -> str:
        """A member's own moment, for all customers; its id."""
        moment_id = "mom" + self._corp.draws.letters(29, "moment", self._corp.books.serial("moment"))
        db.execute(
            "insert into moment (moment_id, creator, created_at, ready_at, text, attachments, tags) values (?, ?, ?, ?, ?, '[]', '[]')",
            (moment_id, userid, at, at, text),
        )
        db.execute("insert into moment_task (moment_id, userid) values (?, ?)", (moment_id, userid))
        self.publish(db, moment_id, userid, at)
        return moment_id

    def publish_open(self, db: sqlite3.Connection, at: float, *, moment_id: str | None, userid: str | None) -> int:
        """Publish what waits, as a person at the sandbox may; how many."""
        rows = db.execute(
            """
            select moment_id, userid from moment_task join moment using (moment_id)
            where published_at is null and ready_at <= ?3 and (?1 is null or moment_id = ?1) and (?2 is null or userid = ?2)
            order by created_at, moment_id, userid
            """,
            (moment_id, userid, at),
        ).fetchall()
        return sum(self.publish(db, row["moment_id"], row["userid"], at) for row in rows)

    def publish(self, db: sqlite3.Connection, moment_id: str, userid: str, at: float) -> bool:
        """The chosen customers see it, but for those who have left or have seen enough. Nothing happens twice, after a stop, or by who left or is disabled."""
        moment = db.execute("select * from moment where moment_id = ?", (moment_id,)).fetchone()
        able = db.execute("select 1 from staff where userid = ? and status = 1", (userid,)).fetchone()
        waits = "update moment_task set published_at = ? where moment_id = ? and userid = ? and published_at is null"
        if moment["cancelled_at"] is not None or not able or not db.execute(waits, (at, moment_id, userid)).rowcount:
            return False
        rows = db.execute(
            """
            select f.external_userid, f.left_by_customer_at, c.moments from follow f join customer c using (external_userid)
            where f.userid = :userid and f.left_by_staff_at is null and (:tags = '[]' or exists (
                select 1 from follow_tag t
                where t.userid = f.userid and t.external_userid = f.external_userid and t.tag_id in (select value from json_each(:tags))
            ))
            order by f.external_userid
            """,
            {"userid": userid, "tags": moment["tags"]},
        ).fetchall()
        full = self._full(db, at, [row["external_userid"] for row in rows])
        for row in rows:
            external_userid = row["external_userid"]
            seen = row["left_by_customer_at"] is None and external_userid not in full
            db.execute("insert into moment_customer values (?, ?, ?, ?)", (moment_id, userid, external_userid, at if seen else None))
            if seen:
                db.execute("update customer set moments = moments + 1 where external_userid = ?", (external_userid,))
                mood = self._moods.receives(db, external_userid, at, self._weight)
                self._react_later(db, moment, userid, external_userid, row["moments"], mood, at)
        return True

    def _full(self, db: sqlite3.Connection, at: float, external_userids: list[str]) -> set[str]:
        """Who has seen as many moments as the day or the month allows."""
        limits, found = self._corp.settings.limits, set()
        for start, most in ((allowance("daily", at, self._zone)[0], limits.moments_per_day), (allowance("month", at, self._zone)[0], limits.moments_per_month)):
            if most:
                seen = """
                    select external_userid from moment_customer
                    where external_userid in (select value from json_each(?)) and seen_from >= ? group by external_userid having count(*) >= ?
                """
                found |= {row["external_userid"] for row in db.execute(seen, (json.dumps(external_userids), start, most))}
        return found

    def _react_later(self, db: sqlite3.Connection, moment: sqlite3.Row, userid: str, external_userid: str, nth: int, mood: Mood, at: float) -> None:
        for act, seconds in self._habits.likes_moment(external_userid, nth, mood).items():
            if act != "open" or moment["link"]:
                who = {"moment_id": moment["moment_id"], "userid": userid, "external_userid": external_userid}
                self._later(db, "moment", at + seconds, f"{external_userid}/{nth}/{act}", act=act, **who)

    def react(self, db: sqlite3.Connection, act: str, moment_id: str, userid: str, external_userid: str, at: float) -> None:
        """A like, a comment, an opened link; friends only."""
        friends = "select 1 from follow where userid = ? and external_userid = ? and left_by_customer_at is null and left_by_staff_at is null"
        if not db.execute(friends, (userid, external_userid)).fetchone():
            return
        if act == "open":
            link = db.execute("select link from moment where moment_id = ?", (moment_id,)).fetchone()["link"]
            self._effects.opened(db, moment_id, external_userid, link, at)
        else:
            db.execute("insert or ignore into moment_reaction values (?, ?, ?, ?, ?)", (moment_id, userid, external_userid, act, at))
