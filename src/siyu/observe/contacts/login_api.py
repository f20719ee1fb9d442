"""Logging in with WeCom, and signatures for pages inside it. No decisions here."""

import secrets
from typing import Literal, cast
from urllib.parse import quote, urlsplit
from uuid import UUID

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy import text

from siyu.access import logins, sessions, staff
from siyu.access.sessions import Limits
from siyu.connectors.wecom import Action, Credentials, Refused, WeComError, js_signature, qr_login_url, silent_login_url
from siyu.infra.database import Database
from siyu.infra.http import Db, router
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from siyu.kernel.errors import Refusal
from siyu.kernel.ids import CorpId, TenantId
from siyu.observe.contacts import clients, service
from siyu.observe.contacts.model import Corp, CorpNotFound

log = structlog.get_logger(__name__)

doorway = APIRouter(prefix="/api/session/wecom", tags=["access"])  # before there is a session; these open their own transactions
pages = router("/wecom", tag="access")
COOKIE = "siyu_wecom"
COOKIE_SECONDS = 600
OFFICIAL = "qyapi.weixin.qq.com"


class Lost(Refusal):
    """The browser came back without what it was sent away with: too late, twice, or from elsewhere. Begin again."""

    code = "session.wecom_lost"


class NotOurs(Refusal):
    """WeCom says that this is nobody of the corp, or a member whom siyu has not read yet."""

    code = "session.wecom_stranger"
    status = 403


class MemberDisabled(Refusal):
    """The corp's administrators have disabled this member in WeCom, as siyu read last."""

    code = "session.wecom_disabled"
    status = 403


class MemberNotActivated(Refusal):
    """The member has not activated WeCom, or no more, as siyu read last."""

    code = "session.wecom_not_activated"
    status = 403


class Unreachable(Refusal):
    """WeCom gave no answer; `reason` says what it was."""

    code = "session.wecom_unreachable"
    status = 503


class ForeignPage(Refusal):
    """Only pages of this installation are signed."""

    code = "wecom.foreign_page"


class LogInCorp(BaseModel):
    """A connected WeCom by which one may log in."""

    id: UUID
    name: str


class PageSignature(BaseModel):
    """What `wx.config` (`signature`) and `wx.agentConfig` (`agent_signature`) want on one page."""

    corp_id: str
    agent_id: int
    timestamp: int
    nonce: str
    signature: str
    agent_signature: str


@doorway.get("", operation_id="list_wecom_log_ins")
def list_wecom_log_ins(request: Request) -> list[LogInCorp]:
    """The corps that the log-in page offers; none where several brands share an installation: each has its own link then."""
    found = _corps(_database(request))
    return [LogInCorp(id=id, name=name) for _, id, name in found] if len({tenant for tenant, _, _ in found}) == 1 else []


@doorway.get("/{id}/start", operation_id="start_wecom_log_in", response_class=RedirectResponse, status_code=302)
def start_wecom_log_in(request: Request, id: UUID, how: Literal["qr", "silent"] = "qr", to: str = "/") -> RedirectResponse:
    """Send the browser to WeCom: `qr` shows a code to scan, `silent` is for pages inside the WeCom client. `to`: the page to come back to."""
    corp, _ = _corp(request, id)
    state = secrets.token_hex(16)
    answer = RedirectResponse(_authorise(request, corp, state, how), 302)
    secure = _settings(request).address.startswith("https:")
    place = quote(to if _own(to) else "/", safe="/?&=%")
    answer.set_cookie(COOKIE, f"{state}.{place}", max_age=COOKIE_SECONDS, path="/api/session/wecom", secure=secure, httponly=True, samesite="lax")
    return answer


@doorway.get("/{id}/back", operation_id="finish_wecom_log_in", response_class=RedirectResponse, status_code=302)
def finish_wecom_log_in(request: Request, id: UUID, code: str = "", state: str = "") -> RedirectResponse:
    """Where WeCom sends the browser back to: a session, or the log-in page with the reason why not."""
    corp, tenant_id = _corp(request, id)
    kept, _, place = request.cookies.get(COOKIE, "").partition(".")
    try:
        if not (code and state and secrets.compare_digest(kept.encode(), state.encode())):
            raise Lost()
        opened = _admitted(request, corp, tenant_id, code)
        answer = RedirectResponse(place or "/", 302)
        sessions.set_cookie(request, answer, opened.token)
    except Refusal as refusal:
        log.info("session.wecom_refused", corp_id=corp.corp_id, code=refusal.code)
        answer = RedirectResponse(f"/?problem={refusal.code}", 302)
    answer.delete_cookie(COOKIE, path="/api/session/wecom")
    return answer


@pages.get("/signature", operation_id="sign_page")
def sign_page(tx: Db, request: Request, url: str, corp: UUID | None = None) -> PageSignature:
    """Sign a page of ours for WeCom's JS-SDK. `corp`: which connected app, default the first. Raises CorpNotFound, ForeignPage, Unreachable."""
    if tx.actor.kind != "user":
        raise sessions.NoSession()
    if not _page_of(_settings(request).address, url):
        raise ForeignPage(url=url)
    active = [one for one in service.corps(tx) if one.active and (corp is None or one.id == corp)]
    if not active:
        raise CorpNotFound(corp_id=str(corp or ""))
    client, nonce, timestamp = clients.client(active[0]), secrets.token_hex(8), int(tx.now.timestamp())
    try:
        signature, agent_signature = (js_signature(ticket, nonce=nonce, timestamp=timestamp, url=url) for ticket in (client.js_ticket(), client.agent_ticket()))
    except WeComError as fault:
        raise Unreachable(reason=fault.detail) from fault
    return PageSignature(
        corp_id=active[0].corp_id, agent_id=active[0].agent_id, timestamp=timestamp, nonce=nonce, signature=signature, agent_signature=agent_signature
    )


def _admitted(request: Request, corp: Corp, tenant_id: TenantId, code: str) -> logins.Opened:
    """A session for the member whom WeCom names. Raises NotOurs, MemberDisabled, MemberNotActivated, Unreachable, NoAccount, CodeNeeded."""
    try:
        visitor = clients.client(corp).visitor(code)
    except Refused as refused:
        raise (Lost() if refused.action in (Action.EXPIRED, Action.FIX) else Unreachable(reason=refused.detail)) from refused
    except WeComError as fault:
        raise Unreachable(reason=fault.detail) from fault
    database, told = _database(request), _settings(request)
    with database.transaction(tenant_id, SYSTEM) as tx:
        member = staff.ids(tx, corp.corp_id, [visitor.userid]).get(visitor.userid) if visitor.userid else None
        if member is None:
            raise NotOurs()
        match staff.get(tx, member).status:
            case "left":
                raise NotOurs()
            case "disabled":
                raise MemberDisabled()
            case "not_activated":
                raise MemberNotActivated()
    return logins.admit(
        database,
        tenant_id,
        member,
        by=f"wecom:{corp.corp_id}",
        limits=Limits(told.session_idle_minutes, told.session_absolute_hours),
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent"),
        replaces=sessions.token_of(request),
    )


def _authorise(request: Request, corp: Corp, state: str, how: Literal["qr", "silent"]) -> str:
    """The address of WeCom's own log-in page; a sandbox has its own at its address."""
    credentials = Credentials(corp.corp_id, corp.secret, corp.agent_id)
    back = f"{_settings(request).address}/api/session/wecom/{corp.id}/back"
    elsewhere = {} if urlsplit(corp.base_url).hostname == OFFICIAL else {"base_url": corp.base_url}
    address = silent_login_url if how == "silent" else qr_login_url
    return address(credentials, redirect_uri=back, state=state, **elsewhere)


def _corp(request: Request, id: UUID) -> tuple[Corp, TenantId]:
    database = _database(request)
    for tenant_id, corp, _ in _corps(database):
        if corp == id:
            with database.transaction(tenant_id, SYSTEM) as tx:
                return service.corp(tx, corp), tenant_id
    raise HTTPException(404)


def _corps(database: Database) -> list[tuple[TenantId, CorpId, str]]:
    with database.lookup() as connection:
        rows = connection.execute(text("select tenant_id, id, name from siyu_corps_to_log_in()"))
        return [(TenantId(row.tenant_id), CorpId(row.id), row.name) for row in rows]


def _page_of(address: str, url: str) -> bool:
    """Whether a browser may stand at `url` on our host. Blanks and control characters, which urlsplit would drop, stand in no address of a page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return url.isprintable() and " " not in url and parts.scheme in ("http", "https") and parts.netloc == urlsplit(address).netloc


def _own(path: str) -> bool:
    """Whether a page to go on to is ours, whatever a link says."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()


def _database(request: Request) -> Database:
    return cast(Database, request.app.state.database)


def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)
