"""Keeping the tag library as WeCom has it, and telling what tags say and who bears them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.access import staff
from siyu.connectors.wecom import CorpTagGroup, Event
from siyu.infra.tx import Tx
from siyu.observe import contacts
from siyu.observe.contacts import Corp
from siyu.observe.tags import model, store
from siyu.observe.tags.model import Shelf, TagName


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
    return [_library(tx, corp) for corp in contacts.corps(tx) if corp.active]


def names(tx: Tx, ids: Collection[str]) -> dict[str, TagName]:
    """What these tag ids say on screen; deleted and unknown ones are missing."""
    return store.names(tx, ids) if ids else {}


def _library(tx: Tx, corp: Corp) -> Library:
    bearers = store.bearers(tx, corp.id, staff=staff.staff_in_scope(tx))
    tags = sorted((tag for tag in store.held_tags(tx, corp.id).values() if tag.deleted_at is None), key=lambda tag: (-tag.place, tag.id))
    groups = sorted((one for one in store.held_groups(tx, corp.id).values() if one.deleted_at is None), key=lambda one: (-one.place, one.id))
    shelves = [Shelf(group, [(tag, bearers.get(tag.id, 0)) for tag in tags if tag.group_id == group.id]) for group in groups]
    return Library(corp, store.read_at(tx, corp.id), shelves)
