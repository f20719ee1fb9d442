"""How fast and how many at a time: the platform counts calls by corp and path and by caller, and refuses many side by side.

Its limits: per corp and path 10,000 a minute and 150,000 an hour, per caller and path 20,000 and 600,000; how many side by side is not published (45033).
A third of that is where we start.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from siyu.connectors.wecom.errors import Refused

RATE, PARALLEL = 45009, 45033
_GROWS_AFTER = 50
"""Calls without a refusal after which one more may run side by side."""


@dataclass(frozen=True)
class Budget:
    """Calls of one path: by one corp, and by this caller for all its corps; how many at a time; how long a path rests after 45009, then after another."""

    per_minute: int = 3_000
    per_hour: int = 50_000
    caller_per_minute: int = 6_600
    caller_per_hour: int = 200_000
    parallel: int = 5
    pauses_seconds: tuple[float, ...] = (60.0, 3600.0)


class _Bucket:
    """Holds `most` calls, refilled evenly over `seconds`."""

    def __init__(self, most: int, seconds: float, now: float) -> None:
        self._most = most
        self._rate = most / seconds
        self._left = float(most)
        self._at = now

    def take(self, now: float) -> float:
        """Take one call; seconds until it may go out."""
        self._left = min(self._most, self._left + (now - self._at) * self._rate) - 1
        self._at = now
        return max(0.0, -self._left / self._rate)


class _Gate:
    """Calls of one corp and path side by side; halves when the platform says they are too many, and grows again by and by."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._allowed = most
        self._running = 0
        self._smooth = 0
        self._free = threading.Condition()
        self.paused_until = 0.0
        self.pauses = 0

    @property
    def allowed(self) -> int:
        return self._allowed

    @contextmanager
    def turn(self) -> Iterator[None]:
        with self._free:
            while self._running >= self._allowed:
                self._free.wait()
            self._running += 1
        try:
            yield
        finally:
            with self._free:
                self._running -= 1
                self._free.notify()

    def smooth(self) -> None:
        with self._free:
            self._smooth += 1
            self.pauses = 0
            if self._smooth >= _GROWS_AFTER and self._allowed < self._most:
                self._allowed, self._smooth = self._allowed + 1, 0
                self._free.notify()

    def shut(self, now: float, pauses: Sequence[float]) -> None:
        """Rest for the next of these pauses. Answers to calls that were out already when the first came tell of the same block."""
        with self._free:
            if now >= self.paused_until:
                self.paused_until = now + pauses[min(self.pauses, len(pauses) - 1)]
                self.pauses += 1

    def crowded(self) -> None:
        with self._free:
            self._allowed, self._smooth = max(1, self._allowed // 2), 0


class Pace:
    """Keeps all clients of a process within one budget. Thread-safe."""

    def __init__(self, budget: Budget | None = None, *, clock: Callable[[], float] = time.monotonic, wait: Callable[[float], None] = time.sleep) -> None:
        self.budget = budget or Budget()
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str, int], _Bucket] = {}
        self._gates: dict[tuple[str, str], _Gate] = {}

    @contextmanager
    def turn(self, corp_id: str, path: str) -> Iterator[None]:
        """Wait until a call may go out, and note what came of it. Raises Refused (45009) without a call while the platform has shut the path."""
        gate = self._gate(corp_id, path)
        with gate.turn():
            self._check(gate, path)
            if (seconds := self._due(corp_id, path)) > 0:
                self._wait(seconds)
                self._check(gate, path)  # it may have been shut meanwhile
            try:
                yield
            except Refused as refused:
                if refused.code == RATE:
                    gate.shut(self._clock(), self.budget.pauses_seconds)
                elif refused.code == PARALLEL:
                    gate.crowded()
                raise
            gate.smooth()

    def _check(self, gate: _Gate, path: str) -> None:
        left = gate.paused_until - self._clock()
        if left > 0:
            raise Refused(path, RATE, f"shut for {left:.0f} s more")

    def parallel(self, corp_id: str, path: str) -> int:
        """How many calls of a path may run side by side now."""
        return self._gate(corp_id, path).allowed

    def _gate(self, corp_id: str, path: str) -> _Gate:
        with self._lock:
            return self._gates.setdefault((corp_id, path), _Gate(self.budget.parallel))

    def _due(self, corp_id: str, path: str) -> float:
        b, now = self.budget, self._clock()
        wanted = ((corp_id, b.per_minute, 60), (corp_id, b.per_hour, 3600), ("", b.caller_per_minute, 60), ("", b.caller_per_hour, 3600))
        with self._lock:
            return max(self._bucket((who, path, seconds), most, now).take(now) for who, most, seconds in wanted)

    def _bucket(self, key: tuple[str, str, int], most: int, now: float) -> _Bucket:
        # A full minute's calls at once and a minute's more would be two minutes' within one: a tenth of a minute is what may come in one rush.
        if key not in self._buckets:
            self._buckets[key] = _Bucket(most, key[2], now) if key[2] > 60 else _Bucket(max(1, most // 10), key[2] / 10, now)
        return self._buckets[key]
