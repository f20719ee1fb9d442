"""Planning handovers, asking WeCom for them, and following what becomes of them. What speaks to WeCom is in `asking` and `following`."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from siyu.access import audit, staff
from siyu.access.staff import MemberRecord, Staff
from siyu.act.handovers import members, model, store
from siyu.act.handovers.model import (
    Asked,
    BadHandover,
    Candidate,
    Handed,
    Handover,
    HandoverNotFound,
    Hindrance,
    Kind,
    Leaver,
    Move,
    Pair,
    State,
)
from siyu.connectors.wecom import HandoverResult, StartedHandover, UnassignedCustomer
from siyu.events import Event
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, CustomerId, HandoverId, JobId, StaffId, new_id
from siyu.observe import contacts
from siyu.observe.contacts import Corp

ASK, READ_UNASSIGNED = "handovers.ask", "handovers.read_unassigned"


@dataclass(frozen=True)
class Wish:
    """What somebody wants: all customers of the giver, or those named, to one or several takers."""

    kind: Kind
    giver_id: StaffId
    taker_ids: Sequence[StaffId]
    customers: Collection[CustomerId] | None
    reason: str
    message: str


@dataclass(frozen=True)
class Part:
    """What one taker would get. `customers`: how many they have now; `full_at`: when WeCom last said that they could take no more."""

    taker: Staff
    share: int
    customers: int
    full_at: datetime | None


@dataclass(frozen=True)
class Preview:
    """Who would be asked for: `found` customers, of whom those hindered stay, by reason. `more`: there are more than one request takes."""

    giver: Staff
    found: int
    ready: int
    hindered: Mapping[Hindrance, int]
    more: bool
    parts: Sequence[Part]


def preview(tx: Tx, wish: Wish) -> Preview:
    """What a wish would come to. Raises BadHandover, TakerHindered, StaffNotFound."""
    giver, takers, corp = _checked(tx, wish)
    found, more = _candidates(tx, wish, corp)
    shares = model.split(found, len(takers))
    now, full = contacts.customers_of_staff(tx, wish.taker_ids), store.full_at(tx, wish.taker_ids)
    parts = [Part(taker, len(share), now.get(taker.id, 0), full.get(taker.id)) for taker, share in zip(takers, shares, strict=True)]
    hindered = Counter(one.hindrance for one in found if one.hindrance)
    return Preview(giver, len(found), sum(map(len, shares)), hindered, more, parts)


def plan(tx: Tx, wish: Wish) -> list[Handover]:
    """Hand over whoever can be, a handover for each taker, and ask WeCom as jobs. Raises BadHandover, also when nobody can be; TakerHindered; StaffNotFound."""
    giver, takers, corp = _checked(tx, wish)
    found, _ = _candidates(tx, wish, corp)
    made = []
    for taker, share in zip(takers, model.split(found, len(takers)), strict=True):
        handover = Handover(
            new_id(HandoverId, tx.now), corp.id, wish.kind, giver.id, taker.id, wish.reason.strip(), wish.message.strip(), tx.actor.label, tx.now
        )
        if not share or not store.insert(tx, handover, share):
            continue
        jobs.enqueue(tx, ASK, title=f"{giver.name} → {taker.name}", visible=True, handover_id=str(handover.id))
        made.append(handover)
    if not made:
        raise BadHandover(field="customers", reason="nobody can be handed over")
    for handover in made:
        audit.record(tx, "handover.planned", f"handover:{handover.id}", {"giver": str(giver.id), "taker": str(handover.taker_id), "kind": wish.kind})
    return made


def get(tx: Tx, id: HandoverId) -> Handover:
    """One handover that somebody in the actor's scope gives or takes. Raises HandoverNotFound."""
    found = store.find(tx, id, _scope(tx))
    if found is None:
        raise HandoverNotFound(handover_id=str(id))
    return found


def page(tx: Tx, *, kind: Kind | None, before: UUID | None, limit: int) -> list[Handover]:
    """Handovers that somebody in the actor's scope gives or takes, newest first."""
    return store.page(tx, _scope(tx), kind=kind, before=before, limit=limit)


def counts(tx: Tx, ids: Collection[HandoverId]) -> dict[HandoverId, dict[State, int]]:
    """Customers of handovers by state."""
    return store.counts(tx, ids)


def customers(tx: Tx, id: HandoverId, *, state: State | None, after: str | None, limit: int) -> list[Handed]:
    """Customers of a handover and where each stands. Raises HandoverNotFound."""
    get(tx, id)
    return store.customers(tx, id, contacts.in_scope(tx, store.CUSTOMER), state=state, after=after, limit=limit)


def stop(tx: Tx, id: HandoverId) -> Handover:
    """Ask for nobody else; what was asked for goes its way, for WeCom takes nothing back. Raises HandoverNotFound."""
    handover = get(tx, id)
    store.stop(tx, id)
    audit.record(tx, "handover.stopped", f"handover:{id}")
    return handover


def leavers(tx: Tx) -> list[Leaver]:
    """Members in the actor's scope who have left customers behind, the latest first."""
    return store.leavers(tx, _scope(tx))


def request_unassigned(tx: Tx, *, visible: bool = True) -> list[JobId]:
    """Read anew whose customers wait for another member, a job for each corp."""
    return [jobs.enqueue(tx, READ_UNASSIGNED, title=corp.name, visible=visible, corp_id=str(corp.id)) for corp in contacts.readers(tx)]


def pair_of(tx: Tx, id: HandoverId) -> Pair:
    """Giver and taker of a handover as WeCom knows them."""
    return store.pair_of(tx, id)


def pairs_due(tx: Tx) -> list[Pair]:
    """Givers and takers whose results are to be read."""
    return store.pairs_due(tx)


def take(tx: Tx, id: HandoverId, limit: int = model.CALL_SIZE) -> list[Asked]:
    """The next customers to ask WeCom for; commit before the call."""
    return store.take(tx, id, limit)


def ask_again(tx: Tx, id: HandoverId, at: datetime) -> None:
    """Go on with a handover at an instant, as a job that shows nowhere: the first one said how far it got."""
    jobs.enqueue(tx, ASK, at=at, key=f"{id}:{at.isoformat()}", handover_id=str(id))


def take_answers(tx: Tx, asked: Sequence[Asked], answers: Sequence[StartedHandover]) -> None:
    """WeCom has said of each customer whether it hands them over; one it passed over is read from its results."""
    codes = {answer.external_userid: answer.code for answer in answers}
    settle_moves(tx, [model.started(one, codes.get(one.external_userid, model.UNDER_WAY), tx.now) for one in asked])


def take_refusal(tx: Tx, asked: Sequence[Asked], code: int) -> None:
    """WeCom refused a whole call for a reason that repeating cannot mend."""
    settle_moves(tx, [Move(one, "failed", code, at=tx.now) for one in asked])


def put_back(tx: Tx, asked: Sequence[Asked]) -> None:
    """The call took no effect: these are asked for again."""
    store.put_back(tx, asked)


def unanswered(tx: Tx, id: HandoverId) -> list[Asked]:
    """Customers whose call had no answer."""
    return store.asking(tx, id)


def settle_unanswered(tx: Tx, pair: Pair, asked: Sequence[Asked], results: Mapping[str, HandoverResult]) -> None:
    """What WeCom's results say of calls that had no answer; who is not among them is asked for again."""
    moves = {one: model.followed(one, results.get(one.external_userid), tx.now) for one in asked}
    store.put_back(tx, [one for one, move in moves.items() if move is None])
    _end(tx, pair, [move for move in moves.values() if move])


def settle(tx: Tx, pair: Pair, results: Mapping[str, HandoverResult]) -> int:
    """Take over WeCom's results between two members; returns how many customers were settled."""
    moves = [move for one in store.waiting(tx, pair) if (move := model.followed(one, results.get(one.external_userid), tx.now))]
    _end(tx, pair, moves)
    return sum(move.at is not None for move in moves)


def on_the_way(tx: Tx, pairs: Collection[tuple[StaffId, str]]) -> Collection[tuple[StaffId, str]]:
    """Those of these relations, as (member, external_userid), that are being handed over: until that is settled nobody knows what became of them."""
    return store.on_the_way(tx, pairs)


def put_off(tx: Tx, pair: Pair) -> None:
    """WeCom gave no results between two members: look again soon."""
    store.put_off(tx, pair, tx.now + model.SOONEST)


def hear_failures(tx: Tx, heard: Sequence[Event]) -> None:
    """WeCom told at once that a customer refused, or that the taker is full."""
    for event in heard:
        if event.identity_id is None:
            continue
        waiting = store.waiting_for(tx, StaffId(UUID(event.props["staff_id"])), event.identity_id)
        settle_moves(tx, [Move(one, event.props["reason"], at=event.occurred_at) for one in waiting if one.asked_at <= event.occurred_at])


def settle_moves(tx: Tx, moves: Sequence[Move]) -> None:
    """Write where customers have gone."""
    if moves:
        store.move(tx, moves)


def keep_unassigned(tx: Tx, corp: Corp, rows: Sequence[UnassignedCustomer], read_at: datetime) -> None:
    """Take over a part of WeCom's list of customers whose member has left; members whom we do not know are kept by their userid."""
    userids = {row.handover_userid for row in rows}
    known = staff.ids(tx, corp.corp_id, userids)
    if strangers := userids - known.keys():
        staff.upsert(tx, corp.corp_id, [MemberRecord(userid, userid, active=False) for userid in sorted(strangers)])
        known = staff.ids(tx, corp.corp_id, userids)
    store.keep_unassigned(tx, corp.id, {(known[row.handover_userid], row.external_userid): row.left_at for row in rows}, read_at)


def drop_unassigned(tx: Tx, corp: CorpId, read_before: datetime) -> None:
    """The list has been read to its end: what it did not name somebody has assigned at WeCom's own console, and is read anew."""
    contacts.assigned(tx, corp, store.drop_unassigned(tx, corp, read_before))


def _end(tx: Tx, pair: Pair, moves: Sequence[Move]) -> None:
    settle_moves(tx, moves)
    done = {move.asked.external_userid: move.at for move in moves if move.state == "done" and move.at}
    if done:
        contacts.handed_over(tx, pair.corp_id, pair.giver_id, pair.taker, done)
        if pair.kind == "resigned":
            store.assigned(tx, pair.corp_id, pair.giver_id, done)


def _candidates(tx: Tx, wish: Wish, corp: Corp) -> tuple[list[Candidate], bool]:
    found = store.candidates(tx, corp.id, wish.kind, wish.giver_id, wish.customers, model.MOST + 1)
    return found[: model.MOST], len(found) > model.MOST


def _checked(tx: Tx, wish: Wish) -> tuple[Staff, list[Staff], Corp]:
    """Giver, takers and their corp, when these can give and take."""
    model.check_texts(wish.kind, wish.reason.strip(), wish.message.strip())
    return members.checked(tx, wish.kind, wish.giver_id, wish.taker_ids)


def _scope(tx: Tx) -> Select[Any] | None:
    return staff.staff_in_scope(tx)
