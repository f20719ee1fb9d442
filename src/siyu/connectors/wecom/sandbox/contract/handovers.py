"""继承: customers go from one member to another, from one who stays or from one who has left."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.cursors import seal, unseal
from siyu.connectors.wecom.sandbox.days import DAY
from siyu.connectors.wecom.sandbox.statuses import Handover

_YEAR = 365 * DAY


def transfer_customer(call: Call) -> dict[str, Any]:
    """Each customer is asked; who does not refuse has moved a day later."""
    message = call.text("transfer_success_msg")
    if len(message) > call.corp.settings.limits.handover_message:
        raise Failure(40058, "transfer_success_msg")
    with call.corp.books.write() as db:
        handover = call.corp.require_staff(call.app, db, call.text("handover_userid", missing=41009))
        takeover = taker(call, db, call.text("takeover_userid", missing=41009))
        if handover == takeover:
            raise Failure(40130)
        return _started(call, db, handover, takeover, message, resigned=False)


def resigned_transfer_customer(call: Call) -> dict[str, Any]:
    """The same for the customers of a member who has left within a year."""
    with call.corp.books.write() as db:
        handover = call.text("handover_userid", missing=41009)
        if handover not in call.corp.former_staff(call.app, db):
            call.corp.require_staff(call.app, db, handover)
            raise Failure(40097)
        left_at = db.execute("select coalesce(left_at, 0) from staff where userid = ?", (handover,)).fetchone()[0]
        if left_at <= call.now - _YEAR:
            raise Failure(40205)
        takeover = taker(call, db, call.text("takeover_userid", missing=41009))
        return _started(call, db, handover, takeover, "", resigned=True)


def transfer(call: Call) -> dict[str, Any]:
    """The retired call of older clients: one customer, of a member who stays or who has left."""
    customers = [call.text("external_userid", missing=41035)]
    with call.corp.books.read() as db:
        left = call.text("handover_userid", missing=41009) in call.corp.former_staff(call.app, db)
    (row,) = (resigned_transfer_customer if left else transfer_customer)(call.part({**call.fields, "external_userid": customers}))["customer"]
    if row["errcode"]:
        raise Failure(row["errcode"])
    return {}


def taker(call: Call, db: sqlite3.Connection, userid: str) -> str:
    """A member who may take customers and groups. Fails with 60111, 60011 or 84074."""
    userid = call.corp.require_staff(call.app, db, userid)
    if not db.execute("select 1 from staff where userid = ? and follows_customers = 1 and status = 1", (userid,)).fetchone():
        raise Failure(84074)
    return userid


def _started(call: Call, db: sqlite3.Connection, handover: str, takeover: str, message: str, *, resigned: bool) -> dict[str, Any]:
    wanted = list(dict.fromkeys(call.texts("external_userid")))
    if not wanted:
        raise Failure(41035)
    if len(wanted) > call.corp.settings.limits.handover_customers:
        raise Failure(40058, "external_userid")
    rows = []
    for external_userid in wanted:
        code = _hindrance(call, db, handover, takeover, external_userid, resigned=resigned)
        if not code:
            _start(call, db, handover, takeover, external_userid, message, resigned=resigned)
        rows.append({"external_userid": external_userid, "errcode": code})
    return {"customer": rows}


def _hindrance(call: Call, db: sqlite3.Connection, handover: str, takeover: str, external_userid: str, *, resigned: bool) -> int:
    """Why this customer cannot be handed over now, as a code; 0 when nothing is in the way."""
    limits = call.corp.settings.limits
    if not db.execute("select 1 from customer where external_userid = ?", (external_userid,)).fetchone():
        return 40096
    standing = "select 1 from follow where userid = ? and external_userid = ? and left_by_staff_at is null"
    if not db.execute(standing, (handover, external_userid)).fetchone():
        return 40131
    past = db.execute("select * from handover where external_userid = ?", (external_userid,)).fetchall()
    running = [row["handover"] for row in past if row["status"] == Handover.WAITING]
    if running:
        return 40129 if handover in running else 40100
    recent = [row for row in past if row["status"] == Handover.DONE and not row["resigned"] and row["due_at"] > call.now - 90 * DAY]
    if not resigned and len(recent) >= limits.handovers_in_90_days:
        return 40128
    return 40099 if call.corp.is_full(db, takeover) else 0


def _start(call: Call, db: sqlite3.Connection, handover: str, takeover: str, external_userid: str, message: str, *, resigned: bool) -> None:
    nth = db.execute("select count(*) from handover where external_userid = ?", (external_userid,)).fetchone()[0]
    due_at = call.now + call.corp.settings.limits.handover_seconds
    db.execute(
        "insert into handover values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (external_userid, nth, int(resigned), handover, takeover, call.now, due_at, Handover.WAITING, message),
    )
    if call.corp.watcher:
        call.corp.watcher.handed_over(db, external_userid, nth)


def transfer_result(call: Call) -> dict[str, Any]:
    return _results(call, resigned=False)


def resigned_transfer_result(call: Call) -> dict[str, Any]:
    return _results(call, resigned=True)


def _results(call: Call, *, resigned: bool) -> dict[str, Any]:
    """The last outcome of each customer between two members; while it waits, `takeover_time` lies ahead."""
    page = call.corp.settings.limits.handover_page
    after = unseal(call.path, call.text("cursor")) or [""]
    with call.corp.books.read() as db:
        handover, takeover = (call.corp.require_known(call.app, db, call.text(name, missing=41009)) for name in ("handover_userid", "takeover_userid"))
        rows = db.execute(
            """
            select external_userid, status, due_at, max(nth) from handover
            where handover = ? and takeover = ? and resigned = ? and external_userid > ?
            group by external_userid order by external_userid limit ?
            """,
            (handover, takeover, int(resigned), after[0], page + 1),
        ).fetchall()
    found = [{"external_userid": row["external_userid"], "status": row["status"], "takeover_time": int(row["due_at"])} for row in rows[:page]]
    return {"customer": found, "next_cursor": seal(call.path, [rows[page - 1]["external_userid"]]) if len(rows) > page else ""}


def get_unassigned_list(call: Call) -> dict[str, Any]:
    """Customers of those who have left within a year and who are not being handed over, the latest leavers first. By cursor, or by page number."""
    limits = call.corp.settings.limits
    size = min(call.number("page_size") or limits.unassigned_page, limits.unassigned_page)
    if size < 1:
        raise Failure(40058, "page_size")
    after = unseal(call.path, call.text("cursor"))
    by_page = after is None and call.number("page_id") is not None
    first = (call.number("page_id") or 0) * size if by_page else 0
    if not 0 <= first < limits.unassigned_rows_by_page:
        raise Failure(40058, "page_id")
    with call.corp.books.read() as db:
        visible = call.corp.former_staff(call.app, db)
        rows = db.execute(
            """
            select f.userid, f.external_userid, s.left_at from follow f join staff s using (userid)
            where f.userid in (select value from json_each(?)) and s.left_at > ? and f.left_by_staff_at is null
              and not exists (select 1 from handover h where h.external_userid = f.external_userid and h.handover = f.userid and h.status = ?)
              and (-s.left_at, f.userid, f.external_userid) > (?, ?, ?)
            order by s.left_at desc, f.userid, f.external_userid limit ? offset ?
            """,
            (json.dumps(sorted(visible)), call.now - _YEAR, Handover.WAITING, *(after or [-1e12, "", ""]), size + 1, first),
        ).fetchall()
    found = [{"handover_userid": row["userid"], "external_userid": row["external_userid"], "dimission_time": int(row["left_at"])} for row in rows[:size]]
    answer: dict[str, Any] = {"info": found, "is_last": len(rows) <= size}
    if not by_page:
        last = rows[size - 1] if len(rows) > size else None
        answer["next_cursor"] = seal(call.path, [-last["left_at"], last["userid"], last["external_userid"]]) if last else ""
    return answer


CALLS = {
    "externalcontact/transfer": Contract("POST", transfer, "customer"),
    "externalcontact/transfer_customer": Contract("POST", transfer_customer, "customer"),
    "externalcontact/transfer_result": Contract("POST", transfer_result, "customer"),
    "externalcontact/get_unassigned_list": Contract("POST", get_unassigned_list, "customer"),
    "externalcontact/resigned/transfer_customer": Contract("POST", resigned_transfer_customer, "customer"),
    "externalcontact/resigned/transfer_result": Contract("POST", resigned_transfer_result, "customer"),
}
