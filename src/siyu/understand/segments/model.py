"""A saved filter, and a list of people frozen from it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NewType
from uuid import UUID

from siyu.kernel.errors import NotFound, Refusal
from siyu.kernel.ids import SegmentId
from siyu.understand.customers import Filter

ListId = NewType("ListId", UUID)
LARGEST = 1_000_000
LONGEST_NAME = 80


class SegmentNotFound(NotFound):
    """No such segment."""

    code = "segment.not_found"


class BadName(Refusal):
    """A segment needs a name of 1 to 80 characters."""

    code = "segment.bad_name"
    status = 422


class EverybodyNeedsCount(Refusal):
    """A segment without any condition means everybody; type their number to mean it."""

    code = "segment.everybody"
    status = 422


@dataclass(frozen=True)
class Frozen:
    """The people of a segment at one instant, fixed: same count and hash whenever it is read. `filter` chose them. `as_of`: the replica's watermark."""

    id: ListId
    segment_id: SegmentId
    filter: Filter
    count: int
    hash: str
    as_of: datetime


@dataclass(frozen=True)
class Segment:
    """Who fits `filter`, at any time anew; or, with a `list`, the people on it. `archived`: taken out of use."""

    id: SegmentId
    name: str
    filter: Filter
    created_by: str
    created_at: datetime
    list: Frozen | None = None
    archived: bool = False

    @property
    def rule(self) -> Filter:
        """How its people are or were chosen."""
        return self.list.filter if self.list else self.filter


def digest(members: Iterable[UUID]) -> str:
    """SHA-256 over the members in order of their ids."""
    total = hashlib.sha256()
    for member in sorted(members):
        total.update(member.bytes)
    return total.hexdigest()


def named(name: str) -> str:
    """The name without blanks around it. Raises BadName."""
    if not 1 <= len(name.strip()) <= LONGEST_NAME or not name.strip().isprintable():
        raise BadName(limit=LONGEST_NAME)
    return name.strip()


def copy_name(name: str, day: date) -> str:
    """What a frozen copy is called: the name and the day, shortened to fit."""
    tail = f" · {day.isoformat()}"
    return name[: LONGEST_NAME - len(tail)] + tail
