"""Taking over the address book, and saying whose customers an actor may see."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select

from siyu.access.staff import model, store
from siyu.access.staff.model import Changes, Department, DepartmentRecord, Hindrance, MemberRecord, Staff
from siyu.infra.tx import Scope, Tx
from siyu.kernel.errors import NotFound
from siyu.kernel.ids import DepartmentId, StaffId

Counted = Literal["customers", "groups"]
Counter = Callable[[Tx, Sequence[StaffId]], Mapping[StaffId, int]]
_counters: dict[Counted, Counter] = {}
CorpNames = Callable[[Tx], Mapping[str, str]]
_corp_names: list[CorpNames] = []


class StaffNotFound(NotFound):
    """No such staff member, or none in this actor's scope."""

    code = "staff.not_found"


def upsert(tx: Tx, corp_id: str, members: Sequence[MemberRecord], *, complete: bool = False, serving: Sequence[str] | None = None) -> Changes:
    """Take over members of a corp. `complete`: these are all, and whoever is not among them has left.

    `serving`: userids of all with the customer-contact function; some may stand outside the address book that we see. None: not told.
    An account linked to somebody who left, or is disabled in WeCom, has no session from then on, but for owners.
    """
    unique = list({member.userid: member for member in members}.values())
    changes = store.upsert(tx, corp_id, unique)
    gone = store.deactivate_but(tx, corp_id, [*(member.userid for member in unique), *(serving or ())]) if complete else 0
    if serving is not None:
        store.serving(tx, corp_id, serving)
    if complete:
        store.book_read(tx, corp_id)
    return Changes(changes.new, changes.changed, gone)


def departments_upsert(tx: Tx, corp_id: str, records: Sequence[DepartmentRecord]) -> Changes:
    """Take over all departments of a corp that the app may see; those not among them are gone."""
    unique = list({record.wecom_id: record for record in records}.values())
    return store.departments_upsert(tx, corp_id, unique, model.paths(unique))


def ids(tx: Tx, corp_id: str, userids: Collection[str]) -> dict[str, StaffId]:
    """The ids of a corp's members by WeCom's userid, those who left included; unknown ones are missing."""
    return store.ids(tx, corp_id, userids)


def by_ids(tx: Tx, ids: Collection[StaffId]) -> dict[StaffId, Staff]:
    """Staff members by id, whatever the actor's scope: for naming who serves a customer that the actor may see."""
    return {member.id: member for member in store.by_ids(tx, ids)}


def licences(tx: Tx, corp_id: str, licensed: Sequence[str], unlicensed: Sequence[str]) -> None:
    """Note what WeCom's answers tell of the licences of a corp's members (userids)."""
    store.licences(tx, corp_id, licensed, licensed=True)
    store.licences(tx, corp_id, unlicensed, licensed=False)


def hindrances(tx: Tx, ids: Collection[StaffId]) -> dict[StaffId, Hindrance]:
    """Those of these members who may not serve customers, and why: asked before anybody sends, or is handed customers or groups."""
    return store.hindrances(tx, ids)


def staff_in_scope(tx: Tx) -> Select[Any] | None:
    """The ids of the staff whose customers the actor may see, as a query to put into `in (…)`; None when there is no limit.

    Own: the linked staff member, nobody without one. Departments: everybody in the subtrees, and oneself. This is the only place that decides it.
    """
    return store.in_scope(tx, tx.actor.scope)


def staff_ids_in_scope(tx: Tx) -> list[StaffId] | None:
    """The same as a list, for the analytic engine; None when there is no limit."""
    query = staff_in_scope(tx)
    return None if query is None else sorted(StaffId(row.id) for row in tx.execute(query))


def under(tx: Tx, department_ids: Collection[DepartmentId]) -> list[StaffId]:
    """Everybody in the subtrees of these departments, those who left included."""
    query = store.in_scope(tx, Scope("departments", None, tuple(department_ids)))
    return [] if query is None else sorted(StaffId(row.id) for row in tx.execute(query))


def get(tx: Tx, id: StaffId) -> Staff:
    """One staff member within the actor's scope. Raises StaffNotFound."""
    found = by_ids(tx, [id]).get(id)
    allowed = staff_ids_in_scope(tx)
    if found is None or (allowed is not None and id not in allowed):
        raise StaffNotFound(staff_id=str(id))
    return found


def page(
    tx: Tx,
    *,
    after: tuple[str, UUID] | None = None,
    q: str | None = None,
    corp_id: str | None = None,
    department_id: DepartmentId | None = None,
    active: bool | None = None,
    hindrance: Hindrance | Literal["none"] | None = None,
    limit: int = 50,
) -> list[Staff]:
    """Staff within the actor's scope, by name, after (name, id). `corp_id`: WeCom's; `hindrance` `none`: those who may serve customers."""
    return store.page(tx, tx.actor.scope, after=after, q=q, corp_id=corp_id, department_id=department_id, active=active, hindrance=hindrance, limit=limit)


def departments(tx: Tx) -> list[Department]:
    """Departments within the actor's scope, each after its parent."""
    return store.in_sight(tx, tx.actor.scope)


def name_corps_with(names: CorpNames) -> None:
    """Lend the lists what each corp is called here, by WeCom's id; who knows that is above."""
    _corp_names[:] = [names]


def corp_names(tx: Tx) -> Mapping[str, str]:
    """What each corp is called here, by WeCom's id; empty when nobody lent it."""
    return _corp_names[0](tx) if _corp_names else {}


def count_with(counted: Counted, counter: Counter) -> None:
    """Lend the list of staff its numbers of customers and groups; who knows them is above."""
    _counters[counted] = counter


def count(tx: Tx, counted: Counted, ids: Sequence[StaffId]) -> Mapping[StaffId, int]:
    """How many customers each of these serves, or groups each owns; empty when nobody lent a counter."""
    counter = _counters.get(counted)
    return counter(tx, ids) if counter and ids else {}
