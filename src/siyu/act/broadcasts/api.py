"""Routes of broadcasts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel

from siyu.act import materials
from siyu.act.broadcasts import service
from siyu.act.broadcasts.model import Broadcast, Purpose
from siyu.infra.http import Db, Exact, Page, decode_id, encode_cursor, needs, router
from siyu.infra.tx import Tx
from siyu.kernel.ids import BroadcastId, CustomerId, MaterialId, SegmentId
from siyu.understand import segments

routes = router("/broadcasts", tag="broadcasts")
Code = Annotated[str | None, Query(max_length=60)]


def _utc(at: datetime) -> datetime:
    if not 2000 <= at.year < 2100:
        raise ValueError("not in this century")
    return at.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]


class BroadcastIn(BaseModel):
    """`holdout_bp`: share held out, basis points; `horizon_days`: how long orders count."""

    name: str
    segment_id: UUID
    material_id: UUID
    purpose: Literal["promotion", "service"] = "promotion"
    holdout_bp: int = 1000
    horizon_days: int = 7
    send_at: Instant | None = None


class BroadcastEdit(BaseModel):
    """What is left out stays. `version`: the one that was looked at; left out, any."""

    version: int | None = None
    name: str | None = None
    segment_id: UUID | None = None
    material_id: UUID | None = None
    purpose: Literal["promotion", "service"] | None = None
    holdout_bp: int | None = None
    horizon_days: int | None = None
    send_at: Instant | None = None


class SegmentRef(BaseModel):
    """The segment that it is for; once `archived` it can be sent no more."""

    id: UUID
    name: str
    archived: bool


class MaterialRef(BaseModel):
    """The text that is sent; a draft of an `archived` one needs a new one with the same text."""

    id: UUID
    title: str
    text: str
    link_url: str | None
    link_title: str | None
    archived: bool


class BroadcastOut(BaseModel):
    """A broadcast and where it stands. `frozen_count`: people of its list whom this account may see.

    `beyond_scope`: part of its list lies beyond that, so somebody else must approve, reject or stop it.

    `version` grows with each change of content or state; whoever acts names the one that they looked at. `changed_by`: who made it.
    """

    id: UUID
    name: str
    segment: SegmentRef
    material: MaterialRef
    purpose: str
    holdout_bp: int
    horizon_days: int
    send_at: datetime | None
    state: str
    created_by: str
    created_at: datetime
    submitted_by: str | None
    approved_by: str | None
    frozen_count: int | None
    beyond_scope: bool
    starts_at: datetime | None
    started_at: datetime | None
    stopped_at: datetime | None
    done_at: datetime | None
    rejection: str | None
    version: int
    changed_by: str | None

    @classmethod
    def of(cls, tx: Tx, broadcast: Broadcast) -> "BroadcastOut":
        return cls.each(tx, [broadcast])[0]

    @classmethod
    def each(cls, tx: Tx, broadcasts: Sequence[Broadcast]) -> "list[BroadcastOut]":
        people = service.listed(tx, broadcasts)
        return [
            cls.model_validate(
                {
                    **vars(broadcast),
                    "segment": SegmentRef.model_validate(segments.get(tx, broadcast.segment_id), from_attributes=True),
                    "material": MaterialRef.model_validate(materials.get(tx, broadcast.material_id), from_attributes=True),
                    "frozen_count": people[broadcast.id],
                    "beyond_scope": service.beyond_scope(tx, broadcast, people[broadcast.id]),
                }
            )
            for broadcast in broadcasts
        ]


class StaffRef(BaseModel):
    """A member of staff."""

    id: UUID | None
    name: str


class Refused(BaseModel):
    """How many were left out for one reason."""

    reason: str
    count: int


class LoadOut(BaseModel):
    """What one member of staff is asked to do."""

    staff: StaffRef
    recipients: int
    confirmations: int
    day: str


class WordOut(BaseModel):
    """A term of the word lists found in the text."""

    word: str
    level: str
    category: str
    start: int
    end: int


class Smallest(BaseModel):
    """The smallest effect that this size could prove, margin per customer; null without a holdout or a past."""

    margin_fen: int | None


class EstimateOut(BaseModel):
    """The broadcast simulated on who is in its segment now."""

    audience: int
    holdout: int
    planned: int
    refused: list[Refused]
    held_until: datetime | None
    calls: int
    per_staff: list[LoadOut]
    smallest_provable: Smallest
    margin_assumed: bool
    holdout_cost_fen: int | None
    touched_this_month: int
    needs_approval: bool
    approval_limit: int
    words: list[WordOut]
    as_of: datetime


class TasksOut(BaseModel):
    """Tasks of staff: `open` wait for confirmation."""

    open: int
    confirmed: int
    by_staff: list[dict[str, Any]]


class ResultOut(BaseModel):
    """Where everybody stands; counts are people."""

    state: str
    audience: int
    holdout: int
    planned: int
    refused: list[Refused]
    waiting: int
    asked: int
    tasks: TasksOut
    delivered: int
    unknown: int
    link_opened: int
    unnamed_opens: int
    """How often links were opened without telling by whom: outside a sandbox WeCom never does."""
    orders_after: int
    revenue_after: Exact
    as_of: datetime | None


class RecipientOut(BaseModel):
    """One person of a broadcast."""

    customer_id: UUID
    customer_name: str | None
    staff: StaffRef | None
    arm: str
    state: str
    reason: str | None
    sent_at: datetime | None


class SubmitIn(BaseModel):
    """`version`: the one that was looked at; left out, any."""

    version: int | None = None


class ApproveIn(BaseModel):
    """`version`: the one that was looked at. `count`: typed by whoever approves an own broadcast because nobody else can."""

    version: int
    count: int | None = None


class RejectIn(BaseModel):
    """Why it goes back. `version`: the one that was looked at; left out, any."""

    reason: str
    version: int | None = None


@routes.post("", operation_id="draft_broadcast", status_code=201, dependencies=[needs("broadcasts.write")])
def draft_broadcast(tx: Db, body: BroadcastIn) -> BroadcastOut:
    """Keep a draft."""
    return BroadcastOut.of(
        tx,
        service.draft(
            tx,
            name=body.name,
            segment_id=SegmentId(body.segment_id),
            material_id=MaterialId(body.material_id),
            purpose=Purpose(body.purpose),
            holdout_bp=body.holdout_bp,
            horizon_days=body.horizon_days,
            send_at=body.send_at,
        ),
    )


@routes.get("", operation_id="list_broadcasts", dependencies=[needs("broadcasts.read")])
def list_broadcasts(tx: Db, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50) -> Page[BroadcastOut]:
    """Broadcasts, newest first."""
    found = service.page(tx, before=decode_id(cursor) if cursor else None, limit=limit + 1)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page[BroadcastOut](items=BroadcastOut.each(tx, found[:limit]), next_cursor=more)


@routes.get("/{id}", operation_id="get_broadcast", dependencies=[needs("broadcasts.read")])
def get_broadcast(tx: Db, id: UUID) -> BroadcastOut:
    """One broadcast."""
    return BroadcastOut.of(tx, service.get(tx, BroadcastId(id)))


@routes.patch("/{id}", operation_id="revise_broadcast", dependencies=[needs("broadcasts.write")])
def revise_broadcast(tx: Db, id: UUID, body: BroadcastEdit) -> BroadcastOut:
    """Change a draft."""
    # null is left out too, but for `send_at`, where it says: as soon as possible
    given = {field: value for field, value in body.model_dump(exclude_unset=True).items() if value is not None or field == "send_at"}
    return BroadcastOut.of(tx, service.revise(tx, BroadcastId(id), **given))


@routes.post("/{id}/estimate", operation_id="estimate_broadcast", dependencies=[needs("broadcasts.write")])
def estimate_broadcast(tx: Db, id: UUID) -> EstimateOut:
    """Who would get it, who not and why, and what it asks of staff."""
    found = service.estimate(tx, BroadcastId(id))
    return EstimateOut(
        audience=found.audience,
        holdout=found.holdout,
        planned=found.planned,
        refused=[Refused(reason=reason, count=count) for reason, count in sorted(found.refused.items())],
        held_until=max(found.held.values(), default=None),
        calls=sum(load.confirmations for load in found.loads),
        per_staff=[
            LoadOut(staff=StaffRef(id=load.staff_id, name=load.staff_name), recipients=load.recipients, confirmations=load.confirmations, day=load.day)
            for load in found.loads
        ],
        smallest_provable=Smallest(margin_fen=found.smallest_fen),
        margin_assumed=found.margin_assumed,
        holdout_cost_fen=found.holdout_cost_fen,
        touched_this_month=found.touched_this_month,
        needs_approval=found.needs_approval,
        approval_limit=found.approval_above,
        words=[WordOut.model_validate(hit, from_attributes=True) for hit in found.words],
        as_of=found.as_of,
    )


@routes.post("/{id}/submit", operation_id="submit_broadcast", dependencies=[needs("broadcasts.write")])
def submit_broadcast(tx: Db, id: UUID, body: SubmitIn | None = None) -> BroadcastOut:
    """Fix the list and schedule it, or ask for approval."""
    return BroadcastOut.of(tx, service.submit(tx, BroadcastId(id), version=body.version if body else None))


@routes.post("/{id}/approve", operation_id="approve_broadcast", dependencies=[needs("broadcasts.approve")])
def approve_broadcast(tx: Db, id: UUID, body: ApproveIn) -> BroadcastOut:
    """Let it go."""
    return BroadcastOut.of(tx, service.approve(tx, BroadcastId(id), version=body.version, count=body.count))


@routes.post("/{id}/reject", operation_id="reject_broadcast", dependencies=[needs("broadcasts.approve")])
def reject_broadcast(tx: Db, id: UUID, body: RejectIn) -> BroadcastOut:
    """Send it back."""
    return BroadcastOut.of(tx, service.reject(tx, BroadcastId(id), body.reason, version=body.version))


@routes.post("/{id}/stop", operation_id="stop_broadcast", dependencies=[needs("broadcasts.write")])
def stop_broadcast(tx: Db, id: UUID) -> BroadcastOut:
    """Nothing new goes out."""
    return BroadcastOut.of(tx, service.stop(tx, BroadcastId(id)))


@routes.get("/{id}/result", operation_id="broadcast_result", dependencies=[needs("broadcasts.read")])
def broadcast_result(tx: Db, id: UUID) -> ResultOut:
    """Planned, refused, asked, confirmed, delivered, opened, ordered."""
    found = service.result(tx, BroadcastId(id))
    return ResultOut(
        state=found.broadcast.state,
        audience=found.audience,
        holdout=found.holdout,
        planned=found.planned,
        refused=[Refused(reason=reason, count=count) for reason, count in sorted(found.refused.items())],
        waiting=found.waiting,
        asked=found.asked,
        tasks=TasksOut(
            open=sum(row["tasks"] - row["confirmed"] for row in found.tasks),
            confirmed=sum(row["confirmed"] for row in found.tasks),
            by_staff=list(found.tasks),
        ),
        delivered=found.delivered,
        unknown=found.unknown,
        link_opened=found.link_opened,
        unnamed_opens=found.unnamed_opens,
        orders_after=found.orders_after,
        revenue_after=found.revenue_after,
        as_of=found.as_of,
    )


@routes.get("/{id}/recipients", operation_id="broadcast_recipients", dependencies=[needs("broadcasts.read")])
def broadcast_recipients(
    tx: Db, id: UUID, state: Code = None, reason: Code = None, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> Page[RecipientOut]:
    """Who stands where."""
    after = CustomerId(decode_id(cursor)) if cursor else None
    found = service.recipients(tx, BroadcastId(id), state=state, reason=reason, after=after, limit=limit + 1)
    items = [
        RecipientOut(
            customer_id=person.intent.customer_id,
            customer_name=person.name,
            staff=StaffRef(id=person.staff_id, name=person.staff_name) if person.staff_name else None,
            arm=person.intent.arm,
            state=person.intent.state,
            reason=person.intent.reason,
            sent_at=person.intent.sent_at,
        )
        for person in found[:limit]
    ]
    more = encode_cursor(found[limit - 1].intent.customer_id) if len(found) > limit else None
    return Page[RecipientOut](items=items, next_cursor=more)
