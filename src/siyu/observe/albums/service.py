"""Keeping albums as WeCom has them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, uuid7
from siyu.observe import contacts, readings
from siyu.observe.albums import model, store
from siyu.observe.albums.model import Product, Shown
from siyu.observe.contacts import Corp
from siyu.observe.readings import Tally


def fold(tx: Tx, corp: Corp, listed: Sequence[Product]) -> Tally:
    """Fold a part of the list of all products."""
    wanted, found = model.differing(store.held(tx, corp.id, {one.product_id for one in listed}), listed)
    store.write(tx, corp.id, wanted, [uuid7(tx.now) for _ in wanted])
    return found


def end_unlisted(tx: Tx, corp: Corp, listed: Collection[str]) -> Tally:
    """Products that a full list did not hold are no more."""
    return Tally(gone=store.end_unlisted(tx, corp.id, listed))


def page(tx: Tx, *, q: str | None, apps: Collection[CorpId] | None, deleted: bool, before: UUID | None, limit: int) -> list[Shown]:
    """Products, the latest known first; only those of these apps, unless None."""
    return store.page(tx, q=q, apps=apps, deleted=deleted, before=before, limit=limit)


def read_at(tx: Tx) -> datetime | None:
    """When the album that was read the longest ago was read; None while one was not yet, or nothing is connected."""
    last = [readings.last(tx, corp.id, "album") for corp in contacts.readers(tx)]
    return min(known) if len(known := [one.read_at for one in last if one]) == len(last) > 0 else None
