"""Asking for markings, and settling their relations. What speaks to WeCom is in `marking`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from siyu import engine
from siyu.access import audit, staff
from siyu.act.markings import model, store
from siyu.act.markings.model import (
    BadMarking,
    Marked,
    Marking,
    MarkingNotFound,
    MarkingUnderWay,
    MarkingUndone,
    Meant,
    NothingToUndo,
    Outcome,
    Preview,
    RelationEnded,
    State,
    Step,
    TooMany,
    Wanted,
)
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, JobId, MarkingId, StaffId, new_id
from siyu.observe import contacts, tags
from siyu.understand import customers
from siyu.understand.customers import Filter

MARK, MARK_MANY = "markings.mark", "markings.mark_many"


@dataclass(frozen=True)
class Wish:
    """Tags by id to put on and to take off. For whom: those named, or whoever fits the filter. `staff_id`: only the relation to that member."""

    add: Sequence[str]
    remove: Sequence[str]
    customers: Collection[CustomerId] | None
    filter: Filter | None
    staff_id: StaffId | None


def preview(tx: Tx, wish: Wish) -> Preview:
    """What a wish would come to now. Raises what `ask` raises, but for BadMarking when nobody is left."""
    return store.preview(tx, _meant(tx, wish, _wanted(tx, wish)))


def ask(tx: Tx, wish: Wish) -> tuple[Marking, JobId]:
    """Have WeCom mark the relations, as a job. Raises BadMarking, also when nobody is chosen; TagsExcludeEachOther, TooMany, RelationEnded."""
    wanted = _wanted(tx, wish)
    meant = _meant(tx, wish, wanted)
    if not meant.customers:
        raise BadMarking(field="customers", reason="nobody")
    if wish.staff_id is not None and store.preview(tx, meant).refused == {"ended": 1} and len(meant.customers) == 1:
        raise RelationEnded
    marking = Marking(new_id(MarkingId, tx.now), [one.id for one in wanted.add], [one.id for one in wanted.remove], tx.actor.label, tx.now)
    store.insert(tx, marking, meant)
    named = {"add": [one.name for one in wanted.add], "remove": [one.name for one in wanted.remove]}
    audit.record(tx, "marking.asked", f"marking:{marking.id}", {**named, "customers": len(meant.customers)})
    title = "、".join([f"+{name}" for name in named["add"]] + [f"-{name}" for name in named["remove"]])[:100]
    return marking, _enqueue(tx, marking.id, title)


def undo(tx: Tx, id: MarkingId) -> tuple[Marking, JobId]:
    """Have WeCom take back what a marking did, relation by relation. Raises MarkingNotFound, MarkingUnderWay, MarkingUndone, NothingToUndo."""
    undone = get(tx, id)
    if job_of(tx, id):
        raise MarkingUnderWay(marking_id=str(id))
    if store.undone_by(tx, [id]):
        raise MarkingUndone(marking_id=str(id))
    marking = Marking(new_id(MarkingId, tx.now), undone.remove, undone.add, tx.actor.label, tx.now, id)
    if not store.insert_undoing(tx, marking, staff.staff_ids_in_scope(tx)):
        raise NothingToUndo(marking_id=str(id))
    known = tags.standings(tx, {*marking.add, *marking.remove})
    signed = [("+", one) for one in marking.add] + [("-", one) for one in marking.remove]
    title = "、".join(f"{sign}{known[one].name}" for sign, one in signed if one in known)[:100]
    audit.record(tx, "marking.undone", f"marking:{id}", {"by": str(marking.id)})
    return marking, _enqueue(tx, marking.id, title)


def job_of(tx: Tx, id: MarkingId) -> JobId | None:
    """The job that does a marking, while it waits or runs."""
    return next((job for kind in (MARK, MARK_MANY) if (job := jobs.unfinished(tx, kind, marking_id=str(id)))), None)


def get(tx: Tx, id: MarkingId) -> Marking:
    """One marking, for whoever asked for it and those who see everybody. Raises MarkingNotFound."""
    found = store.find(tx, id)
    if found is None or (found.created_by != tx.actor.label and staff.staff_ids_in_scope(tx) is not None):
        raise MarkingNotFound(marking_id=str(id))
    return found


def page(tx: Tx, *, before: MarkingId | None, limit: int) -> list[Marking]:
    """Markings, newest first: all for those who see everybody, else those that the actor asked for."""
    return store.page(tx, None if staff.staff_ids_in_scope(tx) is None else tx.actor.label, before=before, limit=limit)


def undone_by(tx: Tx, ids: Collection[MarkingId]) -> Mapping[MarkingId, MarkingId]:
    """Which markings take these back; those that nobody took back are missing."""
    return store.undone_by(tx, ids)


def counts(tx: Tx, ids: Collection[MarkingId]) -> Mapping[MarkingId, Mapping[State, int]]:
    """Relations of markings by state."""
    return store.counts(tx, ids)


def relations(tx: Tx, id: MarkingId, *, state: State | None, after: int, limit: int) -> list[Marked]:
    """Relations of a marking and what became of each. Raises MarkingNotFound."""
    get(tx, id)
    return store.relations(tx, id, contacts.in_scope(tx, store.CUSTOMER), state=state, after=after, limit=limit)


def take(tx: Tx, id: MarkingId, limit: int) -> list[Step]:
    """The next calls to make. Relations that need none are settled here; none are left when it is empty."""
    marking = get(tx, id)
    steps: list[Step] = []
    while not steps and (targets := store.planned(tx, id, limit)):
        known = tags.standings(tx, {*marking.add, *marking.remove, *(tag for one in targets if one.done for tag in (*one.done.put_on, *one.done.take_off))})
        wanted = Wanted([known[id] for id in marking.add if id in known], [known[id] for id in marking.remove if id in known])
        calls = {call.corp_id: call for call in model.calls(wanted)}
        moves = [model.next_move(target, model.undoing(target.done, target.tags, known) if target.done else calls.get(target.corp_id)) for target in targets]
        steps = [move for move in moves if isinstance(move, Step)]
        store.settle(tx, id, [move for move in moves if isinstance(move, Outcome)])
    return steps


def settle(tx: Tx, id: MarkingId, done: Sequence[Step], refused: Mapping[Step, int]) -> None:
    """WeCom has marked these relations and refused those, each with its code. What it refused is read again."""
    outcomes = [Outcome(step.target.place, "done", put_on=step.add, taken_off=step.remove) for step in done]
    outcomes += [Outcome(step.target.place, "refused", "wecom", code) for step, code in refused.items()]
    store.settle(tx, id, outcomes)
    for corp in {step.target.corp_id for step in (*done, *refused)}:
        marked = {(step.target.staff_id, step.target.external_userid): (step.add, step.remove) for step in done if step.target.corp_id == corp}
        contacts.retagged(tx, corp, marked)
        contacts.look_again(tx, corp, [(step.target.userid, step.target.external_userid) for step in refused if step.target.corp_id == corp])


def _wanted(tx: Tx, wish: Wish) -> Wanted:
    known = tags.standings(tx, {*wish.add, *wish.remove})
    if missing := [id for id in (*wish.add, *wish.remove) if id not in known]:
        raise BadMarking(field="add", reason="no such tag", id=missing[0])
    wanted = Wanted([known[id] for id in dict.fromkeys(wish.add)], [known[id] for id in dict.fromkeys(wish.remove)])
    model.check(wanted)
    return wanted


def _meant(tx: Tx, wish: Wish, wanted: Wanted) -> Meant:
    """Whom a wish means. Whoever is named by id may be out of the actor's sight; the filter chooses nobody who is."""
    members = staff.staff_ids_in_scope(tx)
    if wish.staff_id is not None:
        members = [wish.staff_id] if members is None or wish.staff_id in members else []
    if wish.customers is None:
        return Meant(_filtered(tx, wish.filter or Filter()), (), members, model.calls(wanted))
    chosen = list(dict.fromkeys(wish.customers))
    hidden = set(chosen) - store.visible(tx, chosen, contacts.in_scope(tx, store.CUSTOMER))
    return Meant(chosen, hidden, members, model.calls(wanted))


def _filtered(tx: Tx, wanted: Filter) -> list[CustomerId]:
    people = customers.narrowed(tx, customers.everybody(tx), wanted)
    rows = engine.ask(tx, people.select("id").order_by("id").limit(model.MOST + 1)).rows()
    if len(rows) > model.MOST:
        raise TooMany(limit=model.MOST)
    return [CustomerId(row["id"]) for row in rows]


def _enqueue(tx: Tx, id: MarkingId, title: str) -> JobId:
    """A few relations do not wait behind those of a whole segment."""
    kind = MARK if sum(store.counts(tx, [id])[id].values()) <= model.FEW else MARK_MANY
    return jobs.enqueue(tx, kind, title=title, visible=True, marking_id=str(id))
