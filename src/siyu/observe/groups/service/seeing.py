"""Groups for those who look at them: an actor sees the groups whose owners are in his scope."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from siyu.access import staff
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import GroupId, JobId, StaffId
from siyu.kernel.time import Period, business_day, day_period, day_start
from siyu.observe import contacts, identities
from siyu.observe.groups import store
from siyu.observe.groups.model import DayWay, Group, GroupNotFound, Kind, LeaveTotals, Person
from siyu.observe.groups.store import Filter, Place

__all__ = ["Filter", "Place", "by_day", "get", "groups_of_staff", "leave_totals", "page", "people", "request_sync"]


def page(tx: Tx, wanted: Filter, *, before: UUID | None, limit: int) -> list[Group]:
    """Groups, the latest known first, with id below `before`."""
    return store.page(tx, wanted, owners=staff.staff_in_scope(tx), today=_today(tx), before=before, limit=limit)


def get(tx: Tx, id: GroupId) -> Group:
    """One group. Raises GroupNotFound."""
    group = store.get(tx, id, owners=staff.staff_in_scope(tx), today=_today(tx))
    if group is None:
        raise GroupNotFound(group_id=str(id))
    return group


def people(tx: Tx, id: GroupId, *, inside: bool, kind: Kind | None, after: Place | None, limit: int) -> list[Person]:
    """Who is in a group, or who has left it, latest joining first. Raises GroupNotFound."""
    group = get(tx, id)
    return store.people(tx, group, inside=inside, kind=kind, seen=contacts.in_scope(tx, identities.table.c.customer_id), after=after, limit=limit)


def by_day(tx: Tx, group: GroupId, days: int) -> list[DayWay]:
    """Customers' joins and leaves by way on each of the last `days` days of the brand's zone, today included."""
    today = business_day(tx.now, tx.tz)
    return store.by_day(tx, group, Period(day_start(today - timedelta(days=days - 1), tx.tz), day_period(today, tx.tz).end))


def leave_totals(tx: Tx, period: Period | None, owner: StaffId | None) -> LeaveTotals:
    """Customers who left groups, or were removed, by group, owner and way."""
    return store.leave_totals(tx, period, owner, owners=staff.staff_in_scope(tx))


def groups_of_staff(tx: Tx, owners: Sequence[StaffId]) -> dict[StaffId, int]:
    """How many living groups each member owns."""
    return store.counts(tx, owners)


def request_sync(tx: Tx) -> list[JobId]:
    """Read the groups of every connected corp anew, each as a job that the job centre shows."""
    return [jobs.enqueue(tx, "groups.sync", title=corp.name, visible=True, corp_id=str(corp.id)) for corp in contacts.readers(tx)]


def _today(tx: Tx) -> Period:
    return day_period(business_day(tx.now, tx.tz), tx.tz)
