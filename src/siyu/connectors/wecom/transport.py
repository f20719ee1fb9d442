"""How a call of the WeCom server API is made: token, pace, time-outs, repeats, and what an answer means."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, Self, TypeVar

import httpx
import msgspec

from siyu.connectors.wecom.errors import Action, NotSent, OutcomeUnknown, Refused, Unavailable, WeComError, meaning_of
from siyu.connectors.wecom.model import Credentials, Json, Upload
from siyu.connectors.wecom.pace import Pace
from siyu.connectors.wecom.tokens import MemoryTokens, OpenGate, TokenGate, TokenStore
from siyu.connectors.wecom.trust import trust

Kind = Literal["read", "write", "create", "urgent"]
"""read: repeated after faults. write: repeating it is harmless, but the caller decides. create: a repeat may act twice. urgent: one that gives up soon."""
T = TypeVar("T")

_BUSY = -1
_SPREAD = 0.2
"""How far a wait may be from what is set, as a share of it: callers that failed together come back apart."""
_WRONG_CREDENTIALS = (40001, 40013, 40091, 45031)
"""Refusals that repeating makes worse. A caller's address that is not trusted yet (60020) is none of them: it is mended at the platform."""


@dataclass(frozen=True)
class ClientSettings:
    """Seconds for the four time-outs, `urgent_seconds` for each of an urgent call; `read_tries` with `read_waits_seconds` between them;
    `crowded_waits_seconds` before each further try of a read where too many calls ran side by side. Real waits are up to a fifth shorter or longer.
    """

    base_url: str = "https://qyapi.weixin.qq.com"
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    write_seconds: float = 10.0
    pool_seconds: float = 5.0
    urgent_seconds: float = 2.0
    read_tries: int = 3
    read_waits_seconds: tuple[float, ...] = (0.5, 2.0, 8.0)
    crowded_waits_seconds: tuple[float, ...] = (1.25, 2.5, 4.0)
    proxy: str | None = None


@dataclass(frozen=True)
class _Request:
    """What goes out, the secret part of the query aside. `upload` goes as multipart, else `body` as JSON."""

    method: str
    path: str
    kind: Kind = "read"
    query: Json = field(default_factory=dict)
    body: Json | None = None
    upload: Upload | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class _Credentialed(httpx.BaseTransport):
    """Adds the secret part of the query below httpx, whose log lines and exceptions would show it."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        secret: Mapping[str, str] = request.extensions.get("siyu_secret_query", {})
        full = httpx.Request(
            request.method,
            request.url.copy_merge_params(secret),
            headers=request.headers,
            stream=request.stream,
            extensions={name: value for name, value in request.extensions.items() if name != "siyu_secret_query"},
        )
        return self._inner.handle_request(full)

    def close(self) -> None:
        self._inner.close()


class Transport:
    """One app of one corp. Thread-safe. Clients that call from one address should share their `pace`.

    Every call raises `Refused` (nothing took effect; `action` says what to do) or, when no believable answer came, `Unavailable` (reads) or
    `OutcomeUnknown` (creating calls).
    """

    def __init__(
        self,
        credentials: Credentials,
        settings: ClientSettings | None = None,
        *,
        tokens: TokenStore | None = None,
        pace: Pace | None = None,
        gate: TokenGate | None = None,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
        machine_clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.credentials = credentials
        self._settings = settings or ClientSettings()
        self._tokens = tokens or MemoryTokens(machine_clock)
        self._gate = gate or OpenGate()
        self._wait = wait
        self._draw = draw
        self._pace = pace or Pace(clock=machine_clock, wait=wait)
        s = self._settings
        self._urgent = httpx.Timeout(s.urgent_seconds)
        self._http = httpx.Client(
            base_url=s.base_url,
            timeout=httpx.Timeout(connect=s.connect_seconds, read=s.read_seconds, write=s.write_seconds, pool=s.pool_seconds),
            transport=_Credentialed(transport or httpx.HTTPTransport(verify=trust(), proxy=s.proxy)),
            follow_redirects=False,
        )

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def token(self, *, stale: str | None = None) -> str:
        """The access token of the app, fetched when needed. Raises `Refused` (CONFIG: wrong credentials), `Stopped` or `NotSent`: no call has gone out yet."""
        return self._tokens.get(self.credentials.key, fetch=self._fetch_token, stale=stale)

    def _fetch_token(self) -> tuple[str, int]:
        self._gate.enter()
        query = {"corpid": self.credentials.corp_id, "corpsecret": self.credentials.secret}
        try:
            with self._pace.turn(self.credentials.corp_id, "gettoken"):
                answer = self._tried(_Request("GET", "gettoken"), query, self._object)
        except Unavailable as fault:
            raise NotSent("gettoken", fault.detail) from None
        except Refused as refused:
            if refused.code in _WRONG_CREDENTIALS:
                self._gate.refused(refused.code)
            if refused.action is Action.TOKEN:
                raise Refused("gettoken", refused.code, refused.reason, action=Action.CONFIG) from None
            raise
        self._gate.passed()
        return str(answer["access_token"]), int(answer["expires_in"])

    def _pages(self, path: str, body: Mapping[str, Any], rows: str) -> Iterator[Json]:
        """Rows of all pages. A lost cursor (50100) starts over once."""
        cursor, restarted = "", False
        while True:
            try:
                answer = self._call("POST", path, {**body, "cursor": cursor} if cursor else body)
            except Refused as refused:
                if refused.code != 50100 or restarted or not cursor:
                    raise
                cursor, restarted = "", True
                continue
            yield from answer.get(rows) or ()
            cursor = str(answer.get("next_cursor") or "")
            if not cursor:
                return

    def _settle(self, path: str, body: Json) -> None:
        try:
            self._call("POST", path, body, kind="write")
        except Refused as refused:
            if refused.action is not Action.DONE:
                raise

    def _call(self, method: str, path: str, data: Json | None = None, *, kind: Kind = "read") -> Json:
        """One contract call: `data` is the query of a GET, the JSON body of a POST."""
        given = data or {}
        request = _Request(method, path, kind, query=given) if method == "GET" else _Request(method, path, kind, body=given)
        return self._granted(request, self._object)

    def _upload(self, path: str, query: Json, upload: Upload) -> Json:
        """A file as multipart. Repeating it is harmless: the platform keeps one more copy."""
        return self._granted(_Request("POST", path, "write", query, upload=upload), self._object)

    def _download(self, path: str, query: Json, *, span: str = "") -> httpx.Response:
        """A file; `span` is a range of bytes. An answer in JSON is a refusal."""
        return self._granted(_Request("GET", path, query=query, headers={"range": span} if span else {}), self._file)

    def _granted(self, request: _Request, read: Callable[[_Request, httpx.Response], T]) -> T:
        """Made with a token, and repeated once with a new one when the platform refuses the old one."""
        used = self.token()
        try:
            return self._paced(request, used, read)
        except Refused as refused:
            if refused.action is not Action.TOKEN:
                raise
        try:
            return self._paced(request, self.token(stale=used), read)
        except Refused as refused:
            if refused.action is not Action.TOKEN:
                raise
            raise Refused(request.path, refused.code, refused.reason, action=Action.CONFIG) from None

    def _paced(self, request: _Request, token: str, read: Callable[[_Request, httpx.Response], T]) -> T:
        """One call when its turn has come. Where too many ran side by side, reads wait and try again."""
        for wait in (*self._settings.crowded_waits_seconds, None):
            try:
                with self._pace.turn(self.credentials.corp_id, request.path):
                    return self._tried(request, {"access_token": token}, read)
            except Refused as refused:
                if wait is None or request.kind != "read" or refused.action is not Action.SLOW:
                    raise
            self._rest(wait)
        raise AssertionError("unreachable")

    def _tried(self, request: _Request, secret: Mapping[str, str], read: Callable[[_Request, httpx.Response], T]) -> T:
        """Reads are repeated after faults of the platform, everything else is tried once."""
        tries = self._settings.read_tries if request.kind == "read" else 1
        for attempt in range(1, tries + 1):
            try:
                return read(request, self._response(request, secret))
            except (Unavailable, NotSent):
                if attempt == tries:
                    raise
            self._rest(self._settings.read_waits_seconds[min(attempt, len(self._settings.read_waits_seconds)) - 1])
        raise AssertionError("unreachable")

    def _rest(self, seconds: float) -> None:
        self._wait(seconds * (1 - _SPREAD + 2 * _SPREAD * self._draw()))

    def _response(self, request: _Request, secret: Mapping[str, str]) -> httpx.Response:
        upload = request.upload
        try:
            return self._http.request(
                request.method,
                f"/cgi-bin/{request.path}",
                params=request.query,
                json=request.body,
                files={"media": (upload.name, upload.content, upload.content_type)} if upload else None,
                headers=request.headers,
                timeout=self._urgent if request.kind == "urgent" else self._http.timeout,
                extensions={"siyu_secret_query": secret},
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(request.path, type(error).__name__) from None
        except httpx.HTTPError as error:
            self._doubt(request, type(error).__name__)

    def _file(self, request: _Request, response: httpx.Response) -> httpx.Response:
        if response.headers.get("content-type", "").startswith("application/json"):
            self._object(request, response)
            self._doubt(request, "success without a file")
        if response.status_code not in (200, 206):
            self._doubt(request, f"HTTP {response.status_code}")
        if "content-disposition" not in response.headers:
            self._doubt(request, "not a file")
        return response

    def _object(self, request: _Request, response: httpx.Response) -> Json:
        if response.status_code != 200:
            self._doubt(request, f"HTTP {response.status_code}")
        try:
            answer = _parsed(response)
        except ValueError:
            self._doubt(request, "not JSON")
        if not isinstance(answer, dict):
            self._doubt(request, "not a JSON object")
        try:
            code = int(answer.get("errcode") or 0)
        except (TypeError, ValueError):
            self._doubt(request, "errcode is no number")
        if code == _BUSY:
            self._doubt(request, "-1 system busy")
        if code:
            raise Refused(request.path, code, str(answer.get("errmsg") or "") or meaning_of(code))
        return answer

    def _doubt(self, request: _Request, detail: str) -> NoReturn:
        fault: WeComError = Unavailable(request.path, detail) if request.kind == "read" else OutcomeUnknown(request.path, detail)
        raise fault from None


def _parsed(response: httpx.Response) -> Any:
    """What the answer says; quicker for what is well formed, as lenient as ever towards the rest. Raises ValueError."""
    try:
        return msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return response.json()
