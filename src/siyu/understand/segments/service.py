"""Saving segments, counting them live, freezing them into lists that others act on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import ibis
from sqlalchemy import true

from siyu import engine, events
from siyu.access import audit
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, SegmentId, new_id
from siyu.kernel.time import business_day
from siyu.observe import contacts
from siyu.understand import customers
from siyu.understand.customers import Filter
from siyu.understand.segments import freshness, model, store
from siyu.understand.segments.model import LARGEST, EverybodyNeedsCount, Frozen, ListId, Segment, SegmentNotFound


@dataclass(frozen=True)
class Froze(events.Fact):
    """A segment's members were fixed."""

    name = "segment.frozen"
    segment_id: SegmentId
    list_id: ListId
    members: int


@dataclass(frozen=True)
class Preview:
    """How many fit, as of when, and a few of them (id and name)."""

    count: int
    as_of: datetime
    sample: Sequence[Mapping[str, Any]]


def save(tx: Tx, *, name: str, filter: Filter, frozen: bool = False, everybody: int | None = None) -> Segment:
    """Keep a filter under a name; `frozen`: keep who fits it now instead. `everybody`: the number typed by whoever means all customers.

    Raises BadName, EverybodyNeedsCount, SegmentNotFound for a filter by an unknown segment; what `freeze` raises.
    """
    if filter.segment_id is not None:
        get(tx, SegmentId(filter.segment_id))
    if filter.everybody:
        there, _ = customers.count(tx, filter)
        if everybody != there:
            raise EverybodyNeedsCount(count=there)
    segment = Segment(new_id(SegmentId, tx.now), model.named(name), filter, tx.actor.label, tx.now)
    return _keep(tx, segment) if frozen else _insert(tx, segment)


def get(tx: Tx, id: SegmentId, *, in_use: bool = False) -> Segment:
    """One segment; `in_use`: only if nobody has archived it. Raises SegmentNotFound."""
    segment = store.find(tx, id, in_use=in_use)
    if segment is None:
        raise SegmentNotFound(segment_id=str(id))
    return segment


def filter_of(tx: Tx, id: UUID) -> Filter:
    """Who is in a segment, as a filter of the customer list. Raises SegmentNotFound."""
    return get(tx, SegmentId(id)).filter


def count(tx: Tx, id: SegmentId) -> tuple[int, datetime]:
    """How many are in the segment right now among those whom this actor may see, and as of when."""
    segment = get(tx, id)
    if segment.list:
        return _fixed(tx, [segment])[id], segment.list.as_of
    return customers.count(tx, segment.filter)


def counts(tx: Tx, segments: Sequence[Segment]) -> tuple[Mapping[SegmentId, int], datetime | None]:
    """The same for many, by one question; only frozen ones are counted while the replica is away."""
    fixed = _fixed(tx, segments)
    live = [segment for segment in segments if segment.id not in fixed]
    if not live:
        return fixed, None
    people = customers.everybody(tx)
    parts = []
    for place, segment in enumerate(live):
        members = customers.narrowed(tx, people, segment.filter)
        parts.append(members.aggregate(place=ibis.literal(place), people=members.count()))
    try:
        answer = engine.ask(tx, ibis.union(*parts) if len(parts) > 1 else parts[0])
    except engine.EngineUnavailable:
        return fixed, None
    return fixed | {live[row["place"]].id: row["people"] for row in answer.rows()}, answer.as_of


def preview(tx: Tx, filter: Filter, *, sample: int = 5) -> Preview:
    """Who fits a filter right now, among those whom this actor may see."""
    people = customers.narrowed(tx, customers.everybody(tx), filter).select("id", "name")
    answer = engine.ask(tx, people.cross_join(people.aggregate(total=people.count())).order_by("id").limit(sample))
    rows = answer.rows()
    return Preview(rows[0]["total"] if rows else 0, answer.as_of, rows)


def freeze(tx: Tx, id: SegmentId) -> Frozen:
    """Fix who is in the segment now, among those whom this actor may see. Fails rather than give a list that may be wrong.

    Raises SegmentNotFound, engine.EngineUnavailable, engine.NotYetThere when the replica lags, engine.QuestionTooLarge above a million people.
    """
    return _freeze(tx, get(tx, id))


def freeze_copy(tx: Tx, id: SegmentId) -> Segment:
    """A new segment that holds who is in this one now, named after it and the day. Raises what `freeze` raises."""
    segment = get(tx, id)
    name = model.copy_name(segment.name, business_day(tx.now, tx.tz))
    return _keep(tx, replace(segment, id=new_id(SegmentId, tx.now), name=name, created_by=tx.actor.label, created_at=tx.now))


def list_of(tx: Tx, id: ListId) -> Frozen:
    """A frozen list. Raises SegmentNotFound."""
    frozen = store.list_of(tx, id)
    if frozen is None:
        raise SegmentNotFound(list_id=str(id))
    return frozen


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


def seen_members(tx: Tx, ids: Collection[ListId]) -> dict[ListId, int]:
    """How many of each frozen list this actor may see."""
    condition = contacts.in_scope(tx, store.MEMBER)
    return store.count_members(tx, ids, true() if condition is None else condition)


def _fixed(tx: Tx, segments: Sequence[Segment]) -> dict[SegmentId, int]:
    """How many are on the lists of those that are frozen, as the truth has it: the replica learns of a new list only later."""
    lists = {segment.id: segment.list for segment in segments if segment.list}
    if tx.actor.scope.kind == "all":
        return {id: frozen.count for id, frozen in lists.items()}
    seen = seen_members(tx, [frozen.id for frozen in lists.values()]) if lists else {}
    return {id: seen[frozen.id] for id, frozen in lists.items()}


def _insert(tx: Tx, segment: Segment) -> Segment:
    store.insert(tx, segment)
    audit.record(tx, "segment.saved", f"segment:{segment.id}", {"name": segment.name, "filter": segment.filter.given()})
    return segment


def _keep(tx: Tx, segment: Segment) -> Segment:
    """Save a segment as the list of who fits its filter now."""
    members, frozen = _chosen(tx, segment)
    fixed = replace(segment, filter=Filter(list_id=frozen.id), list=frozen)
    store.insert(tx, fixed)
    _write(tx, frozen, members)
    audit.record(
        tx, "segment.saved", f"segment:{segment.id}", {"name": segment.name, "filter": segment.filter.given(), "list": str(frozen.id), "hash": frozen.hash}
    )
    return fixed


def _freeze(tx: Tx, segment: Segment) -> Frozen:
    members, frozen = _chosen(tx, segment)
    _write(tx, frozen, members)
    return frozen


def _chosen(tx: Tx, segment: Segment) -> tuple[list[UUID], Frozen]:
    people = customers.narrowed(tx, customers.everybody(tx), segment.filter)
    answer = freshness.ask(tx, people.select("id").order_by("id"), max_rows=LARGEST, timeout_seconds=30)
    members = [row["id"] for row in answer.rows()]
    return members, Frozen(ListId(new_id(ListId, tx.now)), segment.id, segment.rule, len(members), model.digest(members), answer.as_of)


def _write(tx: Tx, frozen: Frozen, members: Sequence[UUID]) -> None:
    store.keep(tx, frozen, members)
    events.append(tx, Froze(frozen.segment_id, frozen.id, frozen.count), key=f"segment-list:{frozen.id}")
