"""Saving segments, counting them live, freezing them into lists that others act on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu import engine, events
from siyu.access import audit
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, SegmentId, new_id
from siyu.understand import customers
from siyu.understand.customers import Filter
from siyu.understand.segments import model, store
from siyu.understand.segments.model import LARGEST, EverybodyNeedsCount, Frozen, ListId, Segment, SegmentNotFound


@dataclass(frozen=True)
class Froze(events.Fact):
    """A segment's members were fixed."""

    name = "segment.frozen"
    segment_id: SegmentId
    list_id: ListId
    members: int


def save(tx: Tx, *, name: str, filter: Filter, everybody: int | None = None) -> Segment:
    """Keep a filter under a name. `everybody`: the number typed by whoever means all customers. Raises BadName, EverybodyNeedsCount."""
    if filter.everybody:
        there, _ = customers.count(tx, filter)
        if everybody != there:
            raise EverybodyNeedsCount(count=there)
    segment = Segment(new_id(SegmentId, tx.now), model.named(name), filter, tx.actor.label, tx.now)
    store.insert(tx, segment)
    audit.record(tx, "segment.saved", f"segment:{segment.id}", {"name": segment.name, "filter": filter.given()})
    return segment


def get(tx: Tx, id: SegmentId) -> Segment:
    """One segment. Raises SegmentNotFound."""
    segment = store.find(tx, id)
    if segment is None:
        raise SegmentNotFound(segment_id=str(id))
    return segment


def count(tx: Tx, id: SegmentId) -> tuple[int, datetime]:
    """How many fit right now among those whom this actor may see, and as of when."""
    return customers.count(tx, get(tx, id).filter)


def freeze(tx: Tx, id: SegmentId) -> Frozen:
    """Fix who is in the segment now, among those whom this actor may see. Fails rather than give a list that may be wrong.

    Raises SegmentNotFound, engine.EngineUnavailable, engine.QuestionTooLarge above a million people.
    """
    segment = get(tx, id)
    people = customers.narrowed(tx, customers.everybody(tx), segment.filter)
    answer = engine.ask(tx, people.select("id").order_by("id"), max_rows=LARGEST, timeout_seconds=30)
    members = [row["id"] for row in answer.rows()]
    frozen = Frozen(ListId(new_id(ListId, tx.now)), id, len(members), model.digest(members), answer.as_of)
    store.keep(tx, frozen, segment.filter, members)
    events.append(tx, Froze(id, frozen.id, frozen.count), key=f"segment-list:{frozen.id}")
    return frozen


def list_of(tx: Tx, id: ListId) -> Frozen:
    """A frozen list. Raises SegmentNotFound."""
    frozen = store.list_of(tx, id)
    if frozen is None:
        raise SegmentNotFound(list_id=str(id))
    return frozen


def lists(tx: Tx, id: SegmentId) -> Sequence[Frozen]:
    """Lists frozen from a segment, newest first."""
    return store.lists_of(tx, id)


def members(tx: Tx, id: ListId, *, after: CustomerId | None = None, limit: int = 10_000) -> list[CustomerId]:
    """The next members of a frozen list, in order of their ids."""
    return store.members(tx, id, after=after, limit=limit)


def page(tx: Tx, *, before: SegmentId | None, limit: int) -> Sequence[Segment]:
    """Segments in use, newest first."""
    return store.page(tx, before=before, limit=limit)


def archive(tx: Tx, id: SegmentId) -> None:
    """Take a segment out of use; frozen lists stay. Raises SegmentNotFound."""
    if not store.archive(tx, id):
        raise SegmentNotFound(segment_id=str(id))
    audit.record(tx, "segment.archived", f"segment:{id}", {})
