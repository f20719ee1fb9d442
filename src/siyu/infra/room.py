"""How much room the disk has left, and what is said when it has none."""

import errno
import shutil
import time
from pathlib import Path
from typing import Literal

from siyu.kernel.errors import Refusal

Level = Literal["ok", "low", "full"]
"""low: no more files are taken. full: the store cannot write."""
PIECE = 64 << 20
"""Bytes that are written between two looks at the room."""
LEAST = 16 << 20
"""One segment of PostgreSQL's log: with less the store cannot go on."""
FRESH_SECONDS = 60
_DISK_FULL = "53100"


class StoreFull(Refusal):
    """The disk is full, so nothing was written."""

    code = "store.full"
    status = 507


def is_scarce(path: Path) -> bool:
    """Whether less than a twentieth of the disk, and a piece, is free."""
    usage = shutil.disk_usage(path)
    return usage.free < usage.total // 20 + PIECE


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or one behind it, says that a disk is full: PostgreSQL's (SQLSTATE 53100) or the operating system's."""
    while error is not None:
        said = getattr(error, "orig", None) or error
        if getattr(said, "sqlstate", None) == _DISK_FULL or (isinstance(said, OSError) and said.errno in {errno.ENOSPC, errno.EDQUOT}):
            return True
        error = error.__cause__ or error.__context__
    return False


class Room:
    """The room on the disk of one home, and whether the store, wherever it is, lacked some in the last minute."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._refused: float | None = None

    def lacked(self) -> None:
        """Note that something could not be written just now."""
        self._refused = time.monotonic()

    def level(self) -> Level:
        """Looks at the disk; writes nothing."""
        if self._refused is not None and time.monotonic() - self._refused < FRESH_SECONDS:
            return "full"
        there = next(step for step in (self._home.absolute(), *self._home.absolute().parents) if step.exists())
        if shutil.disk_usage(there).free < LEAST:
            return "full"
        return "low" if is_scarce(there) else "ok"
