"""Processes of one data directory, recognised by what they are: a server program whose working directory it is.

A number alone proves nothing: the process of a stale pid file may be anybody's by now. A name alone proves less.
"""

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")
_PROGRAMS = {"postgres", "initdb"}


def of(directory: Path) -> list[int]:
    """Pids of the living server processes that work in `directory`: postmaster, its helpers, and what a killed one left behind."""
    return [pid for pid in _pids() if belongs(pid, directory)]


def belongs(pid: int, directory: Path) -> bool:
    """Whether `pid` is a living server process of `directory`. A zombie is not living; a process that hides its directory is not ours."""
    try:
        here, there = (_PROC / str(pid) / "cwd").stat(), directory.stat()
        program = (_PROC / str(pid) / "exe").readlink()
    except OSError:
        return False
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino) and program.name.removesuffix(" (deleted)") in _PROGRAMS


def exists(pid: int) -> bool:
    """Whether the number is in use at all, by whomever, even by a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(pid: int, directory: Path, number: signal.Signals) -> bool:
    """Signal `pid` if it belongs to `directory`; the handle is taken before the check, so the number cannot change hands in between."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if not belongs(pid, directory):
            return False
        signal.pidfd_send_signal(handle, number)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)


def gone(pid: int, directory: Path, *, within_seconds: float) -> bool:
    """Wait until `pid` no longer lives in `directory`; False when it still does after the time."""
    deadline = time.monotonic() + within_seconds
    while belongs(pid, directory):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def clear(directory: Path) -> list[int]:
    """End what a killed postmaster left behind, so that a new one may have the shared memory; returns the pids that needed a push.

    Orphans leave by themselves within moments. One that computes does not notice; it gets SIGQUIT after two seconds and SIGKILL after two more.
    That loses nothing acknowledged: the log of the crash is replayed in any case.
    """
    pushed: list[int] = []
    for number in (None, signal.SIGQUIT, signal.SIGKILL):
        orphans = of(directory)
        if not orphans:
            break
        if number is not None:
            pushed.extend(pid for pid in orphans if send(pid, directory, number))
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline and any(belongs(pid, directory) for pid in orphans):
            time.sleep(0.02)
    return sorted(set(pushed))


def _pids() -> Iterable[int]:
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal())
