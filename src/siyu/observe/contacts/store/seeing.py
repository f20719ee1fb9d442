"""Questions about who knows whom, and who sees whom."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Text, Uuid, and_, any_, func, literal, select, table
from sqlalchemy import column as named

from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CorpId, CustomerId, IdentityId, StaffId
from siyu.observe.contacts.model import Face, Relation
from siyu.observe.contacts.notes import Note, OtherTag
from siyu.observe.contacts.store import mobiles
from siyu.observe.contacts.store.tables import contacts, corps

_staff = table("staff", named("tenant_id", Uuid), named("corp_id", Text), named("userid", Text), named("name", Text))
_people = table("identities", named("tenant_id", Uuid), named("id", Uuid), named("customer_id", Uuid))
IDENTITY_CUSTOMER: ColumnElement[Any] = _people.c.customer_id
"""The column of identities that a scope is laid on."""
SEEN_BY = ("active", "deleted_by_customer")
"""Relations by which a staff member sees a customer: whoever deleted the customer, or handed the customer on, does not any more."""


def faces(tx: Tx, identities: Collection[IdentityId]) -> dict[IdentityId, Face]:
    """Nickname and gender of each identity that is a contact, as most recently changed."""
    rows = tx.execute(
        """
        select distinct on (identity_id) identity_id, name, gender
        from contacts
        where tenant_id = :tenant_id and identity_id = any (cast(:identities as uuid[]))
        order by identity_id, updated_at desc, id
        """,
        {"identities": list(identities)},
    )
    return {IdentityId(row.identity_id): Face(row.name, {1: "man", 2: "woman"}.get(row.gender)) for row in rows}  # type: ignore[arg-type]


def relations(tx: Tx, customers: Collection[CustomerId]) -> list[Relation]:
    """All relations of these customers, active or not, newest first."""
    rows = tx.execute(
        """
        select c.id, i.customer_id, c.identity_id, o.corp_id, c.staff_id, s.userid, s.name as staff_name, c.external_userid, c.relation, c.added_at,
            c.ended_at, c.last_talked_at, c.add_way, c.remark, c.state, c.tags
        from identities i
        join contacts c on c.tenant_id = i.tenant_id and c.identity_id = i.id
        join corps o on o.tenant_id = c.tenant_id and o.id = c.corp_id
        join staff s on s.tenant_id = c.tenant_id and s.id = c.staff_id
        where i.tenant_id = :tenant_id and i.customer_id = any (cast(:customers as uuid[]))
        order by i.customer_id, c.added_at desc, c.id
        """,
        {"customers": list(customers)},
    )
    return [
        Relation(
            ContactId(row.id),
            CustomerId(row.customer_id),
            IdentityId(row.identity_id),
            row.corp_id,
            StaffId(row.staff_id),
            row.userid,
            row.staff_name,
            row.external_userid,
            row.relation,
            row.added_at,
            row.ended_at,
            row.last_talked_at,
            row.add_way,
            row.remark,
            row.state,
            tuple(row.tags),
        )
        for row in rows
    ]


def notes(tx: Tx, contacts: Collection[ContactId]) -> dict[ContactId, Note]:
    """What the members of these relations note."""
    rows = tx.execute(
        """
        select id, description, company, mobiles, other_tags
        from contacts
        where tenant_id = :tenant_id and id = any (cast(:ids as uuid[]))
        """,
        {"ids": list(contacts)},
    )
    found = {}
    for row in rows:
        id = ContactId(row.id)
        found[id] = Note(row.description, row.company, mobiles.opened(id, row.mobiles), tuple(OtherTag(**tag) for tag in row.other_tags))
    return found


def counts(tx: Tx, staff: Collection[StaffId]) -> dict[StaffId, int]:
    """Active relations of each staff member."""
    rows = tx.execute(
        """
        select staff_id, count(*) as n
        from contacts
        where tenant_id = :tenant_id and staff_id = any (cast(:staff as uuid[])) and relation = 'active'
        group by staff_id
        """,
        {"staff": list(staff)},
    )
    return {StaffId(row.staff_id): row.n for row in rows}


def member_name(corp: ColumnElement[Any], userid: ColumnElement[Any]) -> ColumnElement[Any]:
    """The name of a member, given columns of a connected corp and of WeCom's userid; the userid of somebody whom we do not know."""
    found = (
        select(_staff.c.name)
        .select_from(_staff.join(corps, and_(corps.c.tenant_id == _staff.c.tenant_id, corps.c.corp_id == _staff.c.corp_id)))
        .where(corps.c.id == corp, _staff.c.userid == userid)
        .limit(1)
    )
    return func.coalesce(found.scalar_subquery(), userid)


def friends(tx: Tx, corp: CorpId) -> int:
    """Active relations of a corp."""
    question = "select count(*) from contacts where tenant_id = :tenant_id and corp_id = :corp and relation = 'active'"
    return int(tx.execute(question, {"corp": corp}).scalar_one())


def identities_where(tx: Tx, ids: Collection[IdentityId], condition: ColumnElement[bool]) -> set[IdentityId]:
    """Those of these identities that meet a condition on IDENTITY_CUSTOMER."""
    query = select(_people.c.id).where(_people.c.tenant_id == tx.tenant_id, _people.c.id == any_(literal(list(ids), ARRAY(Uuid))), condition)
    return {IdentityId(id) for id in tx.execute(query).scalars()}


def seen_by(tx: Tx, customer: ColumnElement[Any], staff: Select[Any]) -> ColumnElement[bool]:
    """Whether one of these staff members (a query of ids) sees the customer in `customer`."""
    people = _people.alias()
    mine = (
        select(people.c.customer_id)
        .join(contacts, (contacts.c.tenant_id == people.c.tenant_id) & (contacts.c.identity_id == people.c.id))
        .where(
            people.c.tenant_id == tx.tenant_id,
            contacts.c.tenant_id == tx.tenant_id,
            people.c.customer_id.is_not(None),
            contacts.c.staff_id.in_(staff),
            contacts.c.relation.in_(SEEN_BY),
        )
        .correlate(None)
    )
    return customer.in_(mine)
