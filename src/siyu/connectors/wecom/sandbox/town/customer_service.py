"""微信客服 in the hands of people: customers come and write, servicers answer, end and pause. Each act calls back, and is read by `kf/sync_msg`."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.customer_service import FROM_CUSTOMER, FROM_SERVICER, FROM_SYSTEM, NEW, OVER, PERSON, Line, code_for, note, servicers_of

_ENDED = 3
_WELCOME_AGAIN_SECONDS = 48 * 3600


class NoSuchAddress(LookupError):
    """The link of an account that leads nowhere."""


class NobodyThere(ValueError):
    """No such account, address or session: the text says which."""


class CustomerService:
    """Part of the running transaction."""

    def __init__(self, corp: Corp) -> None:
        self._corp = corp

    def enter(self, db: sqlite3.Connection, code: str, external_userid: str, at: float, *, scene_param: str = "") -> str:
        """A customer opens the address of an account; its open_kfid. Raises NoSuchAddress.

        A code for a welcome comes along unless they were there within 48 hours.
        """
        way = db.execute("select w.* from kf_way w join kf_account a using (open_kfid) where w.code = ? and a.deleted_at is null", (code,)).fetchone()
        if way is None:
            raise NoSuchAddress(code)
        open_kfid = str(way["open_kfid"])
        before = self._session(db, open_kfid, external_userid)
        if before is None:
            values = (open_kfid, external_userid, NEW, at, way["scene"], scene_param)
            db.execute("insert into kf_session (open_kfid, external_userid, state, entered_at, scene, scene_param) values (?, ?, ?, ?, ?, ?)", values)
        else:
            db.execute(
                "update kf_session set entered_at = ?, scene = ?, scene_param = ? where open_kfid = ? and external_userid = ?",
                (at, way["scene"], scene_param, open_kfid, external_userid),
            )
        fresh = before is None or at - max(before["entered_at"], before["wrote_at"] or 0) > _WELCOME_AGAIN_SECONDS
        told = {"scene": way["scene"], "scene_param": scene_param}
        welcome = {"welcome_code": code_for(self._corp, db, open_kfid, external_userid, "welcome")} if fresh else {}
        self._happened(db, "enter_session", open_kfid, external_userid, at, **told, **welcome)
        return open_kfid

    def write(self, db: sqlite3.Connection, open_kfid: str, external_userid: str, kind: str, body: Mapping[str, Any], at: float) -> str:
        """A customer writes, which begins a session or goes on with it; the msgid. Raises NobodyThere."""
        self._require_account(db, open_kfid)
        db.execute(
            """
            insert into kf_session (open_kfid, external_userid, state, entered_at, wrote_at, scene, scene_param) values (?1, ?2, ?3, ?4, ?4, '', '')
            on conflict (open_kfid, external_userid) do update
                set wrote_at = ?4, sent = 0, state = case state when ?5 then ?3 else state end, servicer = case state when ?5 then '' else servicer end
            """,
            (open_kfid, external_userid, NEW, at, OVER),
        )
        msgid = note(self._corp, db, Line(open_kfid, external_userid, kind, body, FROM_CUSTOMER), at)
        self._call_back(db, open_kfid, at)
        return msgid

    def answer(self, db: sqlite3.Connection, open_kfid: str, external_userid: str, userid: str, text: str, at: float) -> str:
        """The servicer who has the session answers in the client; the msgid. Raises NobodyThere."""
        self._with_person(db, open_kfid, external_userid, userid)
        msgid = note(self._corp, db, Line(open_kfid, external_userid, "text", {"content": text}, FROM_SERVICER, userid), at)
        self._call_back(db, open_kfid, at)
        return msgid

    def end(self, db: sqlite3.Connection, open_kfid: str, external_userid: str, userid: str, at: float) -> None:
        """The servicer ends the session in the client. Raises NobodyThere."""
        self._with_person(db, open_kfid, external_userid, userid)
        db.execute("update kf_session set state = ?, servicer = '' where open_kfid = ? and external_userid = ?", (OVER, open_kfid, external_userid))
        code = code_for(self._corp, db, open_kfid, external_userid, "answer")
        self._happened(db, "session_status_change", open_kfid, external_userid, at, change_type=_ENDED, old_servicer_userid=userid, msg_code=code)

    def pause(self, db: sqlite3.Connection, open_kfid: str, userid: str, at: float, *, stopped: bool) -> None:
        """A servicer stops receiving, or goes on. Raises NobodyThere."""
        if userid not in servicers_of(self._corp, db, open_kfid):
            raise NobodyThere("no such servicer")
        db.execute(
            "insert into kf_servicer values (?, ?, 0, ?) on conflict (open_kfid, userid, department_id) do update set status = excluded.status",
            (open_kfid, userid, int(stopped)),
        )
        self._happened(db, "servicer_status_change", open_kfid, "", at, servicer_userid=userid, status=2 if stopped else 1)

    def _require_account(self, db: sqlite3.Connection, open_kfid: str) -> None:
        if not db.execute("select 1 from kf_account where open_kfid = ? and deleted_at is null", (open_kfid,)).fetchone():
            raise NobodyThere("no such account")

    def _with_person(self, db: sqlite3.Connection, open_kfid: str, external_userid: str, userid: str) -> None:
        session = self._session(db, open_kfid, external_userid)
        if session is None or session["state"] != PERSON or session["servicer"] != userid:
            raise NobodyThere("this servicer does not have the session")

    def _session(self, db: sqlite3.Connection, open_kfid: str, external_userid: str) -> sqlite3.Row | None:
        rows = db.execute("select * from kf_session where open_kfid = ? and external_userid = ?", (open_kfid, external_userid))
        return rows.fetchone()  # type: ignore[no-any-return]

    def _happened(self, db: sqlite3.Connection, kind: str, open_kfid: str, external_userid: str, at: float, **more: str | int) -> None:
        who = {"external_userid": external_userid} if external_userid else {}
        body = {"event_type": kind, "open_kfid": open_kfid, **who, **more}
        note(self._corp, db, Line(open_kfid, external_userid, "event", body, FROM_SYSTEM), at)
        self._call_back(db, open_kfid, at)

    def _call_back(self, db: sqlite3.Connection, open_kfid: str, at: float) -> None:
        token = self._corp.draws.letters(43, "kf token", self._corp.books.serial("kf_token"))
        db.execute("insert into kf_token values (?, ?, ?)", (token, open_kfid, self._corp.clock.machine()))
        self._corp.pushes.send("kf_msg_or_event", {"FromUserName": "", "Token": token, "OpenKfId": open_kfid}, business=at)
