"""What campaigns ask the gateway: what would happen, and where everybody stands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from siyu.access import staff
from siyu.act.gateway import store
from siyu.act.gateway.model.actions import Action
from siyu.act.gateway.model.arms import Arm, draw
from siyu.act.gateway.model.guards import Allow, Circumstances, Hold, Refuse, choose, judge
from siyu.act.gateway.model.intents import Intent
from siyu.act.gateway.service.books import World, reaches
from siyu.act.gateway.service.knowledge import Knowledge, ref
from siyu.infra.tx import Tx
from siyu.kernel.ids import CallId, CustomerId, StaffId
from siyu.observe import contacts, tracking

CHUNK = 10_000
PARAMETERS = 50_000
"""People handed to one statement."""


@dataclass(frozen=True)
class Sender:
    """What one member would be asked: `tasks` confirmations for `recipients` people."""

    staff_id: StaffId | None
    userid: str
    name: str
    recipients: int
    tasks: int


@dataclass(frozen=True)
class Preview:
    """What would happen now. `holdout` are people drawn into that arm; the rest speaks of the others: `allowed` includes those held for a while."""

    holdout: int
    allowed: int
    refused: Mapping[str, int]
    held: Mapping[str, datetime]
    senders: Sequence[Sender]


@dataclass(frozen=True)
class Tally:
    """How many people of one arm stand in one state for one reason. `asked`: a member was asked to send it to them."""

    arm: str
    state: str
    reason: str | None
    asked: bool
    people: int


@dataclass(frozen=True)
class Incident:
    """People who were wronged, by which call and when; `doubled` got a message twice."""

    kind: str
    call_id: CallId
    customers: tuple[CustomerId, ...]
    at: datetime


@dataclass(frozen=True)
class Pause:
    """A corp whose calls wait until a machine instant, and WeCom's code for why."""

    corp_id: str
    until: datetime
    code: str


def preview(tx: Tx, action: Action, people: Sequence[CustomerId], *, world: World | None = None) -> Preview:
    """A dry run over these people, without any effect: their arms, the verdicts that they would get when the action begins, who would be asked to send."""
    world = world or Knowledge()
    policy = store.bounds.policy(tx)
    at = max(tx.now, action.not_before)
    when = Circumstances(at, tx.tz, policy, world.blocked_words(tx, action.content))
    treated = [person for person in people if draw(action.salt, person, action.holdout_bp) is Arm.TREATED]
    refused: Counter[str] = Counter()
    held: dict[str, datetime] = {}
    asked: Counter[tuple[StaffId | None, str]] = Counter()
    for start in range(0, len(treated), CHUNK):
        for reach in reaches(tx, world, policy, treated[start : start + CHUNK], at).values():
            verdict = judge(action, reach, when)
            match verdict:
                case Refuse(reason):
                    refused[reason] += 1
                    continue
                case Hold(until, reason):
                    held[reason] = max(until, held.get(reason, until))
                case Allow():
                    pass
            contact = choose(reach.contacts)
            asked[contact.staff_id, contact.sender] += 1
    names = staff.by_ids(tx, {id for id, _ in asked if id})
    senders = [
        Sender(id, userid, names[id].name if id in names else userid, count, -(-count // policy.call_size))
        for (id, userid), count in sorted(asked.items(), key=lambda it: (-it[1], it[0][1]))
    ]
    return Preview(len(people) - len(treated), sum(asked.values()), dict(refused), held, senders)


def tally(tx: Tx, campaign: UUID) -> list[Tally]:
    """Where the people of a campaign stand whom this actor may see."""
    return [Tally(str(arm), str(state), reason, asked, people) for arm, state, reason, asked, people in store.counts.tally(tx, campaign, scope=_scope(tx))]


def unknown_people(tx: Tx, campaign: UUID) -> int:
    """People whose call has an unclear reply that is being looked into."""
    return store.counts.unknown(tx, campaign, scope=_scope(tx))


def by_sender(tx: Tx, campaign: UUID) -> list[dict[str, Any]]:
    """Per member who was asked: `staff` {id, name}, `state` open, partial or confirmed, `tasks`, `confirmed` of them, people `asked` for and `delivered` to.

    Tasks that were withdrawn before anybody confirmed them are left out; counted are the people whom this actor may see.
    """
    rows = store.counts.by_sender(tx, campaign, scope=_scope(tx))
    names = staff.by_ids(tx, {row[0] for row in rows if row[0]})
    return [
        {
            "staff": {"id": str(id) if id else None, "name": names[id].name if id in names else userid},
            "state": "confirmed" if confirmed == tasks else "partial" if confirmed else "open",
            "tasks": tasks,
            "confirmed": confirmed,
            "asked": asked,
            "delivered": delivered,
        }
        for id, userid, tasks, confirmed, asked, delivered in rows
    ]


def people(tx: Tx, campaign: UUID, *, state: str | None = None, reason: str | None = None, after: CustomerId | None = None, limit: int = 100) -> list[Intent]:
    """People of a campaign whom this actor may see, by customer id, after one of them."""
    return store.counts.people(tx, campaign, scope=_scope(tx), state=state, reason=reason, after=after, limit=limit)


def opened(tx: Tx, campaign: UUID) -> int:
    """Known people who opened a link of the campaign, among those whom this actor may see."""
    refs = [ref(action) for action in store.actions.of_campaign(tx, campaign)]
    return len(contacts.seen_identities(tx, {opener.identity_id for opener in tracking.openers_of(tx, refs)})) if refs else 0


def unnamed_opens(tx: Tx, campaign: UUID) -> int:
    """How often links of the campaign were opened without telling by whom; 0 for an actor who does not see everybody."""
    refs = [ref(action) for action in store.actions.of_campaign(tx, campaign)]
    if not refs or _scope(tx) is not None:
        return 0
    return sum(one.opens for one in tracking.opens_of(tx, refs).values()) - sum(opener.opens for opener in tracking.openers_of(tx, refs))


def touched_since(tx: Tx, people: Sequence[CustomerId], since: datetime) -> int:
    """How many of these people got any group send since an instant."""
    return sum(store.counts.touched(tx, people[start : start + PARAMETERS], since) for start in range(0, len(people), PARAMETERS))


def incidents(tx: Tx) -> list[Incident]:
    """Everything that went wrong with names, oldest first."""
    return [Incident(*row) for row in store.bounds.incidents(tx)]


def pauses(tx: Tx) -> list[Pause]:
    """Corps whose calls wait now."""
    return [Pause(*row) for row in store.bounds.pauses(tx, store.actions.machine(tx))]


def _scope(tx: Tx) -> ColumnElement[bool] | None:
    return contacts.in_scope(tx, store.counts.PERSON)
