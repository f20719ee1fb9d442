"""Whom the brand has lost."""

from datetime import datetime
from uuid import UUID

from siyu.access import staff
from siyu.infra.tx import Tx
from siyu.observe.contacts import store
from siyu.observe.contacts.lost import Loss, Losses, LossTotals
from siyu.observe.contacts.service.seeing import in_scope


def losses(tx: Tx, wanted: Losses, *, before: tuple[datetime, UUID] | None = None, limit: int = 50) -> list[Loss]:
    """Losses of the members in this actor's scope, the latest first. Who deleted a customer sees the loss, but no more whose."""
    seen = in_scope(tx, store.LOST_CUSTOMER)
    return store.losses(tx, wanted, members=staff.staff_in_scope(tx), seen=seen, before=before, limit=limit)


def loss_totals(tx: Tx, wanted: Losses) -> LossTotals:
    """The same losses counted."""
    return store.loss_totals(tx, wanted, members=staff.staff_in_scope(tx))
