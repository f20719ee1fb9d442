"""How many calls of one path may run side by side: the platform answers 45033 above a number it does not publish."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """At most `parallel` calls of one path at a time in this process; further callers wait their turn."""

    def __init__(self, parallel: int) -> None:
        self._parallel = parallel
        self._guard = threading.Lock()
        self._turns: dict[str, threading.BoundedSemaphore] = {}

    @contextmanager
    def turn(self, path: str) -> Iterator[None]:
        with self._guard:
            turns = self._turns.setdefault(path, threading.BoundedSemaphore(self._parallel))
        with turns:
            yield
