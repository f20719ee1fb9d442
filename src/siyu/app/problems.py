"""Every failure leaves as problem+json with a stable code and the request's number."""

from json import JSONDecodeError
from typing import Any
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from siyu.app import words
from siyu.infra.room import Room, StoreFull, is_full
from siyu.kernel.errors import Refusal

log = structlog.get_logger()
_AWAY = (OperationalError, InterfaceError, TimeoutError)
"""The store is gone, comes back, or has no connection to spare."""


class NotJson(Refusal):
    """The body is no JSON; `line` and `column`, both from 1, say where it ceases to be."""

    code = "body.not_json"
    status = 422


def problem(request: Request, status: int, code: str, title: str, params: dict[str, Any] | None = None) -> JSONResponse:
    """RFC 9457: `code` is stable, `params` feed the sentence that the console shows; the title is in Chinese for whoever asks for that first."""
    if request.headers.get("accept-language", "").lower().startswith("zh"):
        title = words.title(code, params or {}, "zh-CN") or title
    number = getattr(request.state, "request_id", "")
    body = {"type": f"urn:siyu:{code}", "title": title, "status": status, "code": code, "params": params or {}, "request_id": number}
    return JSONResponse(body, status, media_type="application/problem+json")


def _broken(request: Request, error: Exception) -> JSONResponse:
    """What is said, and logged, of an error that nobody expected. A store that is gone while the disk is full is gone because of that."""
    room: Room = request.app.state.room
    told = {"method": request.method, "path": request.url.path}
    if is_full(error) or (isinstance(error, _AWAY) and room.level() == "full"):
        log.error("request.store_full", **told, reason=_first_line(error))
        return _full(request)
    if isinstance(error, _AWAY):
        log.warning("request.store_away", **told, reason=_first_line(error))
        response = problem(request, 503, "store.away", "The database does not answer right now; nothing was written. Try again in a few seconds.")
        response.headers["retry-after"] = "5"
        return response
    log.error("request.broken", **told, exc_info=error)
    return problem(request, 500, "internal", "Something broke on our side; the request number helps to find it.")


def _full(request: Request) -> JSONResponse:
    room: Room = request.app.state.room
    room.lacked()
    return problem(request, StoreFull.status, StoreFull.code, "The disk is full, so nothing was written. Free some space, then try again.")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


class _Numbered:
    """Numbers requests, says what no page may guess about answers, and words what broke. Plain ASGI: a wrapper in tasks of its own costs half a request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request = Request(scope)
        request.state.request_id = uuid4().hex[:12]
        begun = False

        async def headed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request.state.request_id
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "same-origin")
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request.state.request_id):
            try:
                await self._app(scope, receive, headed)
            except ClientDisconnect:
                log.info("request.given_up", method=request.method, path=request.url.path)
            except Exception as broken:
                response = _broken(request, broken)
                if begun:
                    raise
                await response(scope, receive, headed)


def install(app: FastAPI) -> None:
    """Number every request and word every failure."""

    app.add_middleware(_Numbered)

    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> Response:
        title = (type(refusal).__doc__ or refusal.code).strip().splitlines()[0]
        response = problem(request, refusal.status, refusal.code, title, refusal.params)
        if "retry_after_seconds" in refusal.params:
            response.headers["retry-after"] = str(refusal.params["retry_after_seconds"])
        return response

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if isinstance(broken := error.__cause__, JSONDecodeError):
            return await refused(request, _no_json(broken.doc[: broken.pos], broken.msg))
        fields = [{"field": ".".join(str(part) for part in item["loc"][1:]) or "body", "reason": item["msg"], "kind": item["type"]} for item in error.errors()]
        return problem(request, 422, "invalid", "Some fields cannot be meant.", {"fields": fields})

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> Response:
        match error.__cause__:
            case UnicodeDecodeError() as broken:
                return await refused(request, _no_json(broken.object[: broken.start].decode(broken.encoding, "replace"), broken.reason))
            case OSError() as broken if is_full(broken):
                return _full(request)
            case RecursionError():
                return await refused(request, _no_json("", "nested too deeply"))
        codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
        return problem(request, error.status_code, codes.get(error.status_code, "http"), str(error.detail))


def _no_json(before: str, reason: str) -> NotJson:
    """`before`: what could be read."""
    return NotJson(line=before.count("\n") + 1, column=len(before) - before.rfind("\n"), reason=reason)
