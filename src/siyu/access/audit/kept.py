"""Heads kept outside the database, one JSON object per line of a file that only grows: by them a chain cut short or written anew is told from the true one.

Whoever copies the file elsewhere can judge the chain by it even when this machine is not to be trusted.
"""

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

import structlog

from siyu.access.audit.model import Head

log = structlog.get_logger()
_file: Path | None = None


def use(file: Path) -> None:
    """Where heads are kept from now on; the file is made with the first of them."""
    global _file
    _file = file


def keep(tenant_id: UUID, head: Head, at: datetime) -> None:
    """Add a head; nothing happens before `use`. Raises OSError when the file cannot be written."""
    if _file is None or not head.seq:
        return
    line = json.dumps({"tenant": str(tenant_id), "seq": head.seq, "hash": head.hash, "at": at.isoformat()})
    with _file.open("a", encoding="ascii") as out:
        out.write(line + "\n")


def of(tenant_id: UUID) -> dict[int, str]:
    """The hashes of a tenant's kept heads by number; a line torn by a crash is passed over."""
    if _file is None or not _file.exists():
        return {}
    found: dict[int, str] = {}
    for number, line in enumerate(_file.read_text(encoding="ascii", errors="replace").splitlines(), 1):
        try:
            one = json.loads(line)
            if one["tenant"] == str(tenant_id):
                found[int(one["seq"])] = str(one["hash"])
        except (ValueError, KeyError, TypeError):
            log.warning("audit.head_unreadable", file=str(_file), line=number)
    return found
