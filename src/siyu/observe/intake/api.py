"""Routes of the console: what came in, what it means, what waits. No decisions here."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from siyu.infra.http import Db, Page, decode_id, encode_cursor, needs, router
from siyu.observe.intake import service
from siyu.observe.intake.model import FieldMeaning
from siyu.observe.intake.service import Clock

names = router("/event-names", tag="intake")
parked = router("/parked-messages", tag="intake")


class FieldBody(BaseModel):
    """What one property means, and in which unit it is given."""

    meaning: str
    unit: str | None = None


class DeclarationIn(BaseModel):
    """What events of one name mean."""

    name: str
    meaning: str
    fields: dict[str, FieldBody] = Field(default_factory=dict)


class EventName(BaseModel):
    """A name that came in or was declared. `declared_at` is null while nobody has said what it means; `samples` are for those who may manage names."""

    name: str
    meaning: str | None
    fields: dict[str, FieldBody]
    declared_at: datetime | None
    events: int
    first_at: datetime | None
    last_at: datetime | None
    source_ids: list[UUID]
    samples: list[str]


class ParkedOut(BaseModel):
    """A message that was not written, and why."""

    id: UUID
    source_id: UUID
    kind: str | None
    reason: str
    body: str
    received_at: datetime


class ReplayIn(BaseModel):
    """When replayed messages happened: when their sender says, or when they were received (for clocks that were wrong)."""

    clock: Clock = "sender"


class ReplayOut(BaseModel):
    """What became of the message: written now, there already, or parked again."""

    taken: int
    known: int
    parked: int


class ReplayJob(BaseModel):
    """The job that reads them."""

    job_id: UUID


@names.get("", operation_id="list_event_names", dependencies=[needs("intake.read")])
def list_event_names(tx: Db) -> list[EventName]:
    """Every name that came in over HTTP or was declared: the undeclared first, then by the latest event."""
    declared = {one.name: one for one in service.declared(tx)}
    received = {one.name: one for one in service.received(tx)}
    open_ = tx.actor.may("intake.manage")
    shown = [
        EventName(
            name=name,
            meaning=meant.meaning if (meant := declared.get(name)) else None,
            fields={field: FieldBody(meaning=one.meaning, unit=one.unit) for field, one in meant.fields.items()} if meant else {},
            declared_at=meant.declared_at if meant else None,
            events=came.events if (came := received.get(name)) else 0,
            first_at=came.first_at if came else None,
            last_at=came.last_at if came else None,
            source_ids=list(came.source_ids) if came else [],
            samples=came.samples if came and open_ else [],
        )
        for name in [*received, *(name for name in declared if name not in received)]
    ]
    return sorted(shown, key=lambda one: one.declared_at is not None)


@names.post("", operation_id="declare_event_name", status_code=201, dependencies=[needs("intake.manage")])
def declare_event_name(tx: Db, body: DeclarationIn) -> EventName:
    """Say what events of a name mean, with their fields and units; again to change it."""
    service.declare(tx, body.name, body.meaning, {name: FieldMeaning(field.meaning, field.unit) for name, field in body.fields.items()})
    return next(one for one in list_event_names(tx) if one.name == body.name)


@parked.get("", operation_id="list_parked_messages", dependencies=[needs("intake.manage")])
def list_parked_messages(tx: Db, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50) -> Page[ParkedOut]:
    """Messages that were not written, newest first; each stays for thirty days."""
    found = service.parked_page(tx, before=decode_id(cursor) if cursor else None, limit=limit + 1)
    items = [ParkedOut.model_validate(one, from_attributes=True) for one in found[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(found) > limit else None, total=service.count_parked(tx))


@parked.post("/{id}/replay", operation_id="replay_parked_message", dependencies=[needs("intake.manage")])
def replay_parked_message(tx: Db, id: UUID, body: ReplayIn) -> ReplayOut:
    """Read one message again, now that its name is free, its clock is past, or the fault is mended."""
    return ReplayOut(**vars(service.replay(tx, id, clock=body.clock)))


@parked.post("/replay", operation_id="replay_parked_messages", status_code=202, dependencies=[needs("intake.manage")])
def replay_parked_messages(tx: Db, body: ReplayIn) -> ReplayJob:
    """Read all parked messages again, in a job."""
    return ReplayJob(job_id=service.request_replay(tx, clock=body.clock))
