"""Call rates and parallel calls, in machine time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.settings import Limits


class Rates:
    """Fixed windows per (corp, path) and per (caller, path). A block lasts as long as the window that was hit."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str, int, int], int] = {}
        self._blocked: dict[tuple[str, str], float] = {}
        self._running: dict[str, int] = {}

    def count(self, path: str, caller_ip: str, machine: float) -> None:
        """Count one call. Fails with 45009."""
        limits = self._limits
        with self._lock:
            if len(self._counts) > 10_000:
                self._counts = {key: n for key, n in self._counts.items() if (key[3] + 1) * key[2] > machine}
            for who, per_minute, per_hour in (
                ("corp", limits.calls_per_minute, limits.calls_per_hour),
                (caller_ip, limits.ip_calls_per_minute, limits.ip_calls_per_hour),
            ):
                if self._blocked.get((who, path), 0) > machine:
                    raise Failure(45009)
                for seconds, most in ((60, per_minute), (3600, per_hour)):
                    key = (who, path, seconds, int(machine // seconds))
                    self._counts[key] = self._counts.get(key, 0) + 1
                    if self._counts[key] > most:
                        self._blocked[(who, path)] = machine + seconds
                        raise Failure(45009)

    def within(self, path: str, who: str, most: int, seconds: int, machine: float) -> None:
        """Count one call of a path with a ceiling of its own, in a fixed window. Fails with 45009."""
        with self._lock:
            key = (who, f"{path}/own", seconds, int(machine // seconds))
            self._counts[key] = self._counts.get(key, 0) + 1
            if self._counts[key] > most:
                raise Failure(45009)

    def block(self, path: str, until_machine: float) -> None:
        """Refuse a path for a while, as after an exceeded rate."""
        with self._lock:
            self._blocked[("corp", path)] = until_machine

    @contextmanager
    def running(self, path: str) -> Iterator[None]:
        """Hold one of the parallel places of a path. Fails with 45033."""
        with self._lock:
            if self._running.get(path, 0) >= self._limits.parallel:
                raise Failure(45033)
            self._running[path] = self._running.get(path, 0) + 1
        try:
            yield
        finally:
            with self._lock:
                self._running[path] -= 1
