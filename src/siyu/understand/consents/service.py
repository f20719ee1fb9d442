"""Opting customers out and in, and knowing it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from siyu import events
from siyu.infra.tx import Tx
from siyu.kernel.errors import NotFound
from siyu.kernel.ids import CustomerId, IdentityId
from siyu.understand import identity
from siyu.understand.consents import store
from siyu.understand.consents.model import DELETED_US, Channel, Given, OptOut, Withdrawn


class CustomerUnknown(NotFound):
    """No such customer, or one without any identity."""

    code = "customer.not_found"


def opt_out(tx: Tx, customer_id: CustomerId, on: bool, reason: str, *, channel: Channel = "wecom") -> None:
    """Write to this customer no more, or (`on` False) again; takes effect with this transaction. Raises CustomerUnknown."""
    mine = identity.identities_of(tx, customer_id)
    if not mine:
        raise CustomerUnknown(customer_id=str(customer_id))
    if on:
        _said(tx, store.insert(tx, mine, channel, reason, tx.now)[:1], Withdrawn(channel, reason), tx.now)
    else:
        _said(tx, store.delete(tx, mine, channel)[:1], Given(channel, reason), tx.now)


def opted_out(tx: Tx, customer_ids: Collection[CustomerId], *, channel: Channel = "wecom") -> dict[CustomerId, OptOut]:
    """Those of these customers who are not to be written to."""
    return {one.customer_id: one for one in store.of(tx, customer_ids, channel)}


def is_opted_out(tx: Tx, customer_id: CustomerId, *, channel: Channel = "wecom") -> bool:
    """Whether this customer is not to be written to."""
    return bool(store.of(tx, [customer_id], channel))


def follow(tx: Tx, batch: Sequence[events.Event]) -> None:
    """A customer who deletes a member wants no more messages; one who adds a member afterwards does, if nothing else was said. Order makes no difference."""
    told = [(event, event.identity_id) for event in batch if event.identity_id is not None]
    leaving = [id for event, id in told if event.name == "contact.lost" and event.props["by"] == "customer"]
    concerned = store.of_opted_out(tx, {id for event, id in told if event.name == "contact.added"}, "wecom")
    concerned |= set(store.siblings(tx, leaving) if leaving else ())
    for event, id in told:
        if id not in concerned:
            continue
        person = store.siblings(tx, [id])
        at = event.occurred_at
        if event.name == "contact.lost" and event.props["by"] == "customer":
            latest = events.read(tx, person, names=["contact.added"], limit=1)
            if not latest or latest[0].occurred_at <= at:
                _said(tx, store.insert(tx, [id], "wecom", DELETED_US, at), Withdrawn("wecom", DELETED_US), at)
        elif event.name == "contact.added":
            back = store.delete(tx, person, "wecom", reasons=[DELETED_US], before=at)
            _said(tx, back[:1], Given("wecom", "added_again"), at)


def _said(tx: Tx, identities: Sequence[IdentityId], fact: Withdrawn | Given, at: datetime) -> None:
    for id in identities:
        events.append(tx, fact, key=f"{fact.name}:{id}:{at.isoformat()}", identity_id=id, at=at)
