"""A running sandbox: assembled, listening, stopped."""

import json
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from urllib.parse import quote

import uvicorn

from siyu.connectors.wecom.sandbox.books import Books
from siyu.connectors.wecom.sandbox.clock import Clock, epoch
from siyu.connectors.wecom.sandbox.control import control
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.credentials import Credentials
from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.faults import Faults
from siyu.connectors.wecom.sandbox.identity import settle
from siyu.connectors.wecom.sandbox.media import MediaShelf
from siyu.connectors.wecom.sandbox.pushes import Pushes
from siyu.connectors.wecom.sandbox.rates import Rates
from siyu.connectors.wecom.sandbox.server import SandboxServer
from siyu.connectors.wecom.sandbox.settings import Settings
from siyu.connectors.wecom.sandbox.storms import skew
from siyu.connectors.wecom.sandbox.town.catalogue import find_data
from siyu.connectors.wecom.sandbox.town.life import Town
from siyu.infra.claim import Claim

ADDRESS_FILE = "sandbox.json"
CLOCK_FILE = "clock.json"
BOOKS_FILE = "books.sqlite"
MEDIA_FOLDER = "media"


@dataclass(frozen=True)
class Address:
    """How to reach a running sandbox; also the content of `home/sandbox.json`, which only its owner can read."""

    url: str
    pid: int
    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    control_key: str = field(repr=False)
    clock_file: str
    page: str = field(default="", repr=False)
    """Where people play, with the key behind the #."""


class CannotListen(RuntimeError):
    """The address is taken, not ours, or not allowed."""


class _Server(uvicorn.Server):
    """A signal is told to the town at once, so that a long step ends and its caller is answered before the server goes."""

    def __init__(self, config: uvicorn.Config, leave_off: Callable[[], None]) -> None:
        super().__init__(config)
        self._leave_off = leave_off

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._leave_off()
        super().handle_exit(sig, frame)


class Sandbox:
    """One assembled sandbox. `start` opens the socket, `run` serves until `stop`.

    Raises NoHome, OtherTown or BadScenario when the home cannot be had or cannot go on like this.
    """

    def __init__(self, settings: Settings) -> None:
        with ExitStack() as undone:
            self._claim = Claim(settings.home)
            undone.callback(self._claim.release)
            self.books = Books(settings.home / BOOKS_FILE)
            undone.callback(self.books.close)
            settings, self.scenario = settle(self.books, settings, find_data(settings.data) / "scenarios")
            undone.pop_all()
        self.settings = settings
        founded = self.books.note("founded") is not None
        start = epoch(settings.start) if settings.start else None
        self.clock = Clock(settings.home / CLOCK_FILE, start=start, speed=settings.speed if founded else 0.0)
        if not founded:
            self.books.set_note("speed", str(settings.speed))  # the clock stands until then, so that the town begins at its start
        faults = Faults(self.books, settings.origin)
        self.pushes = Pushes(self.books, faults, settings.push, corp_id=settings.corp)
        credentials = Credentials(self.books, settings)
        draws = Draws(settings.origin)
        media = MediaShelf(self.books, settings.home / MEDIA_FOLDER, draws)
        self.corp = Corp(settings, self.books, self.clock, credentials, Rates(settings.limits), faults, self.pushes, draws, media)
        self.town = Town(self.corp, self.scenario)
        self._key = settings.control_key or self.books.note("control_key") or secrets.token_urlsafe(24)
        self.books.set_note("control_key", self._key)
        server = SandboxServer(self.corp, control(self.corp, self.town, self.scenario, self._key), self.town.apply_later)
        config = uvicorn.Config(server, log_level="warning", lifespan="off", access_log=False, date_header=False, timeout_graceful_shutdown=2)
        self._server = _Server(config, self.town.leave_off)
        self._socket: socket.socket | None = None
        self._ended = threading.Event()

    def start(self) -> Address:
        """Open the socket, found the town when the books are empty, write the address file. Raises CannotListen or BadPopulation, all put away."""
        try:
            return self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> Address:
        family = socket.AF_INET6 if ":" in self.settings.host else socket.AF_INET
        opened = self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # by the protocol asyncio knows to send answers without delay
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((self.settings.host, self.settings.port))
            opened.listen(512)
        except OSError as error:
            raise CannotListen(f"cannot listen on {self.settings.host}:{self.settings.port}: {error.strerror}") from None
        self.town.found()
        self._brew()
        if slept := self.books.note("speed"):
            self.clock.set(speed=float(slept))
            self.books.set_note("speed", "")
        app = self.settings.all_apps[0]
        host = f"[{self.settings.host}]" if family == socket.AF_INET6 else self.settings.host
        url = f"http://{host}:{opened.getsockname()[1]}"
        address = Address(
            url=url,
            pid=os.getpid(),
            corp_id=self.settings.corp,
            agent_id=app.agent_id,
            secret=app.secret,
            control_key=self._key,
            clock_file=str(self.clock.path.resolve()),
            page=f"{url}/sandbox/#key={quote(self._key)}",
        )
        self.corp.url = address.url
        self.corp.media.tidy()
        _write_private(self.settings.home / ADDRESS_FILE, json.dumps(vars(address), indent=1))
        self.pushes.start()
        self.town.start()
        return address

    def _brew(self) -> None:
        """Faults by seed, once for each number; the turned clock at every start."""
        seed = self.settings.fault_seed
        if seed is None:
            return
        if self.books.note("storm") != str(seed):
            self.corp.brew(seed)
        self.corp.skew = skew(seed)

    def run(self) -> None:
        """Serve until `stop` or a signal."""
        assert self._socket is not None, "start first"
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self.close(lived=True)

    def close(self, *, lived: bool = False) -> None:
        """Put everything away. `lived`: the clock remembers its pace, and stands while nobody is here."""
        if self._socket is not None:
            self._socket.close()
        self.town.stop()
        self.pushes.stop()
        if lived:
            self.books.set_note("speed", str(self.clock.speed))
            self.clock.set(speed=0.0)
        self.books.close()
        self._claim.release()
        self._ended.set()

    def stop(self) -> None:
        self.town.leave_off()
        self._server.should_exit = True

    def wait(self, seconds: float = 30.0) -> None:
        """Until `run` has put everything away. Raises TimeoutError."""
        if not self._ended.wait(seconds):
            raise TimeoutError("the sandbox still runs")


def announce(address: Address) -> None:
    """One JSON line on standard output, without secrets: where it listens and which clock file to follow."""
    sys.stdout.write(json.dumps({"url": address.url, "pid": address.pid, "corp_id": address.corp_id, "clock_file": address.clock_file}) + "\n")
    sys.stdout.flush()


def serve(settings: Settings, *, on_ready: Callable[[Address], None] = announce) -> None:
    """Run a sandbox in this process until SIGTERM or SIGINT; `on_ready` hears its address once it listens."""
    sandbox = Sandbox(settings)
    on_ready(sandbox.start())
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sandbox.stop())
    sandbox.run()


@contextmanager
def running(settings: Settings) -> Iterator[tuple[Sandbox, Address]]:
    """A sandbox on a thread of this process, for tests."""
    sandbox = Sandbox(settings)
    address = sandbox.start()
    thread = threading.Thread(target=sandbox.run, name="sandbox", daemon=True)
    thread.start()
    try:
        yield sandbox, address
    finally:
        sandbox.stop()
        thread.join()


def read_address(home: Path) -> Address:
    """The address of the sandbox in `home`. Raises FileNotFoundError before its first start."""
    return Address(**json.loads((home / ADDRESS_FILE).read_text(encoding="utf-8")))


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
