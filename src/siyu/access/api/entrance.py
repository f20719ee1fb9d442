"""Set-up, logging in and out."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from siyu.access import audit, logins, sessions, tenants
from siyu.access.api import edge
from siyu.access.sessions import NoSession
from siyu.infra.http import Db, router

doorway = APIRouter(prefix="/api", tags=["access"])  # before there is a session; these open their own transactions
secret = edge.secret_router()
plain = router("", tag="access")


class SetUpNeeded(BaseModel):
    needed: bool


class SetUpIn(edge.In):
    brand: str
    timezone: str = "Asia/Shanghai"
    login: str
    name: str
    password: edge.Password


class LogInIn(edge.In):
    login: Annotated[str, Field(max_length=256)]
    password: edge.Password
    code: edge.Code | None = None


@doorway.get("/setup", operation_id="read_setup")
def read_setup(request: Request) -> SetUpNeeded:
    """Whether siyu waits for its first brand and owner."""
    return SetUpNeeded(needed=not tenants.any_tenant(edge.database(request)))


@doorway.post("/setup", operation_id="set_up", status_code=201)
def set_up(request: Request, response: Response, body: SetUpIn) -> edge.Me:
    """The first brand and its owner, who is logged in."""
    sessions.check_origin(request)
    opened = logins.set_up(edge.database(request), **body.model_dump(), limits=edge.limits(request), address=edge.address(request), agent=edge.agent(request))
    return _come_in(request, response, opened)


@doorway.post("/session", operation_id="log_in")
def log_in(request: Request, response: Response, body: LogInIn) -> edge.Me:
    """Log in; the session is a cookie."""
    sessions.check_origin(request)
    opened = logins.log_in(
        edge.database(request),
        edge.secrets(request),
        login=body.login,
        password=body.password,
        code=body.code,
        limits=edge.limits(request),
        address=edge.address(request),
        agent=edge.agent(request),
        replaces=sessions.token_of(request),
    )
    return _come_in(request, response, opened)


@secret.post("/session/fresh", operation_id="refresh_session", status_code=204)
def refresh_session(request: Request, response: Response, tx: Db, body: edge.ProofIn) -> None:
    """Give the password once more, which risky acts want to be no older than ten minutes (`session.stale`)."""
    logins.prove(edge.database(request), edge.secrets(request), tx, body.password, code=body.code, address=edge.address(request))
    edge.renew(request, response, tx)


@plain.delete("/session", operation_id="log_out", status_code=204)
def log_out(request: Request, response: Response, tx: Db) -> None:
    """Log out of this browser."""
    id = edge.own_id(tx)
    sessions.end(tx)
    audit.record(tx, "session.ended", f"account:{id}", {"session_id": tx.actor.session_id})
    sessions.drop_cookie(request, response)


def _come_in(request: Request, response: Response, opened: logins.Opened) -> edge.Me:
    resolved = sessions.resolve(edge.database(request), opened.token)
    if resolved is None:
        raise NoSession()
    sessions.set_cookie(request, response, opened.token)
    with edge.database(request).transaction(*resolved) as tx:
        return edge.me(request, tx, opened.account)
