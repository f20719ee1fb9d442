"""继承 in the town: customers are asked, most move, some refuse."""

import sqlite3
from collections.abc import Callable

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.statuses import Handover
from siyu.connectors.wecom.sandbox.town.habits import Habits

_ASSIGNED = 202
_ADMINISTRATOR = "owner"
_REASONS = {Handover.REFUSED: "customer_refused", Handover.FULL: "customer_limit_exceed"}


class Handovers:
    """What becomes of customers who are handed over. All are part of the running transaction."""

    def __init__(self, corp: Corp, habits: Habits, later: Callable[..., None]) -> None:
        self._corp = corp
        self._habits = habits
        self._later = later

    def asked(self, db: sqlite3.Connection, external_userid: str, nth: int) -> None:
        """The customer reads of it and makes up their mind."""
        row = self._row(db, external_userid, nth)
        refused = self._habits.refuses_handover(external_userid, nth)
        at = row["due_at"] if refused is None else row["asked_at"] + (row["due_at"] - row["asked_at"]) * refused
        self._later(db, "handover", at, f"{external_userid}/{nth}", external_userid=external_userid, nth=nth, refused=refused is not None)

    def end(self, db: sqlite3.Connection, external_userid: str, nth: int, at: float, *, refused: bool) -> None:
        """The relation moves, or it is told why not. One who has left the old member refuses; a new member who has left counts as full."""
        row = self._row(db, external_userid, nth)
        old = db.execute("select * from follow where userid = ? and external_userid = ?", (row["handover"], external_userid)).fetchone()
        gone = db.execute("select status = 5 from staff where userid = ?", (row["takeover"],)).fetchone()[0]
        if refused or old["left_by_customer_at"] is not None or old["left_by_staff_at"] is not None:
            status: int = Handover.REFUSED
        elif gone or self._corp.is_full(db, row["takeover"]):
            status = Handover.FULL
        else:
            status = Handover.DONE
            self._move(db, row, old, at)
        db.execute("update handover set status = ?, due_at = ? where external_userid = ? and nth = ?", (status, at, external_userid, nth))
        if status != Handover.DONE:
            self._tell("transfer_fail", row["takeover"], external_userid, at, FailReason=_REASONS[status])

    def _move(self, db: sqlite3.Connection, row: sqlite3.Row, old: sqlite3.Row, at: float) -> None:
        """What the old member noted goes along; a new member who is a friend already keeps their own notes."""
        handover, takeover, external_userid = row["handover"], row["takeover"], row["external_userid"]
        pair = (takeover, external_userid)
        friends = "select 1 from follow where userid = ? and external_userid = ? and left_by_customer_at is null and left_by_staff_at is null"
        if not db.execute(friends, pair).fetchone():
            met = "select 1 from handover where external_userid = ?2 and status = 1 and ?1 in (handover, takeover)"
            new = not db.execute(met, pair).fetchone()
            noted = [old[name] for name in ("remark", "description", "remark_company", "remark_mobiles")]
            db.execute(
                """
                insert or replace into follow
                    (userid, external_userid, remark, description, remark_company, remark_mobiles, created_at, add_way, oper_userid, talked_at)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                (*pair, *noted, at, _ASSIGNED, _ADMINISTRATOR, at),
            )
            db.execute(
                "insert or ignore into follow_tag select ?1, external_userid, tag_id from follow_tag where userid = ?3 and external_userid = ?2",
                (*pair, handover),
            )
            if new:
                self._tell("add_external_contact", takeover, external_userid, at)
        db.execute("update follow set left_by_staff_at = ? where userid = ? and external_userid = ?", (at, handover, external_userid))
        if not row["resigned"]:
            self._tell("del_external_contact", handover, external_userid, at, Source="DELETE_BY_TRANSFER")

    def _tell(self, change: str, userid: str, external_userid: str, at: float, **elements: str) -> None:
        self._corp.pushes.send(f"change_external_contact/{change}", {"UserID": userid, "ExternalUserID": external_userid, **elements}, business=at)

    def _row(self, db: sqlite3.Connection, external_userid: str, nth: int) -> sqlite3.Row:
        row: sqlite3.Row = db.execute("select * from handover where external_userid = ? and nth = ?", (external_userid, nth)).fetchone()
        return row
