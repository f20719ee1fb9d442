"""Who knows whom, and who sees whom."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Uuid, literal, select

from siyu.access import staff
from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CustomerId, IdentityId, StaffId
from siyu.observe.contacts import store
from siyu.observe.contacts.model import Face, Relation
from siyu.observe.contacts.notes import Note

member_name = store.member_name
"""For lists: the name of a member by columns of a corp and of WeCom's userid."""


def in_scope(tx: Tx, customer: ColumnElement[Any]) -> ColumnElement[bool] | None:
    """A condition on a column of customer ids for this actor's lists, counts and exports in PostgreSQL; None when there is nothing to restrict.

    Seen are customers with an active relation, or one that the customer ended, to a member in the actor's scope; customers without any contact are seen by
    those who see everybody.
    """
    members = staff.staff_in_scope(tx)
    return None if members is None else store.seen_by(tx, customer, members)


def in_scope_expr(tx: Tx, customer: Any, *, contacts: Any, identities: Any) -> Any:
    """The same for the replica: an Ibis condition on a column of customer ids, given this tenant's tables; None when there is nothing to restrict."""
    members = staff.staff_ids_in_scope(tx)
    if members is None:
        return None
    mine = contacts.filter(contacts.staff_id.isin(members) & contacts.relation.isin(store.SEEN_BY))
    people = identities.filter(identities.customer_id.notnull()).semi_join(mine, identities.id == mine.identity_id)
    return customer.isin(people.customer_id)


def sees(tx: Tx, customer: CustomerId) -> bool:
    """Whether this actor may see one customer."""
    condition = in_scope(tx, literal(customer, Uuid))
    return condition is None or bool(tx.execute(select(condition)).scalar())


def seen_identities(tx: Tx, ids: Collection[IdentityId]) -> set[IdentityId]:
    """Those of these identities whose customers this actor may see."""
    condition = in_scope(tx, store.IDENTITY_CUSTOMER)
    return set(ids) if condition is None else store.identities_where(tx, ids, condition)


def relations_of(tx: Tx, customers: Collection[CustomerId], *, active: bool = True) -> dict[CustomerId, list[Relation]]:
    """The relations of these customers, newest first, only the active ones unless told otherwise; customers without one are missing."""
    found: dict[CustomerId, list[Relation]] = {}
    for relation in store.relations(tx, customers):
        if relation.relation == "active" or not active:
            found.setdefault(relation.customer_id, []).append(relation)
    return found


def notes_of(tx: Tx, relations: Collection[ContactId]) -> dict[ContactId, Note]:
    """What the members of these relations note, phones in the clear: show them masked."""
    return store.notes(tx, relations)


def faces(tx: Tx, identity_ids: Collection[IdentityId]) -> dict[IdentityId, Face]:
    """Nickname and gender of those identities that are contacts."""
    return store.faces(tx, identity_ids)


def customers_of_staff(tx: Tx, staff_ids: Collection[StaffId]) -> dict[StaffId, int]:
    """How many active relations each member has."""
    return store.counts(tx, staff_ids)
