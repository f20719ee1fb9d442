"""Identifiers. Each noun has its own type, so that one cannot be handed in for another."""

import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NewType, TypeVar
from uuid import UUID

TenantId = NewType("TenantId", UUID)
AccountId = NewType("AccountId", UUID)
SessionId = NewType("SessionId", UUID)
StaffId = NewType("StaffId", UUID)
DepartmentId = NewType("DepartmentId", UUID)
CustomerId = NewType("CustomerId", UUID)
IdentityId = NewType("IdentityId", UUID)
ContactId = NewType("ContactId", UUID)
OrderId = NewType("OrderId", UUID)
RefundId = NewType("RefundId", UUID)
ProductId = NewType("ProductId", UUID)
SourceId = NewType("SourceId", UUID)
ImportId = NewType("ImportId", UUID)
CorpId = NewType("CorpId", UUID)
GroupId = NewType("GroupId", UUID)
MarkingId = NewType("MarkingId", UUID)
LinkId = NewType("LinkId", UUID)
SegmentId = NewType("SegmentId", UUID)
MaterialId = NewType("MaterialId", UUID)
BroadcastId = NewType("BroadcastId", UUID)
HandoverId = NewType("HandoverId", UUID)
GroupHandoverId = NewType("GroupHandoverId", UUID)
IntentId = NewType("IntentId", UUID)
WelcomeId = NewType("WelcomeId", UUID)
CallId = NewType("CallId", UUID)
JobId = NewType("JobId", UUID)
FileId = NewType("FileId", UUID)
EventId = NewType("EventId", UUID)
AuditId = NewType("AuditId", UUID)

Id = TypeVar("Id")
_lock = threading.Lock()
_last: dict[int, int] = {}
_REMEMBERED = 1024
"""Milliseconds whose last stamp is known: threads may work at different instants, a frozen business clock among them."""
_MILLIS, _TAIL = (1 << 48) - 1, (1 << 62) - 1


def uuid7(at: datetime) -> UUID:
    """Version 7 UUID (RFC 9562) whose leading 48 bits are the milliseconds of `at`; ids made in one process within a millisecond keep their order."""
    return uuid7s(at, 1)[0]


def uuid7s(at: datetime, count: int) -> list[UUID]:
    """So many of them for one instant, in order."""
    return [UUID(int=one) for one in _numbers(at, count)]


def uuid7_hexes(at: datetime, count: int) -> list[str]:
    """The same as 32 digits each, for what goes straight into a statement."""
    return [f"{one:032x}" for one in _numbers(at, count)]


def _numbers(at: datetime, count: int) -> list[int]:
    millis = int(at.timestamp() * 1000)
    chance = secrets.token_bytes(2 + 8 * count)
    with _lock:
        stamp = millis << 12 | int.from_bytes(chance[:2]) >> 4
        stamp = max(stamp, _last.pop(millis, 0) + 1)
        _last[millis] = stamp + count - 1
        if len(_last) > _REMEMBERED:
            del _last[next(iter(_last))]
    tails = (int.from_bytes(chance[place : place + 8]) & _TAIL for place in range(2, len(chance), 8))
    stamps = range(stamp, stamp + count)
    return [(one >> 12 & _MILLIS) << 80 | 0x7 << 76 | (one & 0xFFF) << 64 | 0b10 << 62 | tail for one, tail in zip(stamps, tails, strict=True)]


def made_at(id: UUID) -> datetime:
    """The instant that a version 7 UUID was made at, to the millisecond."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)


def new_id(kind: Callable[[UUID], Id], at: datetime) -> Id:
    """A fresh id of the given kind, ordered by `at`: `new_id(OrderId, tx.now)`."""
    return kind(uuid7(at))


def new_ids(kind: Callable[[UUID], Id], at: datetime, count: int) -> list[Id]:
    """So many fresh ids of one kind, in order."""
    return [kind(id) for id in uuid7s(at, count)]
