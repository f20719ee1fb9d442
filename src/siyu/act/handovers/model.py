"""Handovers, the state of each of their customers, and how WeCom's answers move it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from siyu.connectors.wecom import HandoverResult
from siyu.kernel.errors import Invalid, NotFound
from siyu.kernel.ids import CorpId, CustomerId, HandoverId, IdentityId, StaffId

Kind = Literal["in_service", "resigned"]
State = Literal["planned", "asking", "waiting", "done", "refused", "full", "failed", "stopped"]
Hindrance = Literal["under_way", "twice_in_90_days"]

CALL_SIZE = 100
"""Customers that WeCom takes in one call."""
MOST = 20_000
"""Customers of one request."""
WINDOW = timedelta(days=90)
TWICE = 2
"""So often may a customer be handed over by members who stay within WINDOW."""
MESSAGE_LENGTH, REASON_LENGTH = 200, 200
LAG = timedelta(seconds=60)
"""How long WeCom's results may lag behind a call."""
NO_RECORD_AFTER = timedelta(hours=1)
"""A customer whom WeCom does not list so long after the call was not taken."""
SOONEST, LATEST = timedelta(minutes=10), timedelta(hours=6)
"""Bounds of when to look again; a customer who refuses early is told by a callback, or found by then."""
UNDER_WAY = 40129
"""WeCom's code for a customer whom this member hands over already: perhaps to this taker, which its results tell."""


class HandoverNotFound(NotFound):
    """No such handover, or none in this actor's scope."""

    code = "handover.not_found"


class BadHandover(Invalid):
    """Members who cannot give or take, too long texts, or nobody to hand over."""

    code = "handover.bad"


class TakerHindered(Invalid):
    """The taker, `name`, may not serve customers; `hindrance` says why."""

    code = "handover.taker_hindered"


@dataclass(frozen=True)
class Candidate:
    """A customer of the giver, and why they cannot be asked, if so."""

    external_userid: str
    identity_id: IdentityId | None
    hindrance: Hindrance | None


@dataclass(frozen=True)
class Handover:
    """Customers of `giver_id` are given to `taker_id`. `message`: what the customers read once it is done; WeCom's own words when empty."""

    id: HandoverId
    corp_id: CorpId
    kind: Kind
    giver_id: StaffId
    taker_id: StaffId
    reason: str
    message: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class Pair:
    """Giver and taker as WeCom knows them: what its results are asked for."""

    corp_id: CorpId
    kind: Kind
    giver_id: StaffId
    taker_id: StaffId
    giver: str
    taker: str


@dataclass(frozen=True)
class Asked:
    """A customer whom WeCom was asked to hand over at `asked_at`; `code` is 0 or UNDER_WAY."""

    handover_id: HandoverId
    external_userid: str
    state: State
    asked_at: datetime
    code: int


@dataclass(frozen=True)
class Handed:
    """A customer of a handover as people see it. `customer_id` is None when the actor does not see the customer, who then has no name here either."""

    external_userid: str
    customer_id: CustomerId | None
    name: str | None
    state: State
    code: int
    asked_at: datetime | None
    due_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True)
class Leaver:
    """A member who has left, and how many customers wait for another; `under_way` of them are being handed over."""

    staff_id: StaffId
    name: str
    left_at: datetime | None
    customers: int
    under_way: int


@dataclass(frozen=True)
class Move:
    """Where a customer goes next. `due_at`: when WeCom means to move them; `at`: when it was settled."""

    asked: Asked
    state: State
    code: int = 0
    due_at: datetime | None = None
    look_at: datetime | None = None
    at: datetime | None = None


def check_texts(kind: Kind, reason: str, message: str) -> None:
    """Raises BadHandover for texts that are too long, or a message where WeCom sends none."""
    if len(reason) > REASON_LENGTH:
        raise BadHandover(field="reason", reason=f"at most {REASON_LENGTH} characters")
    if len(message) > MESSAGE_LENGTH:
        raise BadHandover(field="message", reason=f"at most {MESSAGE_LENGTH} characters")
    if message and kind == "resigned":
        raise BadHandover(field="message", reason="only for members who stay")


def split(candidates: Sequence[Candidate], takers: int) -> list[list[Candidate]]:
    """Who can be asked, dealt out in turn, so that the parts differ by one at most."""
    ready = [one for one in candidates if one.hindrance is None]
    return [ready[place::takers] for place in range(takers)]


def started(asked: Asked, code: int, now: datetime) -> Move:
    """What WeCom said of one customer when asked: under way, or not, and why."""
    if code in (0, UNDER_WAY):
        return Move(asked, "waiting", code, look_at=now + SOONEST)
    return Move(asked, "failed", code, at=now)


def followed(asked: Asked, result: HandoverResult | None, now: datetime) -> Move | None:
    """What WeCom's results say of a customer; None puts one back whose call never arrived. Results from before the asking tell of an earlier handover."""
    if result is None or result.status not in (1, 2, 3, 4) or _older(asked, result):
        if asked.state == "asking":
            return None
        if now - asked.asked_at < NO_RECORD_AFTER:
            return Move(asked, "waiting", asked.code, look_at=now + SOONEST)
        return Move(asked, "failed", asked.code, at=now)
    if result.status == 2:
        due_at = result.at or asked.asked_at + timedelta(days=1)
        return Move(asked, "waiting", 0, due_at, look_at=min(max(due_at + LAG, now + SOONEST), now + LATEST))
    state: dict[int, State] = {1: "done", 3: "refused", 4: "full"}
    return Move(asked, state[result.status], at=min(result.at, now) if result.at else now)


def _older(asked: Asked, result: HandoverResult) -> bool:
    return result.status != 2 and result.at is not None and result.at < asked.asked_at - LAG
