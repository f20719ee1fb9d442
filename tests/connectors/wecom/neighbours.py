"""Other people's servers for these tests: one that answers what it is told and keeps what it was sent."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from siyu.connectors.wecom import Budget

IMPATIENT = Budget(pauses_seconds=(0.0,))
"""For tests that move the business clock only: a path that was shut is open again."""


@dataclass
class Time:
    """A machine's clock that only waiting moves. `calls`: when a test says that something went out; `waits`: what was asked of it."""

    now: float = 1000.0
    calls: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@dataclass(frozen=True)
class Heard:
    """One request that arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Neighbour:
    """`answer` gives (status, body) for a request; raising drops the connection. `headers` go with every answer."""

    answer: Callable[[Heard], tuple[int, bytes]] = lambda heard: (200, b"")
    heard: list[Heard] = field(default_factory=list)
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    ahead_seconds: float = 0.0
    """How far its clock is ahead of ours."""


class Deaf(Exception):
    """The neighbour hangs up without a word."""


@contextmanager
def neighbour() -> Iterator[Neighbour]:
    """An HTTP server on a free port of this machine."""
    told = Neighbour()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take()

        def do_POST(self) -> None:
            self._take()

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            heard = Heard(self.command, parts.path, dict(parse_qsl(parts.query)), {k.lower(): v for k, v in self.headers.items()}, body)
            with lock:
                told.heard.append(heard)
            try:
                status, answer = told.answer(heard)
            except Deaf:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((timestamp or time.time()) + told.ahead_seconds)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
