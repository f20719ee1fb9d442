"""Markings, and what each comes to on one relation."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from siyu.kernel.errors import Invalid, NotFound, Refusal
from siyu.kernel.ids import ContactId, CorpId, CustomerId, MarkingId, StaffId
from siyu.observe.contacts import Relation
from siyu.observe.tags import Standing

State = Literal["planned", "done", "unchanged", "refused"]
Reason = Literal["not_found", "no_relation", "ended", "other_corp", "tag_gone", "wecom"]
MOST = 20_000
"""Customers of one marking."""


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
    """What somebody asked for; tags by id."""

    id: MarkingId
    add: Sequence[str]
    remove: Sequence[str]
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class Row:
    """One relation of a marking, or a customer who has none to mark."""

    customer_id: CustomerId
    contact_id: ContactId | None
    reason: Reason | None = None


@dataclass(frozen=True)
class Target:
    """A relation that is still to be marked, as it is now. `corp_id`: the app that holds it."""

    place: int
    contact_id: ContactId
    corp_id: CorpId
    staff_id: StaffId
    userid: str
    external_userid: str
    active: bool
    tags: frozenset[str]


@dataclass(frozen=True)
class Step:
    """A call to make for a relation."""

    target: Target
    add: frozenset[str]
    remove: frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """What became of a relation. `code` is WeCom's, 0 for none."""

    place: int
    state: State
    reason: Reason | None = None
    code: int = 0


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


def rows(customer: CustomerId, relations: Sequence[Relation], wanted: Wanted, *, apps: Mapping[str, CorpId], staff: Collection[StaffId] | None) -> list[Row]:
    """The relations of one customer that are to be marked: the active ones of these members (None: of anybody); without one the reason.

    `apps`: the app that reads, by WeCom's corp id. A relation of a corp that none of the tags is of is left out.
    """
    own = [one for one in relations if staff is None or one.staff_id in staff]
    here = [one for one in own if one.relation == "active" and apps.get(one.corp_id) in wanted.corps]
    if here:
        return [Row(customer, one.contact_id) for one in here]
    if not own:
        return [Row(customer, None, "no_relation")]
    return [Row(customer, own[0].contact_id, "other_corp" if any(one.relation == "active" for one in own) else "ended")]


def changes(held: Collection[str], wanted: Wanted, corp: CorpId) -> tuple[frozenset[str], frozenset[str]]:
    """What a call must put on and take off, for a relation of a corp's app that bears `held`; the rivals of what is put on go off."""
    add = {one.id for one in wanted.add if one.corp_id == corp}
    rivals = {rival for one in wanted.add if one.corp_id == corp for rival in one.rivals}
    remove = {one.id for one in wanted.remove if one.corp_id == corp} | rivals
    return frozenset(add - set(held)), frozenset(remove & set(held))


def next_move(target: Target, wanted: Wanted) -> Step | Outcome:
    """The call to make for a relation, or what it comes to without one."""
    if not target.active:
        return Outcome(target.place, "refused", "ended")
    if target.corp_id not in wanted.corps:
        return Outcome(target.place, "refused", "tag_gone")
    add, remove = changes(target.tags, wanted, target.corp_id)
    return Step(target, add, remove) if add or remove else Outcome(target.place, "unchanged")
