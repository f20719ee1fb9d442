"""Processes of one data directory, recognised by what they are: a server program whose working directory it is.

A number alone proves nothing: the process of a stale pid file may be anybody's by now. A name alone proves less.
"""

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PROC = Path("/proc")
_PROGRAMS = {"postgres", "initdb"}


def of(directory: Path) -> list[int]:
    """Pids of the living server processes that work in `directory`: postmaster, its helpers, and what a killed one left behind."""
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal() and belongs(int(entry.name), directory)]


def belongs(pid: int, directory: Path) -> bool:
    """Whether `pid` is a living server process of `directory`. A zombie is not living; a process that hides its directory is not ours."""
    process = _PROC / str(pid)
    try:
        there = directory.stat()
        with _eyes_of(there.st_uid, there.st_gid):
            here, program = (process / "cwd").stat(), (process / "exe").readlink()
    except OSError:
        return False
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino) and program.name.removesuffix(" (deleted)") in _PROGRAMS


def exists(pid: int) -> bool:
    """Whether the number is in use at all, by whomever, even by a zombie."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def send(pid: int, directory: Path, number: signal.Signals) -> bool:
    """Signal `pid` if it belongs to `directory`; the handle is taken before the check, so the number cannot change hands in between."""
    try:
        handle: int | None = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    except OSError:  # a kernel or container without such handles
        handle = None
    try:
        if not belongs(pid, directory):
            return False
        if handle is None:
            os.kill(pid, number)
        else:
            signal.pidfd_send_signal(handle, number)
        return True
    except ProcessLookupError:
        return False
    finally:
        if handle is not None:
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
    pushed: set[int] = set()
    for number in (None, signal.SIGQUIT, signal.SIGKILL):
        orphans = of(directory)
        if not orphans:
            break
        if number is not None:
            pushed.update(pid for pid in orphans if send(pid, directory, number))
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline and any(belongs(pid, directory) for pid in orphans):
            time.sleep(0.02)
    return sorted(pushed)


@contextmanager
def _eyes_of(uid: int, gid: int) -> Iterator[None]:
    """Look at /proc as that user: root in a container commonly lacks CAP_SYS_PTRACE and may not see what others' processes do.

    The kernel keeps this identity per thread and for looking at files only, so nothing else changes hands. A no-op for everybody but root.
    """
    if os.geteuid() != 0 or uid == 0:
        yield
        return
    libc = ctypes.CDLL(None)
    libc.setfsgid(gid)
    libc.setfsuid(uid)
    try:
        yield
    finally:
        libc.setfsuid(0)
        libc.setfsgid(os.getegid())
