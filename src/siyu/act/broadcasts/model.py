"""One message for everyone a segment holds, through staff who confirm: its states and what each act needs."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from siyu.kernel.errors import Forbidden, NotFound, Refusal
from siyu.kernel.ids import BroadcastId, MaterialId, SegmentId

GRACE = timedelta(seconds=60)
VALID_FOR = timedelta(days=2)


class BroadcastNotFound(NotFound):
    """No such broadcast."""

    code = "broadcast.not_found"


class WrongState(Refusal):
    """The broadcast is past the point where this can be done."""

    code = "broadcast.wrong_state"


class ChangedMeanwhile(Refusal):
    """Not the version that was looked at any more: `version` is the present one, `by` whoever made it, if known."""

    code = "broadcast.changed"


class SendTimePassed(Refusal):
    """The time chosen for sending lies in the past."""

    code = "broadcast.send_time_passed"


class BadBroadcast(Refusal):
    """A name of 1 to 60 characters, a holdout of 0 to 50 %, a horizon of 1 to 60 days; whoever sends one back says why."""

    code = "broadcast.invalid"
    status = 422


class BlockedWords(Refusal):
    """The material holds terms that must not leave the house."""

    code = "broadcast.blocked_words"
    status = 422


class NobodyToReach(Refusal):
    """The segment is empty."""

    code = "broadcast.nobody"


class SecondPersonNeeded(Forbidden):
    """Above the limit somebody else must approve; where nobody else can, the number of people must be typed."""

    code = "broadcast.second_person"


class BeyondScope(Forbidden):
    """It reaches people whom this account may not see; somebody who sees all of them must decide."""

    code = "broadcast.beyond_scope"


class CountDiffers(Refusal):
    """The number typed is not the number of people that would be written to."""

    code = "broadcast.count_differs"
    status = 422


class State(StrEnum):
    DRAFT = "draft"
    AWAITING = "awaiting_approval"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    DONE = "done"
    STOPPED = "stopped"


class Purpose(StrEnum):
    PROMOTION = "promotion"
    SERVICE = "service"


@dataclass(frozen=True)
class Broadcast:
    """`holdout_bp`: share held out, basis points. `horizon_days`: how long orders count after the start. `frozen_*`: the list fixed at submission.

    `version`: grows by one with each change of content or state; `changed_by`: who made the last one.
    """

    id: BroadcastId
    name: str
    segment_id: SegmentId
    material_id: MaterialId
    purpose: Purpose
    holdout_bp: int
    horizon_days: int
    send_at: datetime | None
    state: State
    created_by: str
    created_at: datetime
    submitted_by: str | None = None
    approved_by: str | None = None
    frozen_id: UUID | None = None
    frozen_count: int | None = None
    starts_at: datetime | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    done_at: datetime | None = None
    rejection: str | None = None
    version: int = 1
    changed_by: str | None = None


def looked_at(broadcast: Broadcast, version: int | None) -> None:
    """Whether it is still the version that somebody looked at; None: they do not say. Raises ChangedMeanwhile."""
    if version is not None and version != broadcast.version:
        raise ChangedMeanwhile(version=broadcast.version, by=broadcast.changed_by)


def next_version(before: Broadcast, after: Broadcast, *, by: str) -> Broadcast:
    """`after` as the version that follows `before`; `before` itself where nothing has changed."""
    return before if after == before else replace(after, version=before.version + 1, changed_by=by)


def check(name: str, holdout_bp: int, horizon_days: int) -> None:
    """Raises BadBroadcast, naming the field."""
    if not 1 <= len(name.strip()) <= 60:
        raise BadBroadcast(field="name", limit=60)
    if not 0 <= holdout_bp <= 5000:
        raise BadBroadcast(field="holdout_bp", limit=5000)
    if not 1 <= horizon_days <= 60:
        raise BadBroadcast(field="horizon_days", limit=60)


def revise(broadcast: Broadcast, **changes: Any) -> Broadcast:
    """A draft with these fields changed. Raises WrongState, BadBroadcast."""
    _in(broadcast, State.DRAFT)
    given = {**changes, "purpose": Purpose(changes["purpose"])} if changes.get("purpose") else changes
    revised = replace(broadcast, **given)
    check(revised.name, revised.holdout_bp, revised.horizon_days)
    return replace(revised, name=revised.name.strip())


def submittable(broadcast: Broadcast, now: datetime) -> None:
    """Whether it may be submitted, asked before its list is fixed. Raises WrongState, SendTimePassed."""
    _in(broadcast, State.DRAFT)
    if broadcast.send_at is not None and broadcast.send_at < now:
        raise SendTimePassed(send_at=broadcast.send_at.isoformat())


def begins(broadcast: Broadcast, now: datetime) -> datetime:
    """When it begins to go out; before that is fixed, when it would if it were let go now."""
    return broadcast.starts_at or max(now + GRACE, broadcast.send_at or now)


def submit(broadcast: Broadcast, *, by: str, frozen_id: UUID, frozen_count: int, needs_approval: bool, now: datetime) -> Broadcast:
    """Fix the list; below the limit the sending is scheduled after a minute of grace. Raises WrongState, SendTimePassed, NobodyToReach."""
    submittable(broadcast, now)
    if frozen_count == 0:
        raise NobodyToReach(segment_id=str(broadcast.segment_id))
    fixed = replace(broadcast, submitted_by=by, frozen_id=frozen_id, frozen_count=frozen_count, rejection=None)
    return replace(fixed, state=State.AWAITING) if needs_approval else _schedule(fixed, now)


def approve(broadcast: Broadcast, *, by: str, alone: bool, typed: int | None, now: datetime) -> Broadcast:
    """Let a submitted broadcast go. `alone`: nobody else could approve it, so whoever submitted it types the number.

    Raises WrongState, SecondPersonNeeded, CountDiffers.
    """
    _in(broadcast, State.AWAITING)
    own = by == broadcast.submitted_by
    if own and not alone:
        raise SecondPersonNeeded(permission="broadcasts.approve")
    if (own or typed is not None) and typed != broadcast.frozen_count:
        raise CountDiffers(typed=typed, count=broadcast.frozen_count)
    return _schedule(replace(broadcast, approved_by=by), now)


def reject(broadcast: Broadcast, reason: str) -> Broadcast:
    """Back to a draft, with the reason. Raises WrongState, BadBroadcast without one."""
    _in(broadcast, State.AWAITING)
    if not reason.strip():
        raise BadBroadcast(field="reason")
    return replace(broadcast, state=State.DRAFT, rejection=reason.strip()[:500], frozen_id=None, frozen_count=None)


def start(broadcast: Broadcast, now: datetime) -> Broadcast:
    """The grace is over. Raises WrongState."""
    _in(broadcast, State.SCHEDULED)
    return replace(broadcast, state=State.SENDING, started_at=now)


def stop(broadcast: Broadcast, now: datetime) -> Broadcast:
    """Nothing more goes out. Raises WrongState."""
    _in(broadcast, State.AWAITING, State.SCHEDULED, State.SENDING)
    return replace(broadcast, state=State.STOPPED, stopped_at=now)


def finish(broadcast: Broadcast, now: datetime) -> Broadcast:
    """Everybody has reached a final state. Raises WrongState."""
    _in(broadcast, State.SENDING)
    return replace(broadcast, state=State.DONE, done_at=now)


def _schedule(broadcast: Broadcast, now: datetime) -> Broadcast:
    return replace(broadcast, state=State.SCHEDULED, starts_at=begins(broadcast, now))


def _in(broadcast: Broadcast, *states: State) -> None:
    if broadcast.state not in states:
        raise WrongState(state=broadcast.state, needed=[str(state) for state in states])
