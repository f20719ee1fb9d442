"""Routes of markings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from siyu.act.markings import service
from siyu.act.markings.model import Marked, Marking, Reason, State
from siyu.infra.http import Db, Page, decode_cursor, decode_id, encode_cursor, needs, router
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import CustomerId, MarkingId, StaffId
from siyu.understand import customers

routes = router("/markings", tag="markings")
TagIds = Annotated[list[str], Field(max_length=100)]


class MarkingIn(BaseModel):
    """Tags by id. `customer_ids` null: everybody who fits `filter` (the keys of the customer list's query, `segment_id` among them), 100,000 at most.

    `staff_id`: only the relation to that member.
    """

    add: TagIds = []
    remove: TagIds = []
    customer_ids: list[UUID] | None = Field(default=None, max_length=20_000)
    filter: dict[str, Any] | None = None
    staff_id: UUID | None = None

    def wish(self) -> service.Wish:
        """Raises Invalid unless exactly one of `customer_ids` and `filter` is given."""
        if (self.customer_ids is None) == (self.filter is None):
            raise Invalid(field="customer_ids", reason="either these or a filter")
        chosen = None if self.customer_ids is None else [CustomerId(id) for id in self.customer_ids]
        filter = None if self.filter is None else customers.Filter.of(self.filter)
        return service.Wish(self.add, self.remove, chosen, filter, StaffId(self.staff_id) if self.staff_id else None)


class MarkingPreview(BaseModel):
    """How many customers are meant, how many relations would change or are so already, and who is refused, by reason."""

    customers: int
    changing: int
    unchanged: int
    refused: Mapping[Reason, int]


class AskedMarking(BaseModel):
    """A marking and the job that does it."""

    id: UUID
    job_id: UUID


class MarkingOut(BaseModel):
    """A marking; tags by id, `counts` are its relations by state. `job_id`: the job that does it, while it waits or runs.

    `undoes`: the marking that this one takes back; `undone_by`: the one that takes this one back.
    """

    id: UUID
    add: list[str]
    remove: list[str]
    created_by: str
    created_at: datetime
    counts: Mapping[State, int]
    job_id: UUID | None
    undoes: UUID | None
    undone_by: UUID | None


class MarkedCustomer(BaseModel):
    """A customer by name."""

    id: UUID
    name: str | None


class MarkedRelation(BaseModel):
    """A relation of a marking. `customer` is null for whom this account does not see; `code` is WeCom's, 0 for none."""

    place: int
    customer: MarkedCustomer | None
    staff_name: str | None
    state: State
    reason: Reason | None
    code: int

    @classmethod
    def of(cls, marked: Marked) -> "MarkedRelation":
        person = MarkedCustomer(id=marked.customer_id, name=marked.customer_name) if marked.customer_id else None
        return cls(place=marked.place, customer=person, staff_name=marked.staff_name, state=marked.state, reason=marked.reason, code=marked.code)


@routes.post("", operation_id="mark_customers", status_code=202, dependencies=[needs("markings.write")])
def mark_customers(tx: Db, body: MarkingIn) -> AskedMarking:
    """Put corp tags on customers and take others off, at WeCom, as a job."""
    marking, job = service.ask(tx, body.wish())
    return AskedMarking(id=marking.id, job_id=job)


@routes.post("/preview", operation_id="preview_marking", dependencies=[needs("markings.write")])
def preview_marking(tx: Db, body: MarkingIn) -> MarkingPreview:
    """Whom it would concern."""
    seen = service.preview(tx, body.wish())
    return MarkingPreview(customers=seen.customers, changing=seen.changing, unchanged=seen.unchanged, refused=seen.refused)


@routes.get("", operation_id="list_markings", dependencies=[needs("markings.write")])
def list_markings(tx: Db, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50) -> Page[MarkingOut]:
    """Markings, newest first: all for those who see everybody, else one's own."""
    found = service.page(tx, before=MarkingId(decode_id(cursor)) if cursor else None, limit=limit + 1)
    return Page[MarkingOut](items=_out(tx, found[:limit]), next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None)


@routes.get("/{id}", operation_id="get_marking", dependencies=[needs("markings.write")])
def get_marking(tx: Db, id: UUID) -> MarkingOut:
    """One marking and how far it is; for whoever asked for it and those who see everybody."""
    (shown,) = _out(tx, [service.get(tx, MarkingId(id))])
    return shown


@routes.post("/{id}/undo", operation_id="undo_marking", status_code=202, dependencies=[needs("markings.write")])
def undo_marking(tx: Db, id: UUID) -> AskedMarking:
    """Take back what a marking did, as a marking and a job of its own: what it put on goes off, what it took off is put on again."""
    marking, job = service.undo(tx, MarkingId(id))
    return AskedMarking(id=marking.id, job_id=job)


@routes.get("/{id}/relations", operation_id="list_marked_relations", dependencies=[needs("markings.write")])
def list_marked_relations(
    tx: Db, id: UUID, state: State | None = None, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> Page[MarkedRelation]:
    """Relations of a marking and what became of each."""
    found = service.relations(tx, MarkingId(id), state=state, after=_after(cursor), limit=limit + 1)
    items = [MarkedRelation.of(one) for one in found[:limit]]
    return Page[MarkedRelation](items=items, next_cursor=encode_cursor(items[-1].place) if len(found) > limit else None)


def _out(tx: Tx, found: Sequence[Marking]) -> list[MarkingOut]:
    ids = [one.id for one in found]
    counts, undone = service.counts(tx, ids), service.undone_by(tx, ids)
    return [
        MarkingOut(
            id=one.id,
            add=list(one.add),
            remove=list(one.remove),
            created_by=one.created_by,
            created_at=one.created_at,
            counts=counts[one.id],
            job_id=service.job_of(tx, one.id) if "planned" in counts[one.id] else None,
            undoes=one.undoes,
            undone_by=undone.get(one.id),
        )
        for one in found
    ]


def _after(cursor: str | None) -> int:
    """The last place shown. Raises Invalid for a cursor of another list."""
    if cursor is None:
        return 0
    try:
        (place,) = decode_cursor(cursor)
        return int(place)
    except (TypeError, ValueError) as broken:
        raise Invalid(field="cursor", reason="not a cursor of this list") from broken
