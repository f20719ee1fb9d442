"""客户朋友圈: made here as jobs, published by members, seen by their customers."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure, reason_of
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.media import require
from siyu.connectors.wecom.sandbox.corp import subtree
from siyu.connectors.wecom.sandbox.cursors import seal, unseal
from siyu.connectors.wecom.sandbox.days import DAY

_SINGLE = ("video", "link")
_STARTED, _RUNNING, _DONE = 1, 2, 3
_CORP, _MEMBER, _ALL = 0, 1, 2


def add_moment_task(call: Call) -> dict[str, Any]:
    """A job; the moment stands a moment later. Senders and tags that are not valid are told by its result."""
    limits = call.corp.settings.limits
    text, attachments = _content(call)
    with call.corp.books.write() as db:
        recent = db.execute("select count(*) from moment_job where created_machine > ?", (call.machine - 60,)).fetchone()[0]
        if recent >= limits.moment_jobs_per_minute:
            raise Failure(41078)
        senders, tags, invalid = _range(call, db)
        number = call.corp.books.serial("moment")
        jobid, moment_id = call.corp.draws.letters(32, "moment job", number), "mom" + call.corp.draws.letters(29, "moment", number)
        ready_at = call.now + limits.moment_job_seconds
        if senders:
            link = next((str(item["link"]["url"]) for item in attachments if item["msgtype"] == "link"), None)
            row = (moment_id, call.app.agent_id, "", call.now, ready_at, text, json.dumps(attachments, ensure_ascii=False), link, json.dumps(tags))
            db.execute("insert into moment values (?, ?, ?, ?, ?, ?, ?, ?, ?, null)", row)
            db.executemany("insert into moment_task (moment_id, userid) values (?, ?)", [(moment_id, userid) for userid in senders])
            if call.corp.watcher:
                call.corp.watcher.moment_asked(db, moment_id)
        outcome = {"errcode": 0, "errmsg": "ok", "moment_id": moment_id} if senders else {"errcode": 41048, "errmsg": reason_of(41048)}
        db.execute(
            "insert into moment_job values (?, ?, ?, ?, ?, ?)",
            (jobid, call.app.agent_id, call.now, call.machine, ready_at, json.dumps(outcome | invalid)),
        )
    return {"jobid": jobid}


def _content(call: Call) -> tuple[str | None, list[dict[str, Any]]]:
    """Text, and pictures or one video or one link."""
    limits = call.corp.settings.limits
    text, attachments = call.inner("text").text("content"), call.rows("attachments")
    if len(text) > limits.moment_text:
        raise Failure(40058, "invalid text size")
    kinds = {str(item.get("msgtype")) for item in attachments}
    if not kinds <= {"image", *_SINGLE} or len(kinds) > 1:
        raise Failure(40058, "invalid attachments msgtype")
    if len(attachments) > (1 if kinds & {*_SINGLE} else limits.moment_attachments):
        raise Failure(40058, "invalid attachments size")
    for item in attachments:
        part = call.part(item).inner(str(item["msgtype"]))
        if item["msgtype"] == "link":
            part.text("url", missing=40058)
            part.address("url")
            if not 1 <= len(part.text("title").encode()) <= limits.moment_link_title_bytes:
                raise Failure(40058, "link.title")
        with call.corp.books.read() as db:
            require(call, db, part.text("media_id", missing=40007), "video" if item["msgtype"] == "video" else "image", "moment")
    if not text and not attachments:
        raise Failure(40058, "invalid msg")
    return text or None, attachments


def _range(call: Call, db: sqlite3.Connection) -> tuple[list[str], list[str], dict[str, Any]]:
    """(members who are to publish, tags of the customers who are to see it, what was not valid)."""
    visible = call.inner("visible_range")
    senders, customers = visible.inner("sender_list"), visible.inner("external_contact_list")
    users, departments, tags = senders.texts("user_list"), senders.numbers("department_list"), customers.texts("tag_list")
    if len(users) > call.corp.settings.limits.moment_users:
        raise Failure(40058, "user_list")
    rows = db.execute("select userid, departments from staff where follows_customers = 1 and status = 1").fetchall()
    seen = call.corp.visible_staff(call.app, db)
    able = {row["userid"]: set(json.loads(row["departments"])) for row in rows if row["userid"] in seen}
    known = {row["id"] for row in db.execute("select id from tag")}
    within = call.corp.visible_departments(call.app, db)
    invalid = {
        "invalid_sender_list": {"user_list": [id for id in users if id not in able], "department_list": [id for id in departments if id not in within]},
        "invalid_external_contact_list": {"tag_list": [id for id in tags if id not in known]},
    }
    valid = [id for id in tags if id in known]
    if tags and not valid:
        return [], [], invalid
    if users or departments:
        below = {id for department in departments if department in within for id in subtree(db, department)}
        chosen = {userid for userid, own in able.items() if userid in set(users) or below & own}
    elif valid:
        followers = """
            select distinct userid from follow_tag join follow using (userid, external_userid)
            where tag_id in (select value from json_each(?)) and left_by_staff_at is null
        """
        chosen = {row["userid"] for row in db.execute(followers, (json.dumps(valid),))} & able.keys()
    else:
        chosen = set(able)
    return sorted(chosen), valid, invalid


def get_moment_task_result(call: Call) -> dict[str, Any]:
    jobid = call.text("jobid", missing=40058)
    with call.corp.books.read() as db:
        job = db.execute("select * from moment_job where jobid = ? and agent_id = ?", (jobid, call.app.agent_id)).fetchone()
    if job is None or job["created_at"] <= call.now - call.corp.settings.limits.moment_job_kept_seconds:
        raise Failure(40088)
    if call.now >= job["ready_at"]:
        return {"status": _DONE, "type": "add_moment_task", "result": json.loads(job["result"])}
    return {"status": _STARTED if call.now < (job["created_at"] + job["ready_at"]) / 2 else _RUNNING, "type": "add_moment_task"}


def cancel_moment_task(call: Call) -> dict[str, Any]:
    """Stops what members have not published yet; what is published stays."""
    with call.corp.books.write() as db:
        moment = _of_the_corp(call, db)
        if moment["ready_at"] > call.now:
            raise Failure(41079)
        db.execute("update moment set cancelled_at = coalesce(cancelled_at, ?) where moment_id = ?", (call.now, moment["moment_id"]))
    return {}


def get_moment_list(call: Call) -> dict[str, Any]:
    """Newest first, between two instants that are not part of it."""
    limits = call.corp.settings.limits
    start, end = call.number("start_time", missing=40058), call.number("end_time", missing=40058)
    assert start is not None and end is not None
    if not 0 <= end - start <= limits.moments_span_days * DAY:
        raise Failure(40058, "start_time")
    kind = call.number("filter_type")
    kind = _ALL if kind is None else kind
    if kind not in (_CORP, _MEMBER, _ALL):
        raise Failure(40058, "filter_type")
    page = call.page(limits.moments_page, limits.moments_page)
    after = unseal(call.path, call.text("cursor")) or [end, ""]
    with call.corp.books.read() as db:
        rows = db.execute(
            """
            select * from moment
            where created_at > :start and ready_at <= :now and (created_at, moment_id) < (:at, :id)
              and (:kind = 2 or (creator <> '') = :kind) and (:creator = '' or creator = :creator)
              and (creator = '' or creator in (select value from json_each(:seen)))
            order by created_at desc, moment_id desc limit :limit
            """,
            {
                "start": start,
                "now": call.now,
                "at": after[0],
                "id": after[1],
                "kind": kind,
                "creator": call.text("creator"),
                "seen": _seen(call, db),
                "limit": page + 1,
            },
        ).fetchall()
    return {"moment_list": [_listed(row) for row in rows[:page]], "next_cursor": _next(call, rows, page, "created_at", "moment_id")}


def _seen(call: Call, db: sqlite3.Connection) -> str:
    """Members in the app's range, still here or not, as a JSON list."""
    return json.dumps(sorted(call.corp.visible_staff(call.app, db) | call.corp.former_staff(call.app, db)))


def _listed(row: sqlite3.Row) -> dict[str, Any]:
    listed: dict[str, Any] = {
        "moment_id": row["moment_id"],
        "create_time": int(row["created_at"]),
        "create_type": _MEMBER if row["creator"] else _CORP,
        "visible_type": 0 if json.loads(row["tags"]) else 1,
    }
    attachments = json.loads(row["attachments"])
    images = [{"media_id": item["image"]["media_id"]} for item in attachments if item["msgtype"] == "image"]
    listed |= {"creator": row["creator"]} if row["creator"] else {}
    listed |= {"text": {"content": row["text"]}} if row["text"] else {}
    listed |= {"image": images} if images else {}
    for item in attachments:
        if item["msgtype"] == "video":
            listed["video"] = {"media_id": item["video"]["media_id"], "thumb_media_id": item["video"]["media_id"]}
        if item["msgtype"] == "link":
            listed["link"] = {"title": item["link"]["title"], "url": item["link"]["url"]}
    return listed


def get_moment_task(call: Call) -> dict[str, Any]:
    """Who has published; of moments of the corp only."""
    limits = call.corp.settings.limits
    page = call.page(limits.results_page_default, limits.results_page_max)
    after = unseal(call.path, call.text("cursor")) or [""]
    with call.corp.books.read() as db:
        moment = _of_the_corp(call, db)
        rows = db.execute(
            "select * from moment_task where moment_id = ? and userid > ? and userid in (select value from json_each(?)) order by userid limit ?",
            (moment["moment_id"], after[0], _seen(call, db), page + 1),
        ).fetchall()
    tasks = [{"userid": row["userid"], "publish_status": int(row["published_at"] is not None)} for row in rows[:page]]
    return {"task_list": tasks, "next_cursor": _next(call, rows, page, "userid")}


def get_moment_customer_list(call: Call) -> dict[str, Any]:
    """Whom a member chose when publishing."""
    limits = call.corp.settings.limits
    page = call.page(limits.results_page_default, limits.results_page_max)
    rows = _customers(call, page, only_seen=False)
    found = [{"userid": row["userid"], "external_userid": row["external_userid"]} for row in rows[:page]]
    return {"customer_list": found, "next_cursor": _next(call, rows, page, "external_userid")}


def get_moment_send_result(call: Call) -> dict[str, Any]:
    """Those of them who can see it."""
    limits = call.corp.settings.limits
    page = call.page(limits.moment_receivers_page_default, limits.moment_receivers_page_max)
    rows = _customers(call, page, only_seen=True)
    found = [{"external_userid": row["external_userid"]} for row in rows[:page]]
    return {"customer_list": found, "next_cursor": _next(call, rows, page, "external_userid")}


def _customers(call: Call, page: int, *, only_seen: bool) -> list[sqlite3.Row]:
    after = unseal(call.path, call.text("cursor")) or [""]
    with call.corp.books.read() as db:
        return db.execute(
            """
            select * from moment_customer
            where moment_id = ? and userid = ? and external_userid > ? and (? = 0 or seen_from is not null)
            order by external_userid limit ?
            """,
            (*_published(call, db), after[0], int(only_seen), page + 1),
        ).fetchall()


def get_moment_comments(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        rows = db.execute("select * from moment_reaction where moment_id = ? and userid = ? order by at, external_userid", _published(call, db)).fetchall()

    def reactions(kind: str) -> list[dict[str, Any]]:
        return [{"external_userid": row["external_userid"], "create_time": int(row["at"])} for row in rows if row["kind"] == kind]

    return {"comment_list": reactions("comment"), "like_list": reactions("like")}


def _moment(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute("select * from moment where moment_id = ?", (call.text("moment_id", missing=41059),)).fetchone()
    if row is None:
        raise Failure(41060)
    return row


def _of_the_corp(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    row = _moment(call, db)
    if row["creator"]:
        raise Failure(41067)
    return row


def _published(call: Call, db: sqlite3.Connection) -> tuple[str, str]:
    """(moment, member) of something that member has published. Fails with 41061 or 41062."""
    moment = _moment(call, db)
    userid = call.corp.require_known(call.app, db, call.text("userid", missing=40003))
    task = db.execute("select published_at from moment_task where moment_id = ? and userid = ?", (moment["moment_id"], userid)).fetchone()
    if task is None:
        raise Failure(41061)
    if task["published_at"] is None:
        raise Failure(41062)
    return moment["moment_id"], userid


def _next(call: Call, rows: list[sqlite3.Row], page: int, *key: str) -> str:
    return seal(call.path, [rows[page - 1][name] for name in key]) if len(rows) > page else ""


CALLS = {
    "externalcontact/add_moment_task": Contract("POST", add_moment_task, "customer"),
    "externalcontact/get_moment_task_result": Contract("GET", get_moment_task_result, "customer", either=True),
    "externalcontact/cancel_moment_task": Contract("POST", cancel_moment_task, "customer"),
    "externalcontact/get_moment_list": Contract("POST", get_moment_list, "customer"),
    "externalcontact/get_moment_task": Contract("POST", get_moment_task, "customer"),
    "externalcontact/get_moment_customer_list": Contract("POST", get_moment_customer_list, "customer"),
    "externalcontact/get_moment_send_result": Contract("POST", get_moment_send_result, "customer"),
    "externalcontact/get_moment_comments": Contract("POST", get_moment_comments, "customer"),
}
