"""The platform's log-in pages: the QR log-in of a browser and the silent one inside the client. Here a tester picks who logs in."""

import re
import sqlite3
from html import escape
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from siyu.connectors.wecom.errors import meaning_of
from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.settings import AppSettings
from siyu.connectors.wecom.sandbox.statuses import Member

_STATE = re.compile(r"[a-zA-Z0-9]{0,128}")
_SCOPES = ("snsapi_base", "snsapi_userinfo", "snsapi_privateinfo")
_STYLE = "body{font:16px/1.6 system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}li{margin:.3rem 0}small{color:#667}"

Text = Annotated[str, Query(max_length=4096)]


def router(corp: Corp) -> APIRouter:
    """`userid` or `external_userid` in the address picks at once, as a click on the page does."""
    pages = APIRouter(include_in_schema=False)

    @pages.get("/connect/oauth2/authorize")
    def authorize(
        request: Request,
        appid: Text = "",
        agentid: Text = "",
        redirect_uri: Text = "",
        state: Text = "",
        scope: Text = "snsapi_base",
        userid: Text = "",
        external_userid: Text = "",
    ) -> Response:
        """Inside the client. People outside the company are known by openid."""
        private = scope == "snsapi_privateinfo"
        try:
            if scope not in _SCOPES or not _STATE.fullmatch(state):
                raise Failure(84025 if scope in _SCOPES else 40058)
            app = _app(corp, appid, agentid, needed=private)
            return _page(corp, app, request, redirect_uri, state, userid, external_userid, private=private, outsiders=True)
        except Failure as refused:
            return _refused(refused)

    @pages.get("/wwlogin/sso/login")
    @pages.get("/wwopen/sso/qrConnect")
    def qr_login(
        request: Request, appid: Text = "", agentid: Text = "", redirect_uri: Text = "", state: Text = "", login_type: Text = "CorpApp", userid: Text = ""
    ) -> Response:
        """In a browser; the older path asks the same."""
        try:
            if login_type != "CorpApp":
                raise Failure(40058)
            app = _app(corp, appid, agentid, needed=True)
            return _page(corp, app, request, redirect_uri, state, userid, "", private=False, outsiders=False)
        except Failure as refused:
            return _refused(refused)

    return pages


def _app(corp: Corp, appid: str, agentid: str, *, needed: bool) -> AppSettings:
    if appid != corp.settings.corp:
        raise Failure(40013)
    if not agentid and not needed:
        return corp.settings.all_apps[0]
    app = next((app for app in corp.settings.all_apps if str(app.agent_id) == agentid), None)
    if app is None:
        raise Failure(40056)
    return app


def _page(
    corp: Corp, app: AppSettings, request: Request, redirect_uri: str, state: str, userid: str, external_userid: str, *, private: bool, outsiders: bool
) -> Response:
    target = urlsplit(redirect_uri)
    if target.scheme not in ("http", "https") or not target.hostname or (app.trusted_domains and target.hostname not in app.trusted_domains):
        raise Failure(50001)
    with corp.books.write() as db:
        if not userid and not external_userid:
            return HTMLResponse(_listing(corp, app, db, request, outsiders=outsiders))
        known = "select 1 from customer where external_userid = ?"
        if userid not in _who_may_log_in(corp, app, db) if userid else not (outsiders and db.execute(known, (external_userid,)).fetchone()):
            raise Failure(60111 if userid else 40096)
        code = corp.draws.letters(43, "login code", corp.books.serial("login_code"))
        row = (code, app.agent_id, userid, "" if userid else external_userid, private, corp.clock.machine())
        db.execute("insert into login_code (code, agent_id, userid, external_userid, private, given_machine) values (?, ?, ?, ?, ?, ?)", row)
    query = urlencode([*parse_qsl(target.query, keep_blank_values=True), ("code", code), ("state", state)])
    return RedirectResponse(urlunsplit(target._replace(query=query)), 302)


def _who_may_log_in(corp: Corp, app: AppSettings, db: sqlite3.Connection) -> set[str]:
    """userids in the app's range that are neither disabled nor still to be activated."""
    active = db.execute("select userid from staff where status = ?", (Member.ACTIVE,))
    return {row["userid"] for row in active} & corp.visible_staff(app, db)


def _listing(corp: Corp, app: AppSettings, db: sqlite3.Connection, request: Request, *, outsiders: bool) -> str:
    able = _who_may_log_in(corp, app, db)
    rows = db.execute("select s.userid, s.name, s.position, d.name as place from staff s join department d on d.id = s.main_department order by d.id, userid")
    links = "".join(
        f'<li><a href="?{escape(request.url.query)}&amp;userid={escape(row["userid"])}">{escape(row["name"])}</a>'
        f" <small>{escape(row['place'])} · {escape(row['position'])} · {escape(row['userid'])}</small>"
        for row in rows
        if row["userid"] in able
    )
    hidden = "".join(f'<input type=hidden name="{escape(name)}" value="{escape(value)}">' for name, value in request.query_params.multi_items())
    stranger = "<h2>或者作为客户 · or as a customer</h2>" if outsiders else ""
    if outsiders:
        stranger += f"<form>{hidden}<input name=external_userid placeholder=external_userid required size=40> <button>进入 · go</button></form>"
    return (
        f"<!doctype html><html lang=zh-CN><meta charset=utf-8><meta name=viewport content='width=device-width'><title>企业微信登录（沙箱）</title>"
        f"<style>{_STYLE}</style><h1>企业微信登录（沙箱）</h1><p>选择以哪位成员登录 · Choose who logs in</p><ul>{links}</ul>{stranger}"
    )


def _refused(refused: Failure) -> Response:
    text = f"{refused.code} {meaning_of(refused.code)}"
    page = f"<!doctype html><html lang=zh-CN><meta charset=utf-8><title>企业微信登录（沙箱）</title><style>{_STYLE}</style><h1>无法登录 · Cannot log in</h1>"
    return HTMLResponse(f"{page}<p>{escape(text)}</p>", 400, headers={"error-code": str(refused.code)})
