"""From the last words of a server, or of the operating system, to a refusal that says what helps."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from siyu.infra.postgres.refusals import DiskFull, NotPermitted, PortTaken, PostgresRefusal, StartFailed

_MIB = 1024 * 1024


def explain(base: Path, said: str) -> PostgresRefusal:
    """The refusal behind what initdb or the server wrote before it gave up."""
    lines = [line for line in said.splitlines() if re.search(r"FATAL|PANIC|ERROR|error:|could not", line)]
    words = " ".join(lines)
    last = re.sub(r"^.*?(FATAL|PANIC|ERROR|error):\s*", "", (lines or said.splitlines() or ["no word of why"])[-1])
    if "No space left on device" in words or "Disk quota exceeded" in words:
        return DiskFull(path=str(base), free_mib=free_mib(base), needed_mib=64)
    if "Address already in use" in words:
        return PortTaken(port=_configured_port(base))
    if denied := next((line for line in lines if re.search(r"Permission denied|Operation not permitted|has wrong ownership", line)), None):
        return NotPermitted(path=str(base), reason=re.sub(r"^.*?(FATAL|PANIC|ERROR|LOG|error):\s*", "", denied))
    return StartFailed(reason=last, log=str(base / "log"))


def _configured_port(base: Path) -> int:
    """What postgresql.conf says: the log is terse and does not name it."""
    text = (base / "postgresql.conf").read_text()
    return int(next(iter(re.findall(r"^port = '(\d+)'$", text, re.MULTILINE)), 5432))


@contextmanager
def worded(path: Path) -> Iterator[None]:
    """Turn what the operating system denies within into a refusal; `path` is named when it names none."""
    try:
        yield
    except OSError as error:
        where = error.filename if isinstance(error.filename, str) else str(path)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(path=where, free_mib=free_mib(_existing(Path(where))), needed_mib=64) from error
        raise NotPermitted(path=where, reason=error.strerror or str(error)) from error


def _existing(path: Path) -> Path:
    return next(step for step in (path, *path.parents) if step.exists())


def free_mib(path: Path) -> int:
    """What a normal user may still write on the volume of `path`, in MiB."""
    info = os.statvfs(path)
    return info.f_bavail * info.f_frsize // _MIB
