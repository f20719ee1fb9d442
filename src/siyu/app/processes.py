"""A small supervisor: keeps a few processes running, restarts one that dies, stops all in order."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()
CALM_SECONDS = 30.0


@dataclass
class Process:
    """One supervised process: `python -m module args`, with its log file. It ends when its supervisor does, even by kill -9."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    restarts: int = 0
    began: float = 0.0
    handle: subprocess.Popen[bytes] | None = None
    tether: int | None = None


class Processes:
    """Started in the order given, stopped in reverse."""

    def __init__(self, wanted: Sequence[Process], logs: Path) -> None:
        self.wanted = list(wanted)
        self.logs = logs
        self._stop = threading.Event()

    def start(self) -> None:
        """Start every process that is not running."""
        for process in self.wanted:
            if process.handle is None or process.handle.poll() is not None:
                self._spawn(process)

    def watch(self, stop: threading.Event) -> None:
        """Restart what dies, at once the first time, then ever more slowly, until `stop`."""
        while not stop.wait(0.2):
            for process in self.wanted:
                if process.handle is None or process.handle.poll() is None or self._stop.is_set():
                    continue
                lived = time.monotonic() - process.began
                process.restarts = 0 if lived > CALM_SECONDS else process.restarts + 1
                log.warning("process.died", process=process.name, code=process.handle.returncode, restarts=process.restarts)
                if process.restarts and stop.wait(min(10.0, 0.3 * 2**process.restarts)):
                    return
                self._spawn(process)

    def pid(self, name: str) -> int:
        """The process id of a running process, for those who test by killing."""
        handle = next(process.handle for process in self.wanted if process.name == name)
        assert handle is not None
        return handle.pid

    def stop(self, *, patience_seconds: float = 10) -> None:
        """Ask each to end, last started first; kill what does not."""
        self._stop.set()
        for process in reversed(self.wanted):
            if process.handle is not None and process.handle.poll() is None:
                process.handle.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + patience_seconds
        for process in reversed(self.wanted):
            if process.handle is None:
                continue
            try:
                process.handle.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.handle.kill()
                process.handle.wait()
            self._untie(process)

    def _spawn(self, process: Process) -> None:
        self._untie(process)
        theirs, process.tether = os.pipe()
        with open(self.logs / f"{process.name}.log", "ab") as out:
            process.handle = subprocess.Popen(
                [sys.executable, "-m", "siyu.app.tether", str(theirs), *process.arguments],
                env={**os.environ, **process.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                pass_fds=(theirs,),
            )
        os.close(theirs)
        process.began = time.monotonic()
        log.debug("process.started", process=process.name, pid=process.handle.pid)

    def _untie(self, process: Process) -> None:
        if process.tether is not None:
            os.close(process.tether)
            process.tether = None
