"""Audit entries and the chain that holds them together. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

START = b"\0" * 32
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True)
class Entry:
    """One act. `at` is business time, `recorded_at` the machine's; `detail` the JSON text as written; `hash` covers all of it and the entry before."""

    seq: int
    at: datetime
    recorded_at: datetime
    actor: str
    actor_name: str
    act: str
    subject: str
    detail: str
    hash: bytes = b""

    def details(self) -> dict[str, Any]:
        """The detail as values."""
        parsed: dict[str, Any] = json.loads(self.detail)
        return parsed


@dataclass(frozen=True)
class Head:
    """Number and hash of the last entry: whoever kept them elsewhere can tell later whether the chain was cut or rewritten."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds. `broken_at` is the number of the first entry that is changed, missing or too many; `reason` says which."""

    ok: bool
    entries: int
    broken_at: int | None = None
    reason: str | None = None


def link(tenant_id: UUID, entry: Entry, previous: bytes) -> bytes:
    """SHA-256 over the canonical JSON of an entry with the hash of the one before (`START` for the first)."""
    said = {
        "act": entry.act,
        "actor": entry.actor,
        "actor_name": entry.actor_name,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "detail": entry.detail,
        "previous": previous.hex(),
        "recorded_at": entry.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "seq": entry.seq,
        "subject": entry.subject,
        "tenant_id": str(tenant_id),
    }
    return hashlib.sha256(canonical(said).encode()).digest()


def canonical(value: Any) -> str:
    """JSON with sorted keys, without blanks, in ASCII."""
    return _encode(value)


def detail_text(detail: Mapping[str, Any]) -> str:
    """Details as they are kept: ids, dates and decimals as text; what PostgreSQL cannot hold in a text (NUL, half characters) replaced."""
    return canonical({clean(str(key)): _plain(value) for key, value in detail.items()})


def clean(text: str) -> str:
    """A text that PostgreSQL can hold."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()


def verify(tenant_id: UUID, entries: Iterable[Entry], head: tuple[int, bytes], kept: Mapping[int, str] = MappingProxyType({})) -> Verdict:
    """Walk a chain from its first entry to its head, one entry in memory at a time. `kept`: hashes by number as somebody wrote them down elsewhere."""
    previous, count = START, 0
    for entry in entries:
        if entry.seq != count + 1:
            missing = entry.seq > count + 1
            return Verdict(False, count, count + 1 if missing else entry.seq, "missing" if missing else "inserted")
        if entry.seq > head[0]:
            return Verdict(False, count, entry.seq, "inserted")
        if link(tenant_id, entry, previous) != entry.hash or kept.get(entry.seq, entry.hash.hex()) != entry.hash.hex():
            return Verdict(False, count, entry.seq, "changed")
        previous, count = entry.hash, entry.seq
    if count < max(head[0], *kept, 0):
        return Verdict(False, count, count + 1, "missing")
    if previous != head[1]:
        return Verdict(False, count, count, "changed")
    return Verdict(True, count)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {clean(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [_plain(item) for item in value]
        return sorted(items, key=str) if isinstance(value, set | frozenset) else items
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    return clean(value.isoformat() if isinstance(value, datetime) else str(value))
