"""Keeping ways as WeCom has them, and telling who came by each."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from siyu.access import staff
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, JobId, uuid7
from siyu.observe import contacts, readings
from siyu.observe.contacts import Corp
from siyu.observe.readings import Tally
from siyu.observe.ways import store
from siyu.observe.ways.model import ContactWay, JoinWay, Kind, Listed, Stray
from siyu.observe.ways.store import CONTACT, JOIN, Shelf

__all__ = ["CONTACT", "JOIN", "Shelf", "contact_ways", "enter", "fold", "join_ways", "living", "strays", "titles"]
MOST_STRAYS = 100


def fold(tx: Tx, corp: Corp, shelf: Shelf[Kind], config_id: str, way: Kind | None, *, read_at: datetime) -> Tally:
    """Fold a way as WeCom showed it when asked at `read_at`, None: it knows no such way. Older readings change nothing."""
    held = store.held(tx, shelf, corp.id, config_id)
    if held and held.read_at and read_at < held.read_at:
        return Tally()
    if way is None:
        store.end(tx, shelf, corp.id, config_id)
        return Tally(gone=int(held is not None and not held.deleted))
    store.write(tx, shelf, corp.id, config_id, way, place=uuid7(tx.now), read_at=read_at)
    if held is None or held.read_at is None or held.deleted:
        return Tally(new=1)
    return Tally(changed=int(held.way != way))


def living(tx: Tx, corp: Corp, shelf: Shelf[Any]) -> list[str]:
    """The config_ids of ways that are not deleted as far as we know."""
    return store.living(tx, shelf, corp.id)


def enter(tx: Tx, corp_id: CorpId, config_id: str) -> JobId:
    """Keep a join way that WeCom shows, and have it read; WeCom lists none. Raises CorpNotFound."""
    corp = contacts.corp(tx, corp_id)
    store.enter(tx, corp.id, config_id, place=uuid7(tx.now))
    return readings.request(tx, corp.id, "join_ways", title=corp.name)


def contact_ways(tx: Tx, *, q: str | None, deleted: bool, before: UUID | None, limit: int) -> list[Listed[ContactWay]]:
    """Contact ways, the latest known first, and the relations that began under the state of each."""
    return store.page(tx, CONTACT, q=q, deleted=deleted, staff=staff.staff_in_scope(tx), before=before, limit=limit)


def join_ways(tx: Tx, *, q: str | None, deleted: bool, before: UUID | None, limit: int) -> list[Listed[JoinWay]]:
    """Join ways, the latest known first, and the stays in groups that began under the state of each."""
    return store.page(tx, JOIN, q=q, deleted=deleted, staff=staff.staff_in_scope(tx), before=before, limit=limit)


def titles(tx: Tx, states: Collection[str]) -> dict[tuple[str, str], str]:
    """What the contact ways of these states are called, deleted ones too, by (WeCom's corp id, state); states of no way we hold are missing."""
    return store.titles(tx, states) if states else {}


def strays(tx: Tx, shelf: Shelf[Any]) -> list[Stray]:
    """States under which people came and that no way we hold explains, at most `MOST_STRAYS`."""
    return store.strays(tx, shelf, staff.staff_in_scope(tx), MOST_STRAYS)
