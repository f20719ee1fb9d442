"""From the last words of a server to a refusal that says what helps."""

import os
import re
from pathlib import Path

from siyu.infra.postgres.places import Place
from siyu.infra.postgres.refusals import DiskFull, NotPermitted, PortTaken, PostgresRefusal, StartFailed

_MIB = 1024 * 1024


def explain(place: Place, said: str) -> PostgresRefusal:
    """The refusal behind what initdb or the server wrote before it gave up."""
    lines = [line for line in said.splitlines() if re.search(r"FATAL|PANIC|ERROR|error:|could not", line)]
    words = " ".join(lines)
    last = re.sub(r"^.*?(FATAL|PANIC|ERROR|error):\s*", "", (lines or said.splitlines() or ["no word of why"])[-1])
    if "No space left on device" in words or "Disk quota exceeded" in words:
        return DiskFull(path=str(place.base), free_mib=free_mib(place.base), needed_mib=64)
    if "Address already in use" in words:
        return PortTaken(port=_configured_port(place))
    if denied := next((line for line in lines if re.search(r"Permission denied|Operation not permitted|has wrong ownership", line)), None):
        return NotPermitted(path=str(place.base), reason=re.sub(r"^.*?(FATAL|PANIC|ERROR|LOG|error):\s*", "", denied))
    return StartFailed(reason=last, log=str(place.log))


def _configured_port(place: Place) -> int:
    """What postgresql.conf says: the log is terse and does not name it."""
    text = (place.base / "postgresql.conf").read_text()
    return int(next(iter(re.findall(r"^port = '(\d+)'$", text, re.MULTILINE)), 5432))


def free_mib(path: Path) -> int:
    """What a normal user may still write on the volume of `path`, in MiB."""
    info = os.statvfs(path)
    return info.f_bavail * info.f_frsize // _MIB
