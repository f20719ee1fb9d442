"""Keeping the tag library as WeCom has it, and telling what tags say and who bears them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.access import audit, staff
from siyu.connectors.wecom import CorpTagGroup, Event
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CorpId, JobId
from siyu.observe import contacts
from siyu.observe.contacts import Corp
from siyu.observe.tags import model, store
from siyu.observe.tags.model import Added, Clash, Deleted, Group, Renamed, Shelf, Standing, Tag, TagCeiling, TagName, TagNameTaken, TagNotFound, Wish


@dataclass(frozen=True)
class Library:
    """The living tags of a corp by group, in WeCom's order. `read_at`: when WeCom was last asked, None before the first time."""

    corp: Corp
    read_at: datetime | None
    shelves: Sequence[Shelf]

    @property
    def tags(self) -> int:
        return sum(len(shelf.tags) for shelf in self.shelves)


def fold(tx: Tx, corp: Corp, listed: Sequence[CorpTagGroup], *, read_at: datetime) -> model.Changes | None:
    """Fold the whole library, asked for at `read_at`; None when a later reading has been folded already."""
    if not store.begin(tx, corp.id, read_at):
        return None
    changes = model.fold(store.held_groups(tx, corp.id), store.held_tags(tx, corp.id), listed, now=tx.now)
    store.write(tx, corp.id, changes)
    return changes


def hear(tx: Tx, corp: Corp, told: Sequence[tuple[Event, datetime]], settled: datetime) -> None:
    """Something changed in the library, which one call reads whole: have it read once at `settled`, whatever was told."""
    contacts.ask_once(tx, "tags.refresh", corp.id, settled)


def libraries(tx: Tx) -> list[Library]:
    """The library of each connected corp, with the customers in the actor's scope who bear each tag."""
    return [_library(tx, corp) for corp in contacts.readers(tx)]


def add(tx: Tx, corp_id: CorpId, names: Sequence[str], *, group_id: str = "", group_name: str = "") -> JobId:
    """Have tags made at WeCom, in a group by id, or in a new one of that name. Raises BadTagName, TagNotFound, TagNameTaken, TagCeiling."""
    groups, tags = _living(tx, corp_id)
    wanted = [model.checked_name(name) for name in names]
    if group_id and group_id not in groups:
        raise TagNotFound(id=group_id)
    group_name = "" if group_id else model.checked_name(group_name)
    if group_name in {one.name for one in groups.values()}:
        raise TagNameTaken(name=group_name)
    inside = {tag.name for tag in tags.values() if tag.group_id == group_id}
    if taken := [name for name in wanted if name in inside]:
        raise TagNameTaken(name=taken[0])
    if len(tags) + len(wanted) > model.CEILING:
        raise TagCeiling(ceiling=model.CEILING)
    return _ask(tx, corp_id, Added(wanted, group_id, group_name), group_name or groups[group_id].name)


def rename(tx: Tx, corp_id: CorpId, id: str, name: str) -> JobId:
    """Have a tag or a group renamed at WeCom. Raises BadTagName, TagNotFound, TagNameTaken."""
    groups, tags = _living(tx, corp_id)
    name = model.checked_name(name)
    if id not in groups and id not in tags:
        raise TagNotFound(id=id)
    others = [one.name for one in groups.values()] if id in groups else [tag.name for tag in tags.values() if tag.group_id == tags[id].group_id]
    if name in others:
        raise TagNameTaken(name=name)
    return _ask(tx, corp_id, Renamed(id, name), name)


def delete(tx: Tx, corp_id: CorpId, id: str) -> JobId:
    """Have a tag, or a group with its tags, deleted at WeCom, off every customer. Raises TagNotFound."""
    groups, tags = _living(tx, corp_id)
    found = groups.get(id) or tags.get(id)
    if found is None:
        raise TagNotFound(id=id)
    return _ask(tx, corp_id, Deleted(id, "group_ids" if id in groups else "tag_ids"), found.name)


def names(tx: Tx, ids: Collection[str]) -> dict[str, TagName]:
    """What these tag ids say on screen; deleted and unknown ones are missing."""
    return store.names(tx, ids) if ids else {}


def make_exclusive(tx: Tx, corp_id: CorpId, group_id: str, on: bool) -> None:
    """Let a relation bear only one tag of a group from now on, or any number again; what clashes already stays and is shown. Raises TagNotFound."""
    groups, _ = _living(tx, corp_id)
    if group_id not in groups:
        raise TagNotFound(id=group_id)
    if groups[group_id].exclusive != on:
        store.make_exclusive(tx, corp_id, group_id, on)
        audit.record(tx, "tag_group.made_exclusive" if on else "tag_group.made_free", f"tag_group:{group_id}", {"name": groups[group_id].name})


def clashes(tx: Tx, corp_id: CorpId, group_id: str, *, after: ContactId | None, limit: int) -> list[Clash]:
    """Relations of the staff in the actor's scope that bear several tags of an exclusive group."""
    return store.clashes(tx, corp_id, group_id, staff.staff_ids_in_scope(tx), after=after, limit=limit)


def standings(tx: Tx, ids: Collection[str]) -> dict[str, Standing]:
    """Where these tags stand in the libraries of the connected corps; deleted and unknown ones are missing."""
    return {one.id: one for one in store.standings(tx, [corp.id for corp in contacts.readers(tx)], ids)} if ids else {}


def _living(tx: Tx, corp: CorpId) -> tuple[dict[str, Group], dict[str, Tag]]:
    groups = {id: one for id, one in store.held_groups(tx, corp).items() if one.deleted_at is None}
    return groups, {id: one for id, one in store.held_tags(tx, corp).items() if one.deleted_at is None}


def _ask(tx: Tx, corp_id: CorpId, wish: Wish, title: str) -> JobId:
    corp = contacts.corp(tx, corp_id)
    return jobs.enqueue(tx, "tags.change", title=title, visible=True, corp_id=str(corp.id), wish=model.stored(wish))


def _library(tx: Tx, corp: Corp) -> Library:
    bearers = store.bearers(tx, corp.id, staff=staff.staff_in_scope(tx))
    living, held = _living(tx, corp.id)
    tags = sorted(held.values(), key=lambda tag: (-tag.place, tag.id))
    groups = sorted(living.values(), key=lambda one: (-one.place, one.id))
    clashing = store.clash_counts(tx, corp.id, staff.staff_ids_in_scope(tx)) if any(one.exclusive for one in groups) else {}
    shelves = [Shelf(group, [(tag, bearers.get(tag.id, 0)) for tag in tags if tag.group_id == group.id], clashing.get(group.id, 0)) for group in groups]
    return Library(corp, store.read_at(tx, corp.id), shelves)
