"""Routes of segments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from siyu.infra.http import Db, Page, decode_cursor, encode_cursor, needs, router
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import SegmentId
from siyu.understand import customers
from siyu.understand.customers import Filter
from siyu.understand.segments import service
from siyu.understand.segments.model import Segment

routes = router("/segments", tag="understand")
Limit = Annotated[int, Query(ge=1, le=100)]


class SegmentIn(BaseModel):
    """`filter`: the keys of the customer list's query. `frozen`: keep who fits now, not who fits later.

    `everybody`: without any condition, the number of customers, typed by whoever means all of them.
    """

    name: str
    filter: dict[str, Any]
    frozen: bool = False
    everybody: int | None = None


class PreviewIn(BaseModel):
    """The keys of the customer list's query."""

    filter: dict[str, Any]


class PersonRef(BaseModel):
    """A customer by name."""

    id: UUID
    name: str | None


class PreviewOut(BaseModel):
    """How many fit right now, and a few of them."""

    count: int
    as_of: datetime
    sample: list[PersonRef]


class SegmentOut(BaseModel):
    """A segment. `filter` is how its people are, or when frozen were, chosen; `members` and `as_of` are null while the replica is away.

    `archived`: taken out of use; nothing new can be made for it.
    """

    id: UUID
    name: str
    filter: dict[str, Any]
    frozen: bool
    hash: str | None
    members: int | None
    as_of: datetime | None
    created_by: str
    created_at: datetime
    archived: bool

    @classmethod
    def of(cls, segment: Segment, members: int | None, as_of: datetime | None) -> "SegmentOut":
        return cls(
            id=segment.id,
            name=segment.name,
            filter=segment.rule.given(),
            frozen=segment.list is not None,
            hash=segment.list.hash if segment.list else None,
            members=members,
            as_of=segment.list.as_of if segment.list else as_of,
            created_by=segment.created_by,
            created_at=segment.created_at,
            archived=segment.archived,
        )


def _counted(tx: Tx, segments: Sequence[Segment]) -> list[SegmentOut]:
    members, as_of = service.counts(tx, segments)
    return [SegmentOut.of(segment, members.get(segment.id), as_of) for segment in segments]


@routes.post("", operation_id="save_segment", status_code=201, dependencies=[needs("segments.edit")])
def save_segment(tx: Db, body: SegmentIn) -> SegmentOut:
    """Keep a filter, or who fits it now, as a segment."""
    segment = service.save(tx, name=body.name, filter=Filter.of(body.filter), frozen=body.frozen, everybody=body.everybody)
    return _counted(tx, [segment])[0]


@routes.post("/preview", operation_id="preview_segment", dependencies=[needs("segments.read")])
def preview_segment(tx: Db, body: PreviewIn) -> PreviewOut:
    """How many fit a filter right now."""
    found = service.preview(tx, Filter.of(body.filter))
    return PreviewOut(count=found.count, as_of=found.as_of, sample=[PersonRef(id=row["id"], name=row["name"]) for row in found.sample])


@routes.get("", operation_id="list_segments", dependencies=[needs("segments.read")])
def list_segments(tx: Db, cursor: str | None = None, limit: Limit = 50) -> Page[SegmentOut]:
    """Segments, newest first, with how many are in each."""
    found = service.page(tx, before=_before(cursor), limit=limit + 1)
    return Page[SegmentOut](items=_counted(tx, found[:limit]), next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None)


@routes.get("/{id}", operation_id="get_segment", dependencies=[needs("segments.read")])
def get_segment(tx: Db, id: UUID) -> SegmentOut:
    """One segment with how many are in it."""
    return _counted(tx, [service.get(tx, SegmentId(id))])[0]


@routes.get("/{id}/members", operation_id="list_segment_members", dependencies=[needs("segments.read"), needs("customers.read")])
def list_segment_members(tx: Db, id: UUID, cursor: str | None = None, limit: Limit = 50) -> customers.CustomerPage:
    """Who is in the segment now."""
    return customers.listed(tx, service.filter_of(tx, id), cursor=cursor, limit=limit)


@routes.post("/{id}/freeze", operation_id="freeze_segment", status_code=201, dependencies=[needs("segments.edit")])
def freeze_segment(tx: Db, id: UUID) -> SegmentOut:
    """A new segment that holds who is in this one now."""
    return _counted(tx, [service.freeze_copy(tx, SegmentId(id))])[0]


@routes.delete("/{id}", operation_id="archive_segment", status_code=204, dependencies=[needs("segments.edit")])
def archive_segment(tx: Db, id: UUID) -> None:
    """Take a segment out of use."""
    service.archive(tx, SegmentId(id))


def _before(cursor: str | None) -> SegmentId | None:
    """The id of a cursor. Raises Invalid for a cursor of another list."""
    if cursor is None:
        return None
    try:
        return SegmentId(UUID(decode_cursor(cursor)[0]))
    except (IndexError, TypeError, ValueError, AttributeError) as broken:
        raise Invalid(field="cursor", reason="not a cursor of this list") from broken
