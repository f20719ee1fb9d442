"""`siyu up`: the store, the web server, the worker and the engine under one supervisor."""

import os
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog

from siyu.app.processes import Process, Processes
from siyu.app.runtime import clock_of, log_folder, store_url
from siyu.infra import postgres
from siyu.infra.claim import Claim, NoHome
from siyu.infra.migrate import upgrade
from siyu.infra.settings import Settings
from siyu.kernel.errors import Refusal

log = structlog.get_logger()


class DidNotAnswer(Refusal):
    """A process did not come up; its log says why."""

    code = "process.no_answer"


class PortTaken(Refusal):
    """Another program listens on the web port."""

    code = "port.taken"


class HomeInUse(Refusal):
    """Another siyu, the process `pid`, runs in the folder `home`."""

    code = "home.in_use"


class NoHomeHere(Refusal):
    """The folder `home` cannot be made or written, because of `reason`."""

    code = "home.none"


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nobody listens there right now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def claimed(home: Path) -> Iterator[None]:
    """The folder for this process alone, made when need be. Raises HomeInUse, NoHomeHere."""
    try:
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        claim = Claim(home)
    except OSError as error:
        raise NoHomeHere(home=os.fspath(home), reason=error.strerror) from None
    except NoHome as refused:
        if refused.holder is None:
            raise NoHomeHere(home=os.fspath(home), reason=str(refused)) from None
        raise HomeInUse(home=os.fspath(home), pid=refused.holder) from None
    try:
        yield
    finally:
        claim.release()


class Installation:
    """All processes of one home folder. `extra` are started before the others (a sandbox)."""

    def __init__(self, settings: Settings, *, extra: Sequence[Process] = ()) -> None:
        self.settings = settings.model_copy(update={"port": settings.port or free_port()})
        self.extra = list(extra)
        self.processes: Processes | None = None
        self._keeper: postgres.Supervisor | None = None
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        self._ours = ExitStack()

    @property
    def address(self) -> str:
        """Where the console answers."""
        return f"http://{self.settings.host}:{self.settings.port}"

    def start(self) -> None:
        """Start the store, migrate it, start the processes, wait until the console answers. Raises HomeInUse, NoHomeHere, NoClock, PortTaken,
        PostgresRefusal, DidNotAnswer; `stop` undoes what was done until then."""
        self._ours.enter_context(claimed(self.settings.home))
        clock_of(self.settings)
        self._check_port()
        if self.settings.database_url is None:
            self._ours.callback(postgres.stop, self.settings.home / "postgres")
        url = store_url(self.settings)
        upgrade(url)
        if self.settings.database_url is None:
            self._keeper = postgres.Supervisor(self.settings.home / "postgres")
            self._keeper.start()
        environment = self._environment(url)
        ours = [Process(name, ["siyu.app.cli", name], environment) for name in ("engine", "worker", "serve")]
        self.processes = Processes([*self.extra, *ours], log_folder(self.settings))
        self.processes.start()
        self._watcher = threading.Thread(target=self.processes.watch, args=(self._stop,), daemon=True)
        self._watcher.start()
        self._await(f"{self.address}/api/health")

    def stop(self) -> None:
        """Stop everything, the store last."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join(timeout=5)
        if self.processes is not None:
            self.processes.stop()
        if self._keeper is not None:
            self._keeper.stop()
        self._ours.close()

    def _environment(self, url: str) -> Mapping[str, str]:
        values = {name: value for name, value in self.settings.model_dump(mode="json", exclude_none=True).items() if name != "database_url"}
        environment = {f"SIYU_{name.upper()}": str(value) for name, value in values.items()}
        environment["SIYU_HOME"] = str(Path(self.settings.home).resolve())
        if self.settings.database_url is not None:
            environment["SIYU_DATABASE_URL"] = url
        return environment

    def _check_port(self) -> None:
        if not is_free(self.settings.port, self.settings.host):
            raise PortTaken(host=self.settings.host, port=self.settings.port)

    def _await(self, url: str, *, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise DidNotAnswer(url=url, logs=os.fspath(log_folder(self.settings)))
