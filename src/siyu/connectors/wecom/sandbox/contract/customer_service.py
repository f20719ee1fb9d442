"""微信客服: accounts, who answers for them, and what customers write."""

import json
import re
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.media import require
from siyu.connectors.wecom.sandbox.cursors import seal, unseal
from siyu.connectors.wecom.sandbox.customer_service import BOT, FROM_APP, NEW, OVER, PERSON, QUEUE, Line, code_for, note, servicers_of

_CHANGES = {NEW: (BOT, QUEUE, PERSON, OVER), BOT: (QUEUE, PERSON, OVER), QUEUE: (PERSON, OVER), PERSON: (QUEUE, PERSON, OVER)}
_KINDS = ("text", "image", "voice", "video", "file", "link", "miniprogram", "msgmenu", "location", "business_card", "ca_link")
_NAME, _MENU, _TEXT_BYTES = 16, 10, 2048
_SERVICERS, _DEPARTMENTS = 100, 20
_SCENE = re.compile(r"[0-9a-zA-Z_-]{0,32}")
_HOUR = 3600


def account_add(call: Call) -> dict[str, Any]:
    name, media_id = _name(call), call.text("media_id", missing=41006)
    with call.corp.books.write() as db:
        require(call, db, media_id, "image")
        if db.execute("select count(*) from kf_account where deleted_at is null").fetchone()[0] >= call.corp.settings.limits.kf_accounts:
            raise Failure(95005)
        open_kfid = "wk" + call.corp.draws.letters(30, "kf account", call.corp.books.serial("kf_account"))
        db.execute("insert into kf_account values (?, ?, ?, ?, null)", (open_kfid, name, media_id, call.now))
    return {"open_kfid": open_kfid}


def account_list(call: Call) -> dict[str, Any]:
    offset, page = call.number("offset") or 0, call.page(100, 100)
    if offset < 0:
        raise Failure(40058, "offset")
    with call.corp.books.read() as db:
        rows = db.execute("select * from kf_account where deleted_at is null order by created_at, open_kfid limit ? offset ?", (page, offset)).fetchall()
    return {
        "account_list": [
            {"open_kfid": row["open_kfid"], "name": row["name"], "avatar": f"https://wework.qpic.cn/wwpic/{row['media_id']}/0", "manage_privilege": True}
            for row in rows
        ]
    }


def account_del(call: Call) -> dict[str, Any]:
    with call.corp.books.write() as db:
        db.execute("update kf_account set deleted_at = ? where open_kfid = ?", (call.now, _account(call, db)["open_kfid"]))
    return {}


def account_update(call: Call) -> dict[str, Any]:
    """What is given replaces what was."""
    with call.corp.books.write() as db:
        open_kfid = _account(call, db)["open_kfid"]
        if "name" in call.fields:
            db.execute("update kf_account set name = ? where open_kfid = ?", (_name(call), open_kfid))
        if "media_id" in call.fields:
            require(call, db, call.text("media_id", missing=41006), "image")
            db.execute("update kf_account set media_id = ? where open_kfid = ?", (call.text("media_id"), open_kfid))
    return {}


def add_contact_way(call: Call) -> dict[str, Any]:
    """The same address for the same scene."""
    scene = call.text("scene")
    if not _SCENE.fullmatch(scene):
        raise Failure(40058, "scene")
    with call.corp.books.write() as db:
        open_kfid = _account(call, db)["open_kfid"]
        code = "kf" + call.corp.draws.letters(24, "kf way", open_kfid, scene)
        db.execute("insert or ignore into kf_way values (?, ?, ?)", (code, open_kfid, scene))
    return {"url": f"https://work.weixin.qq.com/kf/{code}"}


def servicer_add(call: Call) -> dict[str, Any]:
    users, parties = _asked(call)
    with call.corp.books.write() as db:
        open_kfid = _account(call, db)["open_kfid"]
        able = {row["userid"] for row in db.execute("select userid from staff where status = 1")}
        visible, departments = call.corp.visible_staff(call.app, db), call.corp.visible_departments(call.app, db)
        results: list[dict[str, Any]] = []
        for userid in call.corp.as_written(db, users):
            code = 0 if userid in able & visible else 60111 if userid not in visible else 95014
            results.append(_row(code, userid=userid))
            if not code:
                db.execute("insert or ignore into kf_servicer values (?, ?, 0, 0)", (open_kfid, userid))
        for id in parties:
            code = 0 if id in departments else 60003
            results.append(_row(code, department_id=id))
            if not code:
                db.execute("insert or ignore into kf_servicer values (?, '', ?, 0)", (open_kfid, id))
    return {"result_list": results}


def servicer_del(call: Call) -> dict[str, Any]:
    users, parties = _asked(call)
    with call.corp.books.write() as db:
        open_kfid = _account(call, db)["open_kfid"]
        gone = "delete from kf_servicer where open_kfid = ? and userid = ? and department_id = ?"
        results = [_row(0 if db.execute(gone, (open_kfid, userid, 0)).rowcount else 95014, userid=userid) for userid in call.corp.as_written(db, users)]
        results += [_row(0 if db.execute(gone, (open_kfid, "", id)).rowcount else 95014, department_id=id) for id in parties]
    return {"result_list": results}


def servicer_list(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        open_kfid = _account(call, db)["open_kfid"]
        rows = db.execute("select * from kf_servicer where open_kfid = ? order by department_id, userid", (open_kfid,)).fetchall()
    told = [{"userid": row["userid"], "status": row["status"]} if row["userid"] else {"department_id": row["department_id"]} for row in rows]
    return {"servicer_list": told}


def service_state_get(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        session = _session(call, db, "external_userid")
    if session is None:
        return {"service_state": NEW}
    return {"service_state": session["state"]} | ({"servicer_userid": session["servicer"]} if session["state"] == PERSON else {})


def service_state_trans(call: Call) -> dict[str, Any]:
    """Changes by an app call nothing back; entering queue, person or end gives a code for one answer."""
    state = call.number("service_state", missing=40058)
    with call.corp.books.write() as db:
        session = _session(call, db, "external_userid")
        if session is None or session["state"] == OVER:
            raise Failure(95013)
        if state not in _CHANGES[session["state"]]:
            raise Failure(95016)
        servicer = call.text("servicer_userid") if state == PERSON else ""
        if state == PERSON:
            _require_servicer(call, db, session["open_kfid"], servicer)
        pair = (session["open_kfid"], session["external_userid"])
        db.execute("update kf_session set state = ?, servicer = ? where open_kfid = ? and external_userid = ?", (state, servicer, *pair))
        if state == BOT:
            return {}
        return {"msg_code": code_for(call.corp, db, *pair, "answer")}


def sync_msg(call: Call) -> dict[str, Any]:
    """What customers and servicers wrote and what happened, in order. `has_more` alone says whether to go on."""
    limits = call.corp.settings.limits
    if call.number("voice_format") not in (None, 0, 1):
        raise Failure(40058, "voice_format")
    after = (unseal(call.path, call.text("cursor")) or [0])[0]
    page = call.page(1000, 1000)
    with call.corp.books.read() as db:
        account = _account(call, db)["open_kfid"] if call.text("open_kfid") else ""
        if call.text("token"):
            row = db.execute("select * from kf_token where token = ?", (call.text("token"),)).fetchone()
            if row is None or call.machine - row["given_machine"] > limits.kf_token_seconds or (account and row["open_kfid"] != account):
                raise Failure(95007)
        else:
            call.corp.rates.within(call.path, "without token", limits.kf_sync_without_token_per_hour, _HOUR, call.machine)
        rows = db.execute(
            """
            select m.* from kf_message m
            where m.seq > ?1 and m.origin <> ?2 and m.at > ?3 and (?4 = '' or m.open_kfid = ?4) order by m.seq limit ?5
            """,
            (after, FROM_APP, call.now - limits.kf_kept_seconds, account, page + 1),
        ).fetchall()
    last = rows[min(page, len(rows)) - 1]["seq"] if rows else after
    return {"next_cursor": seal(call.path, [last]), "has_more": int(len(rows) > page), "msg_list": [_message(row) for row in rows[:page]]}


def _message(row: sqlite3.Row) -> dict[str, Any]:
    told = {"msgid": row["msgid"], "send_time": int(row["at"]), "origin": row["origin"], "msgtype": row["kind"], row["kind"]: json.loads(row["body"])}
    if row["kind"] == "event":
        return told
    told |= {"open_kfid": row["open_kfid"], "external_userid": row["external_userid"]}
    return told | ({"servicer_userid": row["servicer"]} if row["servicer"] else {})


def send_msg(call: Call) -> dict[str, Any]:
    """While the app or its bot has the session: up to five messages within 48 hours of the customer's last."""
    limits = call.corp.settings.limits
    kind, body = _content(call, _KINDS)
    with call.corp.books.write() as db:
        session = _session(call, db, "touser")
        if session is None or session["wrote_at"] is None or call.now - session["wrote_at"] > limits.kf_answer_seconds:
            raise Failure(95002)
        if session["state"] == OVER:
            raise Failure(95013)
        if session["state"] not in (NEW, BOT):
            raise Failure(95018)
        if session["sent"] >= limits.kf_answers:
            raise Failure(95001)
        pair = (session["open_kfid"], session["external_userid"])
        db.execute("update kf_session set sent = sent + 1 where open_kfid = ? and external_userid = ?", pair)
        return {"msgid": _sent(call, db, *pair, kind, body)}


def send_msg_on_event(call: Call) -> dict[str, Any]:
    """By the code of an event, once: a welcome within 20 seconds, an answer to a change of state within 48 hours."""
    limits = call.corp.settings.limits
    kind, body = _content(call, ("text", "msgmenu"))
    with call.corp.books.write() as db:
        row = db.execute("select * from kf_code where code = ?", (call.text("code", missing=40058),)).fetchone()
        life = limits.welcome_seconds if row and row["kind"] == "welcome" else limits.kf_answer_seconds
        if row is None or row["used"] or call.machine - row["given_machine"] > life:
            raise Failure(95007, "code")
        db.execute("update kf_code set used = 1 where code = ?", (row["code"],))
        return {"msgid": _sent(call, db, row["open_kfid"], row["external_userid"], kind, body)}


def customer_batchget(call: Call) -> dict[str, Any]:
    """Customers whom an account has heard within 48 hours."""
    ids = call.texts("external_userid_list")
    if not 1 <= len(ids) <= 100:
        raise Failure(40058, "external_userid_list")
    since = call.now - call.corp.settings.limits.kf_answer_seconds
    found, missing = [], []
    with call.corp.books.read() as db:
        for id in dict.fromkeys(ids):
            row = db.execute(
                """
                select c.*, s.scene, s.scene_param from customer c join kf_session s using (external_userid)
                where c.external_userid = ? and max(s.entered_at, coalesce(s.wrote_at, 0)) > ? order by s.entered_at desc limit 1
                """,
                (id, since),
            ).fetchone()
            if row is None:
                missing.append(id)
                continue
            told = {"external_userid": id, "nickname": row["name"], "avatar": "", "gender": row["gender"]}
            if call.corp.settings.unionid:
                told["unionid"] = row["unionid"]
            if call.number("need_enter_session_context"):
                told["enter_session_context"] = {"scene": row["scene"], "scene_param": row["scene_param"]}
            found.append(told)
    return {"customer_list": found} | ({"invalid_external_userid": missing} if missing else {})


def _require_servicer(call: Call, db: sqlite3.Connection, open_kfid: str, userid: str) -> None:
    status = servicers_of(call.corp, db, open_kfid).get(userid)
    if status is None:
        raise Failure(95014)
    if status:
        raise Failure(95019)


def _account(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    row = db.execute("select * from kf_account where open_kfid = ? and deleted_at is null", (call.text("open_kfid", missing=60251),)).fetchone()
    if row is None:
        raise Failure(95000)
    return row  # type: ignore[no-any-return]


def _session(call: Call, db: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    open_kfid, external_userid = _account(call, db)["open_kfid"], call.text(name, missing=41035)
    if not db.execute("select 1 from customer where external_userid = ?", (external_userid,)).fetchone():
        raise Failure(40096)
    return db.execute("select * from kf_session where open_kfid = ? and external_userid = ?", (open_kfid, external_userid)).fetchone()  # type: ignore[no-any-return]


def _name(call: Call) -> str:
    name = call.text("name")
    if not name.strip() or len(name) > _NAME:
        raise Failure(40058, "name")
    return name


def _asked(call: Call) -> tuple[list[str], list[int]]:
    users, parties = call.texts("userid_list"), call.numbers("department_id_list")
    if len(users) > _SERVICERS or len(parties) > _DEPARTMENTS or not (users or parties):
        raise Failure(40058, "userid_list")
    return users, parties


def _row(code: int, **who: str | int) -> dict[str, Any]:
    return {**who, "errcode": code, "errmsg": "success" if not code else "failed"}


def _content(call: Call, kinds: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    kind = call.text("msgtype", missing=40008)
    if kind not in kinds:
        raise Failure(40008)
    body = call.inner(kind)
    match kind:
        case "text":
            if not body.text("content"):
                raise Failure(44004)
            if len(body.text("content").encode()) > _TEXT_BYTES:
                raise Failure(45002)
        case "image" | "voice" | "video" | "file":
            with call.corp.books.read() as db:
                require(call, db, body.text("media_id"), kind)
        case "link":
            if not body.text("title") or not body.text("url"):
                raise Failure(41016 if not body.text("title") else 41010)
            body.address("url")
        case "msgmenu":
            if len(body.rows("list")) > _MENU:
                raise Failure(95008)
        case _:
            if not body.fields:
                raise Failure(40058, kind)
    return kind, dict(body.fields)


def _sent(call: Call, db: sqlite3.Connection, open_kfid: str, external_userid: str, kind: str, body: dict[str, Any]) -> str:
    msgid = call.text("msgid")
    if len(msgid.encode()) > 32 or (msgid and db.execute("select 1 from kf_message where open_kfid = ? and msgid = ?", (open_kfid, msgid)).fetchone()):
        raise Failure(40058, "msgid")
    if call.corp.watcher:
        call.corp.watcher.reached(db, external_userid, "service", call.now)
    return note(call.corp, db, Line(open_kfid, external_userid, kind, body, FROM_APP), call.now, msgid=msgid)


CALLS = {
    "kf/account/add": Contract("POST", account_add),
    "kf/account/list": Contract("POST", account_list, either=True),
    "kf/account/del": Contract("POST", account_del),
    "kf/account/update": Contract("POST", account_update),
    "kf/add_contact_way": Contract("POST", add_contact_way),
    "kf/servicer/add": Contract("POST", servicer_add),
    "kf/servicer/del": Contract("POST", servicer_del),
    "kf/servicer/list": Contract("GET", servicer_list),
    "kf/service_state/get": Contract("POST", service_state_get),
    "kf/service_state/trans": Contract("POST", service_state_trans),
    "kf/sync_msg": Contract("POST", sync_msg),
    "kf/send_msg": Contract("POST", send_msg),
    "kf/send_msg_on_event": Contract("POST", send_msg_on_event),
    "kf/customer/batchget": Contract("POST", customer_batchget),
}
