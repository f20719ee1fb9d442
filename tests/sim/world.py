"""One thread, one virtual clock, one seed: who runs next, and when, is drawn from the seed and from nothing else."""

import hashlib
import heapq
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]


class Crash(BaseException):
    """The process is gone. It loses its memory and keeps what it had committed."""


class World:
    """A heap of what happens next. Processes are greenlets that give the turn back whenever they wait."""

    def __init__(self, seed: int, start: datetime) -> None:
        self.rng = random.Random(seed)
        self.start = start
        self.seconds = 0.0
        self.trace = hashlib.sha256()
        self.steps = 0
        self.error = timedelta(0)
        self._heap: list[tuple[float, int, Callable[[], object]]] = []
        self._order = 0
        self._main = getcurrent()

    @property
    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)

    def business(self) -> datetime:
        """The instant as the gateway believes it to be."""
        return self.now + self.error

    def clock(self) -> float:
        return self.seconds

    def note(self, *what: object) -> None:
        """Put something that happened into the trace, whose hash names the run."""
        self.steps += 1
        self.trace.update(repr((round(self.seconds, 3), *what)).encode())

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        """Let something happen `seconds` from now."""
        self._order += 1
        heapq.heappush(self._heap, (self.seconds + seconds, self._order, act))

    def spawn(self, process: Callable[[], Any], after: float = 0.0) -> None:
        """Start a process, to be started again a while after each crash."""

        def life() -> None:
            try:
                process()
            except Crash:
                self.note("crash")
                self.spawn(process, after=self.rng.uniform(1, 30))

        self.at(after, greenlet(life).switch)

    def pause(self, seconds: float) -> None:
        """Let the calling process wait, and everybody else go on."""
        me = getcurrent()
        self.at(seconds, me.switch)
        self._main.switch()

    def run(self, until: datetime) -> None:
        """Let the world turn until the given instant. Whatever waits beyond it never happens."""
        end = (until - self.start).total_seconds()
        while self._heap and self._heap[0][0] <= end:
            when, _, act = heapq.heappop(self._heap)
            self.seconds = max(self.seconds, when)
            act()
        self.seconds = end


START = datetime(2025, 9, 19, 1, 0, tzinfo=UTC)
"""A Friday, nine in the morning in Shanghai: the weekend brings the turn of the week, the end of the month is near."""
