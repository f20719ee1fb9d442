"""Every failure leaves as problem+json with a stable code and the request's number."""

from typing import Any
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint

from siyu.kernel.errors import Refusal

log = structlog.get_logger()


def problem(request: Request, status: int, code: str, title: str, params: dict[str, Any] | None = None) -> JSONResponse:
    """RFC 9457: `code` is stable, `params` feed the sentence that the console shows."""
    number = getattr(request.state, "request_id", "")
    body = {"type": f"urn:siyu:{code}", "title": title, "status": status, "code": code, "params": params or {}, "request_id": number}
    return JSONResponse(body, status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Number every request and word every failure."""

    @app.middleware("http")
    async def number(request: Request, call_next: RequestResponseEndpoint) -> Response:
        request.state.request_id = uuid4().hex[:12]
        structlog.contextvars.bind_contextvars(request_id=request.state.request_id)
        try:
            response = await call_next(request)
        except Exception:
            log.exception("request.broken", method=request.method, path=request.url.path)
            response = problem(request, 500, "internal", "Something broke on our side; the request number helps to find it.")
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        response.headers["x-request-id"] = request.state.request_id
        response.headers.setdefault("x-content-type-options", "nosniff")
        response.headers.setdefault("referrer-policy", "same-origin")
        return response

    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> Response:
        title = (type(refusal).__doc__ or refusal.code).strip().splitlines()[0]
        response = problem(request, refusal.status, refusal.code, title, refusal.params)
        if "retry_after_seconds" in refusal.params:
            response.headers["retry-after"] = str(refusal.params["retry_after_seconds"])
        return response

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        fields = [{"field": ".".join(str(part) for part in item["loc"][1:]), "reason": item["msg"], "kind": item["type"]} for item in error.errors()]
        return problem(request, 422, "invalid", "Some fields cannot be meant.", {"fields": fields})

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> Response:
        codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
        return problem(request, error.status_code, codes.get(error.status_code, "http"), str(error.detail))
