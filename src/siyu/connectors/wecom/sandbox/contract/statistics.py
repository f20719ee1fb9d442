"""统计: groups by owner and by day, members by day, counted in the books."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.corp import subtree
from siyu.connectors.wecom.sandbox.days import DAY, start_of_day

_ORDER = {1: "new_chat_cnt", 2: "chat_total", 3: "new_member_cnt", 4: "member_total"}


def groupchat_statistic(call: Call) -> dict[str, Any]:
    """Owners of groups over all days of the span, paged by `offset`."""
    limits = call.corp.settings.limits
    first, last = _group_days(call)
    order = _ORDER.get(call.number("order_by") or 1)
    offset, limit = call.number("offset") or 0, call.number("limit") or limits.statistic_page_default
    if order is None or offset < 0 or not 1 <= limit <= limits.statistic_page_max:
        raise Failure(40058, "order_by" if order is None else "limit")
    with call.corp.books.read() as db:
        items = [(owner, _groups(db, [owner], first, last + DAY)) for owner in _owners(call, db) if _owns(db, owner, last + DAY)]
    ascending = call.number("order_asc") == 1
    items.sort(key=lambda item: ((1 if ascending else -1) * item[1][order], item[0]))
    page = [{"owner": owner, "data": data} for owner, data in items[offset : offset + limit]]
    return {"total": len(items), "next_offset": min(offset + limit, len(items)), "items": page}


def groupchat_statistic_group_by_day(call: Call) -> dict[str, Any]:
    """All owners together, day by day."""
    first, last = _group_days(call)
    with call.corp.books.read() as db:
        owners = _owners(call, db)
        return {"items": [{"stat_time": day, "data": _groups(db, owners, day, day + DAY)} for day in range(first, last + 1, DAY)]}


def _group_days(call: Call) -> tuple[int, int]:
    """First and last day; figures are ready for whole days that are over."""
    begin = call.number("day_begin_time", missing=40058)
    assert begin is not None
    end = call.number("day_end_time")
    first, last = _days(call, begin, begin if end is None else end, "day_begin_time")
    if last >= start_of_day(call.now):
        raise Failure(40058, "day_end_time")
    return first, last


def _days(call: Call, begin: int, end: int, name: str) -> tuple[int, int]:
    limits = call.corp.settings.limits
    first, last = start_of_day(begin), start_of_day(end)
    if not 0 <= last - first <= limits.statistic_span_days * DAY or first < start_of_day(call.now) - limits.statistic_days_back * DAY:
        raise Failure(40058, name)
    return first, last


def _owners(call: Call, db: sqlite3.Connection) -> list[str]:
    wanted = call.inner("owner_filter").texts("userid_list")
    if not 1 <= len(wanted) <= call.corp.settings.limits.statistic_people:
        raise Failure(40058, "owner_filter")
    return sorted({call.corp.require_known(call.app, db, userid) for userid in wanted})


def _owns(db: sqlite3.Connection, owner: str, end: int) -> bool:
    return db.execute("select 1 from chat where owner = ? and created_at < ?", (owner, end)).fetchone() is not None


def _groups(db: sqlite3.Connection, owners: Sequence[str], start: int, end: int) -> dict[str, int]:
    """Figures of [start, end); totals are those at its end. Groups count for the owner they have now."""
    row = db.execute(
        """
        with own as (select * from chat where owner in (select value from json_each(:owners)) and created_at < :end),
        standing as (select chat_id from own where dismissed_at is null or dismissed_at >= :end),
        inside as (select m.* from chat_member m join own using (chat_id) where m.joined_at < :end),
        said as (select m.* from chat_message m join own using (chat_id) where m.at >= :start and m.at < :end)
        select
            (select count(*) from own where created_at >= :start) as new_chat_cnt,
            (select count(*) from standing) as chat_total,
            (select count(distinct chat_id) from said) as chat_has_msg,
            (select count(*) from inside where joined_at >= :start) as new_member_cnt,
            (select count(*) from inside join standing using (chat_id) where left_at is null or left_at >= :end) as member_total,
            (select count(*) from (select distinct chat_id, userid from said)) as member_has_msg,
            (select count(*) from said) as msg_total
        """,
        {"owners": json.dumps(owners), "start": start, "end": end},
    ).fetchone()
    return dict(row)


def get_user_behavior_data(call: Call) -> dict[str, Any]:
    """One summed series for all who are asked for. Days that are not over yet are left out."""
    start, end = call.number("start_time", missing=40058), call.number("end_time", missing=40058)
    assert start is not None and end is not None
    first, last = _days(call, start, end, "start_time")
    with call.corp.books.read() as db:
        people = _people(call, db)
        days = [day for day in range(first, last + 1, DAY) if day + DAY <= call.now]
        return {"behavior_data": [{"stat_time": day, **_behaviour(db, people, day)} for day in days]}


def _people(call: Call, db: sqlite3.Connection) -> list[str]:
    most = call.corp.settings.limits.statistic_people
    users, parties = call.texts("userid"), call.numbers("partyid")
    if (not users and not parties) or max(len(users), len(parties)) > most:
        raise Failure(40058, "userid")
    found = {call.corp.require_staff(call.app, db, userid) for userid in users}
    visible = call.corp.visible_departments(call.app, db)
    below: set[int] = set()
    for id in parties:
        tree = subtree(db, id)
        if id not in visible:
            raise Failure(60011 if tree else 60003)
        below.update(tree)
    rows = db.execute("select userid, departments from staff where status <> 5").fetchall()
    return sorted(found | {row["userid"] for row in rows if below & set(json.loads(row["departments"]))})


def _behaviour(db: sqlite3.Connection, people: Sequence[str], day: int) -> dict[str, Any]:
    """Figures of one day. A chat counts as answered when it is on the same day; share and time are left out when no customer wrote."""
    row = db.execute(
        """
        with theirs as (select * from follow where userid in (select value from json_each(:people))),
        told as (select * from reply where userid in (select value from json_each(:people))),
        answers as (
            select userid, external_userid, answered_at as at from told where answered_at >= :start and answered_at < :end
            union
            select userid, external_userid, at from member_message
            where userid in (select value from json_each(:people)) and at >= :start and at < :end
        ),
        asked as (
            select min(at) as at, min(case when answered_at < :end then answered_at end) as answered_at
            from told where at >= :start and at < :end group by userid, external_userid
        )
        select
            (select count(*) from theirs where created_at >= :start and created_at < :end and oper_userid = userid) as new_apply_cnt,
            (select count(*) from theirs where created_at >= :start and created_at < :end) as new_contact_cnt,
            (select count(*) from (select distinct userid, external_userid from answers)) as chat_cnt,
            (select count(*) from answers) as message_cnt,
            (select 100.0 * count(answered_at) / count(*) from asked) as reply_percentage,
            (select avg(answered_at - at) / 60 from asked) as avg_reply_time,
            (select count(*) from theirs where left_by_customer_at >= :start and left_by_customer_at < :end) as negative_feedback_cnt
        """,
        {"people": json.dumps(people), "start": day, "end": day + DAY},
    ).fetchone()
    rounded = {"reply_percentage": round(row["reply_percentage"] or 0, 2), "avg_reply_time": round(row["avg_reply_time"] or 0)}
    return {name: rounded.get(name, value) for name, value in dict(row).items() if value is not None}


CALLS = {
    "externalcontact/groupchat/statistic": Contract("POST", groupchat_statistic, "customer"),
    "externalcontact/groupchat/statistic_group_by_day": Contract("POST", groupchat_statistic_group_by_day, "customer"),
    "externalcontact/get_user_behavior_data": Contract("POST", get_user_behavior_data, "customer"),
}
