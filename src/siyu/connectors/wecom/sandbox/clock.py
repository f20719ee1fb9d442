"""Two clocks: the town's business time, announced in a small file, and the machine's time for protocol windows."""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

BEAT_SECONDS = 30.0
"""A running clock's file is written anew this often, in machine time …"""
OFF_SECONDS = 300.0
"""… so that one older than this belongs to a sandbox that was off."""
FASTEST = 10_000


def is_pace(speed: float) -> bool:
    """Whether a clock may run at so many business seconds per machine second: 1 to FASTEST, or 0 to stand still."""
    return speed == 0 or 1 <= speed <= FASTEST


class Clock:
    """Business time as `business + (machine now - machine) * speed`, in epoch seconds.

    The state is a JSON file `{"business": iso, "machine": epoch seconds, "speed": float}`, replaced atomically, so that others can follow the clock
    without asking. A file found at the start goes on from where it stands; when nobody has kept it for long, the sandbox was off, and the town slept.
    """

    def __init__(self, path: Path, *, start: float | None = None, speed: float = 1.0, machine: Callable[[], float] = time.time) -> None:
        self.path = path
        self.machine = machine
        self._lock = threading.RLock()
        if path.exists():
            state = json.loads(path.read_text(encoding="utf-8"))
            self._business = datetime.fromisoformat(state["business"]).timestamp()
            self._machine, self._speed = float(state["machine"]), float(state["speed"])
            if self._speed > 0 and machine() - self._machine > OFF_SECONDS:
                self._machine = machine()
                self._write()
        else:
            self._business, self._machine, self._speed = round(machine() if start is None else start, 3), machine(), speed
            self._write()

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> float:
        with self._lock:
            return self._business + (self.machine() - self._machine) * self._speed

    def set(self, *, business: float | None = None, speed: float | None = None) -> None:
        """Jump to an instant, change the pace, or both."""
        with self._lock:
            self._business = round(self.now() if business is None else business, 3)  # what the file can say exactly
            self._machine = self.machine()
            self._speed = self._speed if speed is None else speed
            self._write()

    def beat(self) -> None:
        """Keep the file of a running clock young."""
        with self._lock:
            if self._speed > 0 and self.machine() - self._machine > BEAT_SECONDS:
                self.set()

    def advance(self, to: float) -> None:
        """Move forward to an instant; never back."""
        with self._lock:
            if to > self.now():
                self.set(business=to)

    def _write(self) -> None:
        state = {"business": iso(self._business), "machine": self._machine, "speed": self._speed}
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(self.path)


def iso(epoch_seconds: float) -> str:
    return datetime.fromtimestamp(epoch_seconds, UTC).isoformat()


def epoch(text: str) -> float:
    """ISO 8601 to epoch seconds; an instant without zone counts as UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
