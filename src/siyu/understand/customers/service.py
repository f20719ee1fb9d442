"""Listing customers, and everything about one of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu import engine, events
from siyu.access import audit
from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CustomerId, EventId, FileId, IdentityId, OrderId
from siyu.observe import contacts, orders, tags, ways
from siyu.observe.identities import namespaces
from siyu.understand import consents
from siyu.understand.customers import masks, questions, store, words
from siyu.understand.customers.model import CustomerNotFound, Direction, Filter, Sort
from siyu.understand.customers.questions import Cursor
from siyu.understand.purchases import margin_rate_bp


@dataclass(frozen=True)
class Listing:
    """One page, how many there are in all, and as of when. `staff`: active relations; `phones`: masked."""

    rows: Sequence[Mapping[str, Any]]
    more: bool
    total: int
    as_of: datetime
    staff: Mapping[CustomerId, Sequence[contacts.Relation]]
    phones: Mapping[CustomerId, str]


@dataclass(frozen=True)
class Profile:
    """One customer.

    `corps`: names of connected corps by the namespace of their ids; `notes` by relation; `ways`: what contact ways are called, by WeCom's corp id and state.
    `looked_at`: when WeCom was last asked about this customer alone, by external_userid.
    `figures`: orders, revenue, refunds, first and last payment, margin; `row`: what the list shows, None while the replica is away.
    """

    customer: Mapping[str, Any]
    identities: Sequence[Mapping[str, Any]]
    corps: Mapping[str, str]
    relations: Sequence[contacts.Relation]
    notes: Mapping[ContactId, contacts.Note]
    looked_at: Mapping[str, datetime]
    ways: Mapping[tuple[str, str], str]
    tags: Mapping[str, tags.TagName]
    figures: Mapping[str, Any]
    opted_out: bool
    row: Mapping[str, Any] | None
    as_of: datetime | None


def listing(tx: Tx, wanted: Filter, *, sort: Sort, direction: Direction, after: Cursor | None, limit: int) -> Listing:
    """Customers whom this actor may see and who fit, in order."""
    people = questions.narrowed(tx, questions.everybody(tx), wanted)
    answer = engine.ask(tx, questions.page(people, sort=sort, direction=direction, after=after, limit=limit + 1))
    rows = answer.rows()
    total = rows[0]["total"] if rows else 0 if after is None else count(tx, wanted)[0]
    shown = rows[:limit]
    ids = [CustomerId(row["id"]) for row in shown]
    return Listing(shown, len(rows) > limit, total, answer.as_of, contacts.relations_of(tx, ids), phones(tx, ids))


def phones(tx: Tx, ids: Collection[CustomerId]) -> dict[CustomerId, str]:
    """Masked phones of those customers that have one."""
    return {id: masks.mask_phone(phone) for id, phone in store.phones(tx, ids).items()}


def maker_of(tx: Tx, id: FileId) -> str | None:
    """Who had a file made, as `user:<id>`."""
    return store.maker_of(tx, id)


def count(tx: Tx, wanted: Filter) -> tuple[int, datetime]:
    """How many fit, and as of when."""
    people = questions.narrowed(tx, questions.everybody(tx), wanted)
    answer = engine.ask(tx, people.aggregate(people=people.count()))
    return int(answer.rows()[0]["people"]), answer.as_of


def find(tx: Tx, text: str, *, limit: int) -> tuple[Sequence[Mapping[str, Any]], datetime]:
    """id, name and city of customers by part of the name or of a remark, or a whole number of theirs, and as of when."""
    answer = engine.ask(tx, questions.found(tx, text.strip()[:100], limit))
    return answer.rows(), answer.as_of


def profile(tx: Tx, id: CustomerId) -> Profile:
    """Everything about one customer; who was merged away leads to who stands for them. Raises CustomerNotFound, also for one outside the actor's scope."""
    customer = _visible(tx, id)
    id = CustomerId(customer["id"])
    try:
        people = questions.everybody(tx)
        answer = engine.ask(tx, people.filter(people.id == id))
        row, as_of = next(iter(answer.rows()), None), answer.as_of
    except engine.EngineUnavailable:
        row, as_of = None, None
    figures = store.figures(tx, id, margin_rate_bp=margin_rate_bp(tx))
    relations = contacts.relations_of(tx, [id], active=False).get(id, [])
    named = tags.names(tx, {tag for relation in relations for tag in relation.tags})
    return Profile(
        customer,
        store.identities(tx, id),
        {namespaces.wecom(corp): name for corp, name in contacts.corp_names(tx).items()},
        relations,
        contacts.notes_of(tx, [relation.contact_id for relation in relations]),
        contacts.looked_at(tx, relations),
        ways.titles(tx, {relation.state for relation in relations if relation.state}),
        named,
        figures,
        consents.is_opted_out(tx, id),
        row,
        as_of,
    )


def look_at(tx: Tx, id: CustomerId) -> bool:
    """Have WeCom asked about one customer who is being looked at, unless it was within the hour; whether it is asked. Raises CustomerNotFound."""
    id = CustomerId(_visible(tx, id)["id"])
    return contacts.look_at(tx, contacts.relations_of(tx, [id]).get(id, []))


def orders_of(tx: Tx, id: CustomerId, *, before: tuple[datetime, OrderId] | None, limit: int) -> list[orders.Order]:
    """The customer's orders, latest payment first. Raises CustomerNotFound."""
    customer = _visible(tx, id)
    return orders.page(tx, orders.Filter(customer_id=CustomerId(customer["id"])), before=before, limit=limit)


def timeline(tx: Tx, id: CustomerId, *, kind: words.Kind | None, before: tuple[datetime, EventId] | None, limit: int) -> list[events.Event]:
    """What happened around one customer, newest first. Raises CustomerNotFound."""
    customer = _visible(tx, id)
    known = [IdentityId(identity["id"]) for identity in store.identities(tx, CustomerId(customer["id"]))]
    return events.read(tx, known, names=words.KINDS[kind] if kind else (), before=before, limit=limit)


def opt_out(tx: Tx, id: CustomerId, *, on: bool, reason: str) -> None:
    """Write to this customer no more, or again. Raises CustomerNotFound."""
    customer = _visible(tx, id)
    consents.opt_out(tx, CustomerId(customer["id"]), on, reason)
    audit.record(tx, "customer.opted_out" if on else "customer.opted_in", f"customer:{customer['id']}", {"reason": reason})


def _visible(tx: Tx, id: CustomerId) -> Mapping[str, Any]:
    customer = store.profile(tx, id)
    if customer is None or not contacts.sees(tx, CustomerId(customer["id"])):
        raise CustomerNotFound(customer_id=str(id))
    return customer
