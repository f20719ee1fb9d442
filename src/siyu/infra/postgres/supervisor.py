"""Keeps the server of a home up while the app runs."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from siyu.infra.postgres import processes
from siyu.infra.postgres.control import prune_logs, start, stop
from siyu.infra.postgres.refusals import PostgresRefusal
from siyu.infra.postgres.server import Server

log = structlog.get_logger()

_LOOKS_BETWEEN_PRUNINGS = 4 * 3600


class Supervisor:
    """Starts the server, notices its death within `every_seconds`, starts it again, and stops it at the end.

    A thread looks after the server; who has a loop of his own starts with `watch=False` and calls `check` in it. The server comes back under the same
    address. While it cannot (a full disk), the thread reports the refusal to `on_refusal` and tries again every few seconds, so that nobody has to
    restart anything once the cause is gone. A stop by somebody else is undone like any other death: whoever wants the server down ends the app.
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        binaries: Path | None = None,
        every_seconds: float = 0.25,
        on_restart: Callable[[Server], None] | None = None,
        on_refusal: Callable[[PostgresRefusal], None] | None = None,
    ) -> None:
        self.restarts = 0
        self._start = partial(start, home, port=port, settings=settings, binaries=binaries)
        self._home = home
        self._every_seconds = every_seconds
        self._on_restart = on_restart
        self._on_refusal = on_refusal
        self._server: Server | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="postgres-supervisor", daemon=True)

    @property
    def server(self) -> Server:
        """The server as last seen; its address stays the same over restarts, its pid does not."""
        assert self._server is not None, "start first"
        return self._server

    def start(self, *, watch: bool = True) -> Server:
        """Start or adopt the server, and look after it from now on. Raises a `PostgresRefusal`."""
        self._server = self._start()
        if watch:
            self._thread.start()
        return self._server

    def check(self) -> bool:
        """Look once; True when the server was dead and has been started again. Raises a `PostgresRefusal` when that fails: call again later."""
        if processes.belongs(self.server.pid, self.server.data_dir):
            return False
        log.warning("postgres.died", pid=self.server.pid)
        self._server = self._start()
        self.restarts += 1
        return True

    def stop(self) -> None:
        """Stop looking, then stop the server."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        stop(self._home)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _look_after(self) -> None:
        looks, pause = 0, self._every_seconds
        while not self._ending.wait(pause):
            try:
                if self.check() and self._on_restart is not None:
                    self._on_restart(self.server)
                pause = self._every_seconds
            except PostgresRefusal as refusal:
                log.error("postgres.not_back", code=refusal.code, why=refusal.sentence("en-US"))
                if self._on_refusal is not None:
                    self._on_refusal(refusal)
                pause = min(5.0, pause * 2)
            except Exception:
                log.exception("postgres.not_back")  # whatever it is, a supervisor that dies of it helps nobody
                pause = min(5.0, pause * 2)
            looks += 1
            if looks % _LOOKS_BETWEEN_PRUNINGS == 0:
                prune_logs(self.server.data_dir.parent / "log")
