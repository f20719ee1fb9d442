"""Where business time comes from. Machine time (leases, time-outs, tokens) never comes from here."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Business time is the machine's time, aware UTC."""
    return datetime.now(UTC)


def file_clock(path: Path) -> Clock:
    """Business time as a sandbox announces it in a small JSON file, replaced atomically: `{"business": iso, "machine": epoch seconds, "speed": factor}`.

    The clock reads `business + (machine now - machine) * speed`; speed 0 stands still. Raises FileNotFoundError when no sandbox wrote it.
    """

    def now() -> datetime:
        state = json.loads(path.read_text(encoding="utf-8"))
        since = (time.time() - float(state["machine"])) * float(state["speed"])
        return datetime.fromisoformat(state["business"]).astimezone(UTC) + timedelta(seconds=since)

    return now
