"""A saved filter, and a list of people frozen from it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from siyu.kernel.errors import NotFound, Refusal
from siyu.kernel.ids import SegmentId
from siyu.understand.customers import Filter

ListId = NewType("ListId", UUID)
LARGEST = 1_000_000


class SegmentNotFound(NotFound):
    """No such segment."""

    code = "segment.not_found"


class BadName(Refusal):
    """A segment needs a name of 1 to 60 characters."""

    code = "segment.bad_name"
    status = 422


class EverybodyNeedsCount(Refusal):
    """A segment without any condition means everybody; type their number to mean it."""

    code = "segment.everybody"
    status = 422


@dataclass(frozen=True)
class Segment:
    """Who fits `filter`, at any time anew."""

    id: SegmentId
    name: str
    filter: Filter
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class Frozen:
    """The people of a segment at one instant, fixed: same count and hash whenever it is read. `as_of`: the replica's watermark."""

    id: ListId
    segment_id: SegmentId
    count: int
    hash: str
    as_of: datetime


def digest(members: Iterable[UUID]) -> str:
    """SHA-256 over the members in order of their ids."""
    total = hashlib.sha256()
    for member in sorted(members):
        total.update(member.bytes)
    return total.hexdigest()


def named(name: str) -> str:
    """The name without blanks around it. Raises BadName."""
    if not 1 <= len(name.strip()) <= 60:
        raise BadName(limit=60)
    return name.strip()
