"""Asking for markings, and settling their relations. What speaks to WeCom is in `marking`."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from siyu import engine
from siyu.access import audit, staff
from siyu.act.markings import model, store
from siyu.act.markings.model import BadMarking, Marked, Marking, MarkingNotFound, Outcome, Reason, RelationEnded, Row, State, Step, TooMany, Wanted
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, CustomerId, JobId, MarkingId, StaffId, new_id
from siyu.observe import contacts, tags
from siyu.understand import customers
from siyu.understand.customers import Filter

MARK = "markings.mark"


@dataclass(frozen=True)
class Wish:
    """Tags by id to put on and to take off. For whom: those named, or whoever fits the filter. `staff_id`: only the relation to that member."""

    add: Sequence[str]
    remove: Sequence[str]
    customers: Collection[CustomerId] | None
    filter: Filter | None
    staff_id: StaffId | None


@dataclass(frozen=True)
class Preview:
    """What a wish comes to: customers, relations that change, that are as wished already, and who is refused, by reason."""

    customers: int
    changing: int
    unchanged: int
    refused: Mapping[Reason, int]


def preview(tx: Tx, wish: Wish) -> Preview:
    """What a wish would come to now. Raises what `ask` raises, but for BadMarking when nobody is left."""
    wanted = _wanted(tx, wish)
    chosen = _chosen(tx, wish)
    relations = contacts.relations_of(tx, chosen, active=False)
    apps = _apps(tx)
    held = {one.contact_id: (one.tags, apps.get(one.corp_id)) for known in relations.values() for one in known}
    ready, refused = 0, Counter[Reason]()
    changing = 0
    for row in _rows(tx, wish, wanted, chosen, relations):
        if row.reason is not None:
            refused[row.reason] += 1
            continue
        ready += 1
        if row.contact_id is not None:
            bears, app = held[row.contact_id]
            changing += app is not None and any(model.changes(bears, wanted, app))
    return Preview(len(chosen), changing, ready - changing, refused)


def ask(tx: Tx, wish: Wish) -> tuple[Marking, JobId]:
    """Have WeCom mark the relations, as a job. Raises BadMarking, also when nobody is chosen; TagsExcludeEachOther, TooMany, RelationEnded."""
    wanted = _wanted(tx, wish)
    chosen = _chosen(tx, wish)
    rows = _rows(tx, wish, wanted, chosen, contacts.relations_of(tx, chosen, active=False))
    if not rows:
        raise BadMarking(field="customers", reason="nobody")
    if wish.staff_id is not None and [row.reason for row in rows] == ["ended"]:
        raise RelationEnded
    marking = Marking(new_id(MarkingId, tx.now), [one.id for one in wanted.add], [one.id for one in wanted.remove], tx.actor.label, tx.now)
    store.insert(tx, marking, rows)
    named = {"add": [one.name for one in wanted.add], "remove": [one.name for one in wanted.remove]}
    audit.record(tx, "marking.asked", f"marking:{marking.id}", {**named, "customers": len(chosen)})
    title = "、".join([f"+{name}" for name in named["add"]] + [f"-{name}" for name in named["remove"]])[:100]
    return marking, jobs.enqueue(tx, MARK, title=title, visible=True, marking_id=str(marking.id))


def get(tx: Tx, id: MarkingId) -> Marking:
    """One marking, for whoever asked for it and those who see everybody. Raises MarkingNotFound."""
    found = store.find(tx, id)
    if found is None or (found.created_by != tx.actor.label and staff.staff_ids_in_scope(tx) is not None):
        raise MarkingNotFound(marking_id=str(id))
    return found


def counts(tx: Tx, id: MarkingId) -> dict[State, int]:
    """Relations of a marking by state."""
    return store.counts(tx, id)


def relations(tx: Tx, id: MarkingId, *, state: State | None, after: int, limit: int) -> list[Marked]:
    """Relations of a marking and what became of each. Raises MarkingNotFound."""
    get(tx, id)
    return store.relations(tx, id, contacts.in_scope(tx, store.CUSTOMER), state=state, after=after, limit=limit)


def take(tx: Tx, id: MarkingId, limit: int) -> list[Step]:
    """The next calls to make. Relations that need none are settled here; none are left when it is empty."""
    marking = get(tx, id)
    known = tags.standings(tx, {*marking.add, *marking.remove})
    wanted = Wanted([known[id] for id in marking.add if id in known], [known[id] for id in marking.remove if id in known])
    steps: list[Step] = []
    while not steps and (targets := store.planned(tx, id, limit)):
        moves = [model.next_move(target, wanted) for target in targets]
        steps = [move for move in moves if isinstance(move, Step)]
        store.settle(tx, id, [move for move in moves if isinstance(move, Outcome)])
    return steps


def settle(tx: Tx, id: MarkingId, done: Sequence[Step], refused: Mapping[Step, int]) -> None:
    """WeCom has marked these relations and refused those, each with its code. What it refused is read again."""
    outcomes = [Outcome(step.target.place, "done") for step in done]
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


def _chosen(tx: Tx, wish: Wish) -> list[CustomerId]:
    if wish.customers is not None:
        chosen = list(dict.fromkeys(wish.customers))
    else:
        people = customers.narrowed(tx, customers.everybody(tx), wish.filter or Filter())
        rows = engine.ask(tx, people.select("id").order_by("id").limit(model.MOST + 1)).rows()
        chosen = [CustomerId(row["id"]) for row in rows]
    if len(chosen) > model.MOST:
        raise TooMany(limit=model.MOST)
    return chosen


def _rows(tx: Tx, wish: Wish, wanted: Wanted, chosen: Sequence[CustomerId], relations: Mapping[CustomerId, Sequence[contacts.Relation]]) -> list[Row]:
    here = store.visible(tx, chosen, contacts.in_scope(tx, store.CUSTOMER))
    members = staff.staff_ids_in_scope(tx)
    if wish.staff_id is not None:
        members = [wish.staff_id] if members is None or wish.staff_id in members else []
    apps = _apps(tx)
    found: list[Row] = []
    for customer in chosen:
        if customer in here:
            found += model.rows(customer, relations.get(customer, ()), wanted, apps=apps, staff=members if members is None else set(members))
        else:
            found.append(Row(customer, None, "not_found"))
    return found


def _apps(tx: Tx) -> dict[str, CorpId]:
    return {corp.corp_id: corp.id for corp in contacts.readers(tx)}
