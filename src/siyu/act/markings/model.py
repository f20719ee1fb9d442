"""Markings, and what each comes to on one relation."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from siyu.kernel.errors import Invalid, NotFound, Refusal
from siyu.kernel.ids import ContactId, CorpId, CustomerId, MarkingId, StaffId
from siyu.observe.tags import Standing

State = Literal["planned", "done", "unchanged", "refused"]
Reason = Literal["not_found", "no_relation", "ended", "other_corp", "tag_gone", "wecom"]
MOST = 100_000
"""Customers of one marking."""
FEW = 500
"""Relations up to which a marking goes past those of a whole segment."""


class MarkingNotFound(NotFound):
    """No such marking, or one that somebody else asked for."""

    code = "marking.not_found"


class BadMarking(Invalid):
    """No tags, the same tag to be put on and taken off, or nobody to mark."""

    code = "marking.bad"


class TooMany(Refusal):
    """More customers than one marking takes; `limit` says how many it does."""

    code = "marking.too_many"


class TagsExcludeEachOther(Refusal):
    """Two tags to be put on are of one exclusive group."""

    code = "marking.tags_exclude_each_other"


class MarkingUnderWay(Refusal):
    """WeCom is still being asked for this marking: it is taken back when it is over, or stopped."""

    code = "marking.under_way"


class MarkingUndone(Refusal):
    """This marking was taken back already."""

    code = "marking.undone"


class NothingToUndo(Refusal):
    """This marking changed nothing that could be taken back."""

    code = "marking.nothing_to_undo"


class RelationEnded(Refusal):
    """The one relation that was meant has ended: WeCom marks no tags on it."""

    code = "marking.relation_ended"


@dataclass(frozen=True)
class Wanted:
    """Tags to put on and to take off."""

    add: Sequence[Standing]
    remove: Sequence[Standing]

    @property
    def corps(self) -> set[CorpId]:
        return {one.corp_id for one in (*self.add, *self.remove)}


@dataclass(frozen=True)
class Marking:
    """What somebody asked for; tags by id. One that `undoes` another takes back on each relation what that one did there."""

    id: MarkingId
    add: Sequence[str]
    remove: Sequence[str]
    created_by: str
    created_at: datetime
    undoes: MarkingId | None = None


@dataclass(frozen=True)
class Call:
    """What is wanted of the relations of one corp's app: tags to put on, and to take off, the rivals of the former among them."""

    corp_id: CorpId
    put_on: frozenset[str]
    take_off: frozenset[str]


@dataclass(frozen=True)
class Meant:
    """A wish as the tables are asked for it: customers in order, those of them whom the asker does not see, and whose relations count, None for anybody's."""

    customers: Sequence[CustomerId]
    hidden: Collection[CustomerId]
    members: Sequence[StaffId] | None
    calls: Sequence[Call]


@dataclass(frozen=True)
class Preview:
    """What a wish comes to: customers, relations that change, that are as wished already, and who is refused, by reason."""

    customers: int
    changing: int
    unchanged: int
    refused: Mapping[Reason, int]


@dataclass(frozen=True)
class Target:
    """A relation that is still to be marked, as it is now. `corp_id`: the app that holds it. `done`: what the marking did there that is to be undone."""

    place: int
    contact_id: ContactId
    corp_id: CorpId
    staff_id: StaffId
    userid: str
    external_userid: str
    active: bool
    tags: frozenset[str]
    done: Call | None = None


@dataclass(frozen=True)
class Step:
    """A call to make for a relation."""

    target: Target
    add: frozenset[str]
    remove: frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """What became of a relation, which tags were put on it and taken off. `code` is WeCom's, 0 for none."""

    place: int
    state: State
    reason: Reason | None = None
    code: int = 0
    put_on: frozenset[str] = frozenset()
    taken_off: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Marked:
    """A relation of a marking as people see it; customer and member are None where there is none, or the actor does not see the customer."""

    place: int
    customer_id: CustomerId | None
    customer_name: str | None
    staff_name: str | None
    state: State
    reason: Reason | None
    code: int


def check(wanted: Wanted) -> None:
    """Raises BadMarking for nothing to do or a contradiction, TagsExcludeEachOther."""
    add, remove = {one.id for one in wanted.add}, {one.id for one in wanted.remove}
    if not add and not remove:
        raise BadMarking(field="add", reason="no tags")
    if add & remove:
        raise BadMarking(field="remove", reason="put on and taken off at once")
    for one in wanted.add:
        if other := next((other for other in wanted.add if other.id in one.rivals), None):
            raise TagsExcludeEachOther(one=one.name, other=other.name)


def calls(wanted: Wanted) -> list[Call]:
    """What is wanted of each app's relations; the rivals of what is put on go off."""
    found = []
    for corp in sorted(wanted.corps):
        add = [one for one in wanted.add if one.corp_id == corp]
        rivals = {rival for one in add for rival in one.rivals}
        remove = {one.id for one in wanted.remove if one.corp_id == corp}
        found.append(Call(corp, frozenset(one.id for one in add), frozenset(remove | rivals)))
    return found


def undoing(done: Call, held: Collection[str], known: Mapping[str, Standing]) -> Call:
    """What takes back what was `done` to a relation that bears `held` now.

    A tag that is deleted by now is not put on again, nor one whose exclusive group has got another one meanwhile.
    """
    stays = set(held) - done.put_on
    back = {id for id in done.take_off if (one := known.get(id)) and not one.rivals & stays}
    return Call(done.corp_id, frozenset(back), frozenset(id for id in done.put_on if id in known))


def next_move(target: Target, call: Call | None) -> Step | Outcome:
    """The call to make for a relation, of whose app `call` is wanted, or what it comes to without one."""
    if not target.active:
        return Outcome(target.place, "refused", "ended")
    if call is None:
        return Outcome(target.place, "refused", "tag_gone")
    add, remove = call.put_on - target.tags, call.take_off & target.tags
    return Step(target, add, remove) if add or remove else Outcome(target.place, "unchanged")
