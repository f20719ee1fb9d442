"""Keeping what WeCom counted, and adding it up."""

from collections.abc import Sequence
from datetime import date, timedelta

from siyu.access import staff
from siyu.infra.tx import Tx
from siyu.kernel.ids import StaffId
from siyu.kernel.time import business_day
from siyu.observe.contacts import Corp
from siyu.observe.readings import Tally
from siyu.observe.statistics import store
from siyu.observe.statistics.model import CHINA, Days, GroupSums, OwnerDay, StaffDay, Sums


def members(tx: Tx, corp: Corp, userids: Sequence[str]) -> dict[str, StaffId]:
    """Staff ids of userids; those whom we do not know are missing."""
    return staff.ids(tx, corp.corp_id, userids)


def fold(tx: Tx, told: Sequence[StaffDay]) -> Tally:
    """Keep days of members; counts those that are new and those that WeCom has corrected."""
    return Tally(*store.fold(tx, StaffDay, told))


def fold_groups(tx: Tx, told: Sequence[OwnerDay]) -> Tally:
    """Keep days of owners of groups."""
    return Tally(*store.fold(tx, OwnerDay, told))


def period(tx: Tx, first: date | None, last: date | None) -> Days:
    """The days asked for, else 30 days to yesterday in China. Raises BadDays."""
    until = last or business_day(tx.now, CHINA) - timedelta(days=1)
    return Days(first or date.fromordinal(max(1, until.toordinal() - 29)), until)


def sums(tx: Tx, days: Days, staff_id: StaffId | None) -> Sums:
    """How members in the actor's scope talked with customers."""
    return store.sums(tx, days, staff=staff.staff_in_scope(tx), staff_id=staff_id)


def group_sums(tx: Tx, days: Days, staff_id: StaffId | None) -> GroupSums:
    """The groups of owners in the actor's scope."""
    return store.group_sums(tx, days, staff=staff.staff_in_scope(tx), staff_id=staff_id)


def names(tx: Tx, ids: Sequence[StaffId]) -> dict[StaffId, str]:
    """What these members are called."""
    return {id: member.name for id, member in staff.by_ids(tx, ids).items()}
