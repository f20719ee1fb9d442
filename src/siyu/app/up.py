"""`siyu up`: the store, the web server, the worker and the engine under one supervisor."""

import os
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from siyu.app.processes import Process, Processes
from siyu.app.runtime import log_folder, store_url
from siyu.infra import postgres
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


class Installation:
    """All processes of one home folder. `extra` are started before the others (a sandbox)."""

    def __init__(self, settings: Settings, *, extra: Sequence[Process] = ()) -> None:
        self.settings = settings.model_copy(update={"port": settings.port or free_port()})
        self.extra = list(extra)
        self.processes: Processes | None = None
        self._keeper: postgres.Supervisor | None = None
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where the console answers."""
        return f"http://{self.settings.host}:{self.settings.port}"

    def start(self) -> None:
        """Start the store, migrate it, start the processes, wait until the console answers. Raises PostgresRefusal, PortTaken, DidNotAnswer."""
        self._check_port()
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
        if self.settings.database_url is None:
            postgres.stop(self.settings.home / "postgres")

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
