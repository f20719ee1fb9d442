"""How customers feel about the messages they get: what presses on them, who has muted, who complained."""

import math
import sqlite3
from dataclasses import dataclass

from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.town.scenario import Fatigue

_DAY = 86_400.0


@dataclass(frozen=True)
class Mood:
    """`load`: what pressed on the customer before a message, in tolerances. `muted`: messages are not noticed."""

    load: float = 0.0
    muted: bool = False

    @property
    def excess(self) -> float:
        """Load beyond what the customer bears."""
        return max(0.0, self.load - 1)


CONTENT = Mood()


class Moods:
    """Of customers who got messages; each answer costs one row, however many messages there were. Part of the running transaction."""

    def __init__(self, fatigue: Fatigue, draws: Draws) -> None:
        self._fatigue = fatigue
        self._draws = draws
        self._half_life = fatigue.half_life_days * _DAY
        self._others = fatigue.others_per_week / 7 * fatigue.half_life_days / math.log(2)

    def receives(self, db: sqlite3.Connection, external_userid: str, at: float, weight: float = 1.0) -> Mood:
        """The mood in which a message of this weight finds the customer; it presses from now on, unless it is muted."""
        if not self._fatigue.tolerance:
            return CONTENT
        row = self._row(db, external_userid)
        pressure = self._pressure(row, at)
        mood = self._mood(row, external_userid, pressure, at)
        if not mood.muted and weight:
            db.execute(
                """
                insert into mood (external_userid, pressure, pressed_at) values (?, ?, ?)
                on conflict (external_userid) do update set pressure = excluded.pressure, pressed_at = excluded.pressed_at
                """,
                (external_userid, pressure + weight, at),
            )
        return mood

    def now(self, db: sqlite3.Connection, external_userid: str, at: float) -> Mood:
        if not self._fatigue.tolerance:
            return CONTENT
        row = self._row(db, external_userid)
        return self._mood(row, external_userid, self._pressure(row, at), at)

    def mute(self, db: sqlite3.Connection, external_userid: str, userid: str, msgid: str, at: float) -> None:
        """The customer hears no message for some time; nothing changes for one who has muted already."""
        if self.now(db, external_userid, at).muted:
            return
        until = at + self._fatigue.mute_days * _DAY
        db.execute("update mood set muted_until = ? where external_userid = ?", (until, external_userid))
        db.execute("insert into mute (external_userid, userid, msgid, at, until) values (?, ?, ?, ?, ?)", (external_userid, userid, msgid, at, until))

    def complain(self, db: sqlite3.Connection, external_userid: str, userid: str, msgid: str, at: float) -> None:
        db.execute("insert into complaint (external_userid, userid, msgid, at) values (?, ?, ?, ?)", (external_userid, userid, msgid, at))

    def estranged(self, db: sqlite3.Connection, external_userid: str, at: float) -> bool:
        """Whether a customer has muted or has no member left. Never where nobody tires."""
        return bool(self._fatigue.tolerance) and (self.now(db, external_userid, at).muted or not friends_of(db, external_userid))

    def _row(self, db: sqlite3.Connection, external_userid: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = db.execute("select * from mood where external_userid = ?", (external_userid,)).fetchone()
        return row

    def _pressure(self, row: sqlite3.Row | None, at: float) -> float:
        return float(row["pressure"] * 0.5 ** (max(0.0, at - row["pressed_at"]) / self._half_life)) if row else 0.0

    def _mood(self, row: sqlite3.Row | None, external_userid: str, pressure: float, at: float) -> Mood:
        bears = self._draws.lognormal(self._fatigue.tolerance, self._fatigue.tolerance_sigma, "tolerance", external_userid)
        muted = row is not None and row["muted_until"] is not None and at < row["muted_until"]
        return Mood((pressure + self._others) / bears, muted)


def friends_of(db: sqlite3.Connection, external_userid: str) -> list[str]:
    """Members of the corp with whom a customer is friends on both sides, by userid."""
    rows = db.execute(
        """
        select userid from follow join staff using (userid)
        where external_userid = ? and left_by_customer_at is null and left_by_staff_at is null and status <> 5 order by userid
        """,
        (external_userid,),
    )
    return [row["userid"] for row in rows]
