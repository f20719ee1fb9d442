"""Listing customers, and everything about one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from siyu import engine, events
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, EventId, IdentityId
from siyu.observe import contacts
from siyu.understand.customers import questions, store
from siyu.understand.customers.model import CustomerNotFound, Filter, Sort
from siyu.understand.customers.questions import Cursor
from siyu.understand.purchases import margin_rate_bp


@dataclass(frozen=True)
class Listing:
    """One page, how many there are in all, and as of when."""

    rows: Sequence[Mapping[str, Any]]
    more: bool
    total: int
    as_of: datetime
    staff: Mapping[CustomerId, Sequence[contacts.Relation]]


@dataclass(frozen=True)
class Profile:
    """One customer. `figures`: orders, revenue, refunds, first and last payment, margin; `row`: what the list shows, None while the replica is away."""

    customer: Mapping[str, Any]
    identities: Sequence[Mapping[str, Any]]
    relations: Sequence[contacts.Relation]
    figures: Mapping[str, Any]
    row: Mapping[str, Any] | None


def listing(tx: Tx, wanted: Filter, *, sort: Sort, direction: Literal["asc", "desc"], after: Cursor | None, limit: int) -> Listing:
    """Customers whom this actor may see and who fit, in order."""
    people = questions.narrowed(tx, questions.everybody(tx), wanted)
    answer = engine.ask(tx, questions.page(people, sort=sort, direction=direction, after=after, limit=limit + 1))
    rows = answer.rows()
    total = count(tx, wanted)[0]
    shown = rows[:limit]
    return Listing(shown, len(rows) > limit, total, answer.as_of, contacts.relations_of(tx, [CustomerId(row["id"]) for row in shown]))


def count(tx: Tx, wanted: Filter) -> tuple[int, datetime]:
    """How many fit, and as of when."""
    people = questions.narrowed(tx, questions.everybody(tx), wanted)
    answer = engine.ask(tx, people.aggregate(people=people.count()))
    return int(answer.rows()[0]["people"]), answer.as_of


def profile(tx: Tx, id: CustomerId) -> Profile:
    """Everything about one customer. Raises CustomerNotFound, also for one outside the actor's scope."""
    customer = store.profile(tx, id)
    if customer is None or not contacts.sees(tx, CustomerId(customer["id"])):
        raise CustomerNotFound(customer_id=str(id))
    id = CustomerId(customer["id"])
    try:
        people = questions.everybody(tx)
        row = next(iter(engine.ask(tx, people.filter(people.id == id)).rows()), None)
    except engine.EngineUnavailable:
        row = None
    figures = store.figures(tx, id, margin_rate_bp=margin_rate_bp(tx))
    return Profile(customer, store.identities(tx, id), contacts.relations_of(tx, [id], active=False).get(id, []), figures, row)


def timeline(tx: Tx, id: CustomerId, *, names: Sequence[str] = (), before: tuple[datetime, EventId] | None = None, limit: int = 50) -> list[events.Event]:
    """What happened around one customer, newest first. Raises CustomerNotFound."""
    customer = store.profile(tx, id)
    if customer is None or not contacts.sees(tx, CustomerId(customer["id"])):
        raise CustomerNotFound(customer_id=str(id))
    known = [IdentityId(identity["id"]) for identity in store.identities(tx, CustomerId(customer["id"]))]
    return events.read(tx, known, names=names, before=before, limit=limit)
