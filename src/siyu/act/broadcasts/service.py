"""Planning, approving, starting, stopping broadcasts, and reading what came of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from siyu import events
from siyu.access import accounts, audit, tenants
from siyu.act import gateway, materials, words
from siyu.act.broadcasts import model, questions, store
from siyu.act.broadcasts.model import BeyondScope, BlockedWords, Broadcast, BroadcastNotFound, Purpose, State
from siyu.act.materials import Material
from siyu.infra import jobs
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import BroadcastId, CustomerId, MaterialId, SegmentId, StaffId, new_id
from siyu.kernel.statistics import smallest_provable
from siyu.kernel.time import business_day
from siyu.understand import purchases, segments

CHUNK = 5_000


@dataclass(frozen=True)
class Planned(events.Fact):
    """A broadcast was submitted with a fixed list."""

    name = "broadcast.submitted"
    broadcast_id: BroadcastId
    people: int


@dataclass(frozen=True)
class Started(events.Fact):
    """A broadcast began to go out."""

    name = "broadcast.started"
    broadcast_id: BroadcastId


@dataclass(frozen=True)
class Stopped(events.Fact):
    """Somebody stopped a broadcast."""

    name = "broadcast.stopped"
    broadcast_id: BroadcastId


@dataclass(frozen=True)
class Load:
    """What one member of staff would be asked to do: `recipients` in `confirmations` tasks on `day`."""

    staff_id: StaffId | None
    staff_name: str
    recipients: int
    confirmations: int
    day: str


@dataclass(frozen=True)
class Estimate:
    """Who would get it, who not and why, and what it asks of whom.

    `smallest_fen`: smallest provable margin per customer; `holdout_cost_fen`: expected forgone margin if the broadcast added a tenth.
    """

    audience: int
    holdout: int
    planned: int
    refused: Mapping[str, int]
    held: Mapping[str, datetime]
    loads: Sequence[Load]
    smallest_fen: int | None
    margin_assumed: bool
    holdout_cost_fen: int | None
    touched_this_month: int
    needs_approval: bool
    approval_above: int
    words: Sequence[words.Hit]
    as_of: datetime


@dataclass(frozen=True)
class Result:
    """Where everybody stands. Counts are people; `confirmed` and `open` are tasks of staff."""

    broadcast: Broadcast
    audience: int
    holdout: int
    planned: int
    refused: Mapping[str, int]
    waiting: int
    asked: int
    delivered: int
    unknown: int
    tasks: Sequence[dict[str, Any]]
    link_opened: int
    unnamed_opens: int
    orders_after: int
    revenue_after: Any
    as_of: datetime | None


def draft(
    tx: Tx, *, name: str, segment_id: SegmentId, material_id: MaterialId, purpose: Purpose, holdout_bp: int, horizon_days: int, send_at: datetime | None
) -> Broadcast:
    """Keep a draft. Raises BadBroadcast, SegmentNotFound, MaterialNotFound."""
    model.check(name, holdout_bp, horizon_days)
    _usable(tx, segment_id, material_id)
    broadcast = Broadcast(
        new_id(BroadcastId, tx.now), name.strip(), segment_id, material_id, purpose, holdout_bp, horizon_days, send_at, State.DRAFT, tx.actor.label, tx.now
    )
    store.insert(tx, broadcast)
    return broadcast


def revise(tx: Tx, id: BroadcastId, *, version: int | None = None, **changes: Any) -> Broadcast:
    """Change a draft. Raises ChangedMeanwhile, WrongState, BadBroadcast, SegmentNotFound, MaterialNotFound."""
    broadcast = _locked(tx, id)
    model.looked_at(broadcast, version)
    revised = model.revise(broadcast, **changes)
    _usable(tx, revised.segment_id, revised.material_id)
    return _save(tx, broadcast, revised)


def get(tx: Tx, id: BroadcastId) -> Broadcast:
    """One broadcast. Raises BroadcastNotFound."""
    broadcast = store.find(tx, id)
    if broadcast is None:
        raise BroadcastNotFound(broadcast_id=str(id))
    return broadcast


def page(tx: Tx, *, before: UUID | None, limit: int) -> Sequence[Broadcast]:
    """Newest first."""
    return store.page(tx, before=before, limit=limit)


def listed(tx: Tx, broadcasts: Sequence[Broadcast]) -> dict[BroadcastId, int | None]:
    """How many people of each one's list this actor may see; None before there is a list."""
    if tx.actor.scope.kind == "all":
        return {broadcast.id: broadcast.frozen_count for broadcast in broadcasts}
    seen = segments.seen_members(tx, [segments.ListId(broadcast.frozen_id) for broadcast in broadcasts if broadcast.frozen_id is not None])
    return {broadcast.id: seen[segments.ListId(broadcast.frozen_id)] if broadcast.frozen_id is not None else None for broadcast in broadcasts}


def beyond_scope(tx: Tx, broadcast: Broadcast, seen: int | None) -> bool:
    """Whether somebody else must decide on it: this actor, who sees so many of its list, neither submitted it nor sees everybody on it."""
    return broadcast.frozen_id is not None and broadcast.submitted_by != tx.actor.label and seen != broadcast.frozen_count


def submit(tx: Tx, id: BroadcastId, *, version: int | None = None) -> Broadcast:
    """Freeze the list; below the limit the sending is scheduled after a minute of grace, above it somebody must approve.

    Raises ChangedMeanwhile, WrongState, SendTimePassed, NobodyToReach, BlockedWords, engine.EngineUnavailable; SegmentNotFound, MaterialNotFound for what
    was archived meanwhile.
    """
    broadcast = _locked(tx, id)
    model.looked_at(broadcast, version)
    model.submittable(broadcast, tx.now)
    _usable(tx, broadcast.segment_id, broadcast.material_id)
    _clean(materials.get(tx, broadcast.material_id))
    frozen = segments.freeze(tx, broadcast.segment_id)
    submitted = model.submit(
        broadcast, by=tx.actor.label, frozen_id=frozen.id, frozen_count=frozen.count, needs_approval=frozen.count > tenants.get(tx).approval_above, now=tx.now
    )
    submitted = _save(tx, broadcast, submitted)
    audit.record(tx, "broadcast.submitted", f"broadcast:{id}", {"people": frozen.count, "list": str(frozen.id), "hash": frozen.hash})
    events.append(tx, Planned(id, frozen.count), key=f"broadcast:{id}:submitted:{frozen.id}")
    _enqueue(tx, submitted)
    return submitted


def approve(tx: Tx, id: BroadcastId, *, version: int, count: int | None = None) -> Broadcast:
    """Let the `version` of a submitted broadcast go that was looked at. Raises BeyondScope, ChangedMeanwhile, WrongState, SecondPersonNeeded, CountDiffers."""
    broadcast = _overseen(tx, id)
    model.looked_at(broadcast, version)
    approved = model.approve(broadcast, by=tx.actor.label, alone=not accounts.others_may(tx, "broadcasts.approve"), typed=count, now=tx.now)
    approved = _save(tx, broadcast, approved)
    audit.record(tx, "broadcast.approved", f"broadcast:{id}", {"people": approved.frozen_count})
    _enqueue(tx, approved)
    return approved


def reject(tx: Tx, id: BroadcastId, reason: str, *, version: int | None = None) -> Broadcast:
    """Send a submitted broadcast back. Raises BeyondScope, ChangedMeanwhile, WrongState, BadBroadcast without a reason."""
    broadcast = _overseen(tx, id)
    model.looked_at(broadcast, version)
    rejected = _save(tx, broadcast, model.reject(broadcast, reason))
    audit.record(tx, "broadcast.rejected", f"broadcast:{id}", {"reason": rejected.rejection})
    return rejected


def stop(tx: Tx, id: BroadcastId) -> Broadcast:
    """Nothing new goes out from now on; what waits with staff is withdrawn. Raises WrongState, BeyondScope."""
    broadcast = _overseen(tx, id)
    stopped = _save(tx, broadcast, model.stop(broadcast, tx.now))
    gateway.stop(tx, id)
    audit.record(tx, "broadcast.stopped", f"broadcast:{id}", {})
    events.append(tx, Stopped(id), key=f"broadcast:{id}:stopped")
    return stopped


def run(work: Work) -> None:
    """The job that starts a broadcast: hand its list to the gateway in chunks, then let it go. Resumes where it left off."""
    id = BroadcastId(UUID(work.params["broadcast_id"]))
    with work.transaction() as tx:
        broadcast = store.find(tx, id, lock=True)
        if broadcast is None or broadcast.state not in {State.SCHEDULED, State.SENDING}:
            return
        if broadcast.state is State.SCHEDULED:
            broadcast = _save(tx, broadcast, model.start(broadcast, tx.now))
            events.append(tx, Started(id), key=f"broadcast:{id}:started")
        action_id = gateway.request(tx, _action(tx, broadcast))
        work.save(tx, total=broadcast.frozen_count)
    after: CustomerId | None = CustomerId(UUID(work.checkpoint["after"])) if "after" in work.checkpoint else None
    done = int(work.checkpoint.get("done", 0))
    assert broadcast.frozen_id is not None
    while True:
        with work.transaction() as tx:
            people = segments.members(tx, segments.ListId(broadcast.frozen_id), after=after, limit=CHUNK)
            if not people:
                gateway.planned(tx, action_id)
                work.save(tx, done=done)
                return
            gateway.plan(tx, action_id, people)
            after, done = people[-1], done + len(people)
            work.save(tx, {"after": str(after), "done": done}, done=done)


def settle(work: Work) -> None:
    """The job that closes broadcasts when everybody has reached a final state."""
    with work.transaction() as tx:
        for id in store.under_way(tx):
            broadcast = _locked(tx, id)
            if broadcast.state is State.SENDING and gateway.settled(tx, id):
                _save(tx, broadcast, model.finish(broadcast, tx.now))


def estimate(tx: Tx, id: BroadcastId) -> Estimate:
    """Simulate the broadcast on who is in its segment now: arms, guards and senders as they would be when it begins, without any effect."""
    broadcast = get(tx, id)
    material = materials.get(tx, broadcast.material_id)
    people, as_of = questions.audience(tx, segments.get(tx, broadcast.segment_id).filter)
    action = _action(tx, broadcast)
    preview = gateway.preview(tx, action, people)
    spread = purchases.margin_spread(tx, people, days=broadcast.horizon_days)
    smallest = smallest_provable(spread.sd_fen, len(people) - preview.holdout, preview.holdout) if preview.holdout else float("inf")
    limit = tenants.get(tx).approval_above
    day = business_day(max([tx.now, action.not_before, *preview.held.values()]), tx.tz).isoformat()
    return Estimate(
        audience=len(people),
        holdout=preview.holdout,
        planned=preview.allowed,
        refused=preview.refused,
        held=preview.held,
        loads=[Load(sender.staff_id, sender.name, sender.recipients, sender.tasks, day) for sender in preview.senders],
        smallest_fen=round(smallest) if 0 < smallest < float("inf") else None,
        margin_assumed=spread.assumed,
        holdout_cost_fen=round(preview.holdout * spread.mean_fen * 0.1) if preview.holdout and spread.sd_fen else None,
        touched_this_month=gateway.touched_since(tx, people, tx.now - timedelta(days=30)),
        needs_approval=len(people) > limit,
        approval_above=limit,
        words=words.check(material.text),
        as_of=as_of,
    )


def result(tx: Tx, id: BroadcastId) -> Result:
    """What came of it so far, among the people whom this actor may see."""
    broadcast = get(tx, id)
    tally = gateway.tally(tx, id)
    refused = Counter[str]()
    for row in tally:
        if row.arm == "treated" and row.state in {"skipped", "expired", "cancelled"}:
            refused[row.reason or row.state] += row.people
    treated = sum(row.people for row in tally if row.arm == "treated")
    after = questions.after(tx, broadcast) if broadcast.started_at else questions.Nothing
    return Result(
        broadcast=broadcast,
        audience=listed(tx, [broadcast])[id] or 0,
        holdout=sum(row.people for row in tally if row.arm == "holdout"),
        planned=treated,
        refused=dict(refused),
        waiting=_in(tally, "planned", "reserved", "in_call"),
        asked=sum(row.people for row in tally if row.arm == "treated" and row.asked and row.reason != "not_accepted"),
        delivered=_in(tally, "sent"),
        unknown=gateway.unknown_people(tx, id),
        tasks=gateway.by_sender(tx, id),
        link_opened=gateway.opened(tx, id),
        unnamed_opens=gateway.unnamed_opens(tx, id),
        orders_after=after.orders,
        revenue_after=after.revenue,
        as_of=after.as_of,
    )


@dataclass(frozen=True)
class Recipient:
    """One person of a broadcast with the names a list shows."""

    intent: gateway.Intent
    name: str | None
    staff_id: StaffId | None
    staff_name: str | None


def recipients(tx: Tx, id: BroadcastId, *, state: str | None, reason: str | None, after: CustomerId | None, limit: int) -> Sequence[Recipient]:
    """People of a broadcast whom this actor may see, in order of their ids."""
    get(tx, id)
    intents = gateway.people(tx, id, state=state, reason=reason, after=after, limit=limit)
    names = store.names(tx, [intent.customer_id for intent in intents])
    staff = store.staff_names(tx, {intent.contact.staff_id for intent in intents if intent.contact and intent.contact.staff_id})
    return [
        Recipient(
            intent,
            names.get(intent.customer_id),
            intent.contact.staff_id if intent.contact else None,
            staff.get(intent.contact.staff_id) if intent.contact and intent.contact.staff_id else None,
        )
        for intent in intents
    ]


def _in(tally: Sequence[gateway.Tally], *states: str) -> int:
    return sum(row.people for row in tally if row.arm == "treated" and row.state in states)


def _action(tx: Tx, broadcast: Broadcast) -> gateway.Action:
    material = materials.get(tx, broadcast.material_id)
    begins = model.begins(broadcast, tx.now)
    return gateway.action(
        campaign=broadcast.id,
        purpose=broadcast.purpose.value,
        text=material.text,
        link_url=material.link_url,
        link_title=material.link_title,
        not_before=begins,
        expires_at=begins + model.VALID_FOR,
        salt=f"broadcast:{broadcast.id}",
        holdout_bp=broadcast.holdout_bp,
        approved=True,
    )


def _usable(tx: Tx, segment_id: SegmentId, material_id: MaterialId) -> None:
    segments.get(tx, segment_id, in_use=True)
    materials.get(tx, material_id, in_use=True)


def _clean(material: Material) -> None:
    hits = [hit for hit in words.check(f"{material.text}\n{material.link_title or ''}") if hit.level == "block"]
    if hits:
        raise BlockedWords(words=sorted({hit.word for hit in hits}))


def _enqueue(tx: Tx, broadcast: Broadcast) -> None:
    if broadcast.state is State.SCHEDULED:
        jobs.enqueue(
            tx,
            "broadcasts.start",
            at=broadcast.starts_at,
            key=f"{broadcast.id}:{broadcast.frozen_id}",
            title=broadcast.name,
            visible=True,
            broadcast_id=str(broadcast.id),
        )


def _save(tx: Tx, before: Broadcast, after: Broadcast) -> Broadcast:
    """Keep what has become of a locked broadcast, as its next version."""
    kept = model.next_version(before, after, by=tx.actor.label)
    if kept is not before:
        store.save(tx, kept)
    return kept


def _locked(tx: Tx, id: BroadcastId) -> Broadcast:
    broadcast = store.find(tx, id, lock=True)
    if broadcast is None:
        raise BroadcastNotFound(broadcast_id=str(id))
    return broadcast


def _overseen(tx: Tx, id: BroadcastId) -> Broadcast:
    """A broadcast that this actor may decide on: their own, or one whose whole list they see."""
    broadcast = _locked(tx, id)
    seen = listed(tx, [broadcast])[id]
    if beyond_scope(tx, broadcast, seen):
        raise BeyondScope(people=broadcast.frozen_count, seen=seen)
    return broadcast
