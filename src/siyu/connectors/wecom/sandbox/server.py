"""The HTTP side: the contract under /cgi-bin/, the control interface under /sandbox/."""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from email.utils import formatdate
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import anyio.to_thread
import structlog

from siyu.connectors.wecom.sandbox.answers import Answer, Failure, failure, success
from siyu.connectors.wecom.sandbox.bodies import parsed
from siyu.connectors.wecom.sandbox.contract import CALLS, Call, Contract
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.faults import Fault
from siyu.connectors.wecom.sandbox.pages import Pages
from siyu.connectors.wecom.sandbox.uploads import Upload, read

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
LateApply = Callable[[Call, float], None]

_CODES = {"rate_limited": 45009, "too_parallel": 45033, "token_invalid": 40014, "token_refused": 40014, "token_expired": 42001, "ip_refused": 60020}


class Dropped(Exception):
    """No answer leaves; the connection ends after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class SandboxServer:
    """An ASGI application. `late` applies a call later in business time."""

    def __init__(self, corp: Corp, control: Application, late: LateApply) -> None:
        self._corp = corp
        self._control = control
        self._late = late
        self._numbers = itertools.count(1)
        self._threads: anyio.CapacityLimiter | None = None
        self._pages = Pages()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith("/cgi-bin/"):
            await self._control(scope, receive, self._dated(send))
            return
        try:
            await self._reply(receive, send, await self._answer(scope, receive))
        except Dropped as dropped:
            await self._drop(receive, send, dropped.seconds)

    def _dated(self, send: Send) -> Send:
        """The same, with the date of the platform on the answer."""

        async def dated(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (b"date", self._date().encode())]}
            await send(message)

        return dated

    def _date(self) -> str:
        """As the platform's clock has it: business time, by which its other dates go, too."""
        return formatdate(self._corp.clock.now() + self._corp.skew, usegmt=True)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        asked = str(scope["path"]).removeprefix("/cgi-bin/")
        path = asked if asked in CALLS or asked in SPECIAL else UNKNOWN
        caller_ip = str((scope.get("client") or ("",))[0])
        machine = self._corp.clock.machine()
        contract = CALLS.get(path)
        fault = self._corp.faults.draw(f"/cgi-bin/{path}", push=False, business=self._corp.clock.now(), machine=machine)
        answer: Answer
        try:
            with self._corp.rates.running(path):
                uploads = contract is not None and contract.body == "multipart"
                body = await self._body(receive, uploads=uploads)
                query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
                await self._before(path, query, fault, receive)
                method = scope["method"] if contract and contract.either else contract.method if contract else "GET"
                fields = query if method == "GET" or uploads else parsed(body if scope["method"] == "POST" else b"")
                upload = read(body, _header(scope, b"content-type")) if uploads else None
                if self._threads is None:
                    self._threads = anyio.CapacityLimiter(64)
                span = _header(scope, b"range")
                handle = partial(self._handle, path, contract, query, fields, caller_ip, fault, upload, span)
                result = await anyio.to_thread.run_sync(handle, limiter=self._threads)
                answer = success(result)
        except Failure as refused:
            answer = failure(refused.code, note=refused.note, caller_ip=caller_ip, machine=machine, number=next(self._numbers))
        return await self._after(answer, fault, receive, caller_ip, machine)

    async def _body(self, receive: Receive, *, uploads: bool) -> bytes:
        """The body whatever the header says."""
        limits = self._corp.settings.limits
        most, code = (limits.upload_bytes, 45001) if uploads else (limits.body_bytes, 40206)
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Dropped(0)
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > most:
                raise Failure(code)
            if not message.get("more_body"):
                return b"".join(parts)

    async def _before(self, path: str, query: dict[str, str], fault: Fault | None, receive: Receive) -> None:
        """What a fault does in place of the call."""
        if fault is None:
            return
        match fault.kind:
            case "timeout_before":
                raise Dropped(fault.seconds(30))
            case "reset_before":
                raise Dropped(0)
            case "busy_before":
                raise Failure(-1)
            case "slow":
                await asyncio.sleep(fault.seconds(30))
            case "code":
                raise Failure(int(fault.params["code"]))
            case "forbidden":
                raise Failure(48002)
            case "token_invalid" | "token_expired":
                self._corp.credentials.kill(query.get("access_token", ""), fault.kind.removeprefix("token_"))
            case "rate_limited":
                self._corp.rates.block(path, self._corp.clock.machine() + fault.seconds(60))
        if fault.kind in _CODES:
            raise Failure(_CODES[fault.kind])

    def _handle(
        self,
        path: str,
        contract: Contract | None,
        query: dict[str, str],
        fields: dict[str, Any],
        caller_ip: str,
        fault: Fault | None,
        upload: Upload | None,
        span: str,
    ) -> dict[str, Any] | Answer:
        corp, machine = self._corp, self._corp.clock.machine()
        corp.rates.count(path, caller_ip, machine)
        trusted = corp.settings.trusted_ips
        if trusted and caller_ip not in trusted:
            raise Failure(60020)
        if path == "gettoken":
            value, seconds = corp.credentials.issue(query.get("corpid", ""), query.get("corpsecret", ""), caller_ip=caller_ip, machine=machine)
            return {"access_token": value, "expires_in": seconds}
        app = corp.credentials.app(query.get("access_token", ""), machine=machine)
        if path == UNKNOWN:
            raise Failure(48002, "no such call in the contract")
        if contract is None:
            return {"ip_list": ["127.0.0.1"]}
        if contract.rights == "customer" and not app.customer_contact:
            raise Failure(48002)
        call = Call(corp, app, path, fields, caller_ip, corp.clock.now() + corp.skew, machine, fault, upload, span)
        if fault and fault.kind == "late_apply":
            self._late(call, fault.seconds(60))
            return {}
        if fault and fault.kind == "http_500" and not fault.params.get("effect"):
            return {}
        result = contract.handler(call)
        if isinstance(result, dict):
            self._pages.told(result)
            if fault and fault.kind == "pages_move":
                self._pages.moved(str(fields.get("cursor") or ""), result)
        return result

    async def _after(self, answer: Answer, fault: Fault | None, receive: Receive, caller_ip: str, machine: float) -> Answer:
        """What a fault does to the answer."""
        match fault.kind if fault else "":
            case "timeout_after":
                assert fault is not None
                raise Dropped(fault.seconds(30))
            case "reset_after" | "late_apply":
                raise Dropped(0)
            case "busy_after":
                return failure(-1, note="", caller_ip=caller_ip, machine=machine, number=next(self._numbers))
            case "http_500":
                assert fault is not None
                page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
                return Answer(page, status=int(fault.params.get("status", 502)), content_type="text/html")
            case "html_body":
                return Answer(b"<html><body>ok</body></html>", content_type="text/html")
            case "cut_body":
                return replace(answer, shown_bytes=len(answer.body) // 2)
        return answer

    async def _reply(self, receive: Receive, send: Send, answer: Answer) -> None:
        headers = [("date", self._date()), ("content-type", answer.content_type), ("content-length", str(len(answer.body))), *answer.headers]
        if not self._corp.settings.keep_alive:
            headers.append(("connection", "close"))
        await send({"type": "http.response.start", "status": answer.status, "headers": [(n.encode("latin-1"), v.encode("latin-1")) for n, v in headers]})
        if answer.shown_bytes is None:
            await send({"type": "http.response.body", "body": answer.body})
            return
        await send({"type": "http.response.body", "body": answer.body[: answer.shown_bytes], "more_body": True})
        await asyncio.sleep(0.05)  # let the half that is promised leave
        _abort(send)
        await _gone(receive)

    async def _drop(self, receive: Receive, send: Send, seconds: float) -> None:
        """End the connection without an answer, at the latest when the caller has given up."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_gone(receive), seconds)
        _abort(send)
        await _gone(receive)


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _abort(send: Send) -> None:
    """Cut the caller's connection: the send function of the HTTP server is bound to the cycle that owns the transport."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]


SPECIAL = ("gettoken", "getcallbackip", "get_api_domain_ip")
UNKNOWN = "unknown"
"""In place of any path that is not part of the contract: they count as one, and no app has a right to them."""
