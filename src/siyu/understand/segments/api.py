"""Routes of segments."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from siyu.infra.http import Db, Page, decode_cursor, encode_cursor, needs, router
from siyu.infra.tx import Tx
from siyu.kernel.ids import SegmentId
from siyu.understand import customers
from siyu.understand.customers import Filter
from siyu.understand.segments import service
from siyu.understand.segments.model import Frozen, Segment

routes = router("/segments", tag="understand")


class SegmentIn(BaseModel):
    """`filter`: the keys of the customer list's query. `everybody`: the number typed when there is no condition."""

    name: str
    filter: dict[str, Any]
    everybody: int | None = None


class PreviewIn(BaseModel):
    """The keys of the customer list's query."""

    filter: dict[str, Any]


class PreviewOut(BaseModel):
    """How many fit right now."""

    count: int
    as_of: datetime


class ListOut(BaseModel):
    """Members fixed at one instant."""

    id: UUID
    count: int
    hash: str
    as_of: datetime

    @classmethod
    def of(cls, frozen: Frozen) -> "ListOut":
        return cls.model_validate(frozen, from_attributes=True)


class SegmentOut(BaseModel):
    """A segment; `members` and `as_of` are null in lists of segments."""

    id: UUID
    name: str
    filter: dict[str, Any]
    created_by: str
    created_at: datetime
    members: int | None = None
    as_of: datetime | None = None
    lists: list[ListOut] = []

    @classmethod
    def of(cls, segment: Segment) -> "SegmentOut":
        return cls(id=segment.id, name=segment.name, filter=segment.filter.given(), created_by=segment.created_by, created_at=segment.created_at)


def _counted(tx: Tx, segment: Segment) -> SegmentOut:
    members, as_of = service.count(tx, segment.id)
    lists = [ListOut.of(frozen) for frozen in service.lists(tx, segment.id)]
    return SegmentOut.of(segment).model_copy(update={"members": members, "as_of": as_of, "lists": lists})


@routes.post("", operation_id="save_segment", status_code=201, dependencies=[needs("segments.write")])
def save_segment(tx: Db, body: SegmentIn) -> SegmentOut:
    """Keep a filter as a segment."""
    return _counted(tx, service.save(tx, name=body.name, filter=Filter.of(body.filter), everybody=body.everybody))


@routes.post("/preview", operation_id="preview_segment", dependencies=[needs("segments.read")])
def preview_segment(tx: Db, body: PreviewIn) -> PreviewOut:
    """How many fit a filter right now."""
    count, as_of = customers.count(tx, Filter.of(body.filter))
    return PreviewOut(count=count, as_of=as_of)


@routes.get("", operation_id="list_segments", dependencies=[needs("segments.read")])
def list_segments(tx: Db, cursor: str | None = None, limit: int = 50) -> Page[SegmentOut]:
    """Segments, newest first."""
    limit = max(1, min(limit, 100))
    found = service.page(tx, before=SegmentId(UUID(decode_cursor(cursor)[0])) if cursor else None, limit=limit + 1)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page[SegmentOut](items=[SegmentOut.of(segment) for segment in found[:limit]], next_cursor=more)


@routes.get("/{id}", operation_id="get_segment", dependencies=[needs("segments.read")])
def get_segment(tx: Db, id: UUID) -> SegmentOut:
    """One segment with its live count and its frozen lists."""
    return _counted(tx, service.get(tx, SegmentId(id)))


@routes.post("/{id}/freeze", operation_id="freeze_segment", status_code=201, dependencies=[needs("segments.write")])
def freeze_segment(tx: Db, id: UUID) -> ListOut:
    """Fix who is in the segment now."""
    return ListOut.of(service.freeze(tx, SegmentId(id)))


@routes.delete("/{id}", operation_id="archive_segment", status_code=204, dependencies=[needs("segments.write")])
def archive_segment(tx: Db, id: UUID) -> None:
    """Take a segment out of use."""
    service.archive(tx, SegmentId(id))
