"""The tables of days and every statement on them."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Column, ColumnElement, Date, Numeric, Row, Select, Table, Uuid, func, select, tuple_

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.infra.upserts import upsert
from siyu.kernel.ids import StaffId
from siyu.observe.statistics.model import Days, GroupSums, GroupTotals, OwnerDay, StaffDay, Sums, Totals

Day = TypeVar("Day", StaffDay, OwnerDay)
staff_days = Table(
    "staff_days",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("staff_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("contacts", BigInteger, nullable=False),
    Column("chats", BigInteger, nullable=False),
    Column("messages", BigInteger, nullable=False),
    Column("reply_rate", Numeric),
    Column("first_reply_minutes", Numeric),
    Column("lost", BigInteger, nullable=False),
)
group_owner_days = Table(
    "group_owner_days",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("staff_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("new_groups", BigInteger, nullable=False),
    Column("groups", BigInteger, nullable=False),
    Column("active_groups", BigInteger, nullable=False),
    Column("new_members", BigInteger, nullable=False),
    Column("members", BigInteger, nullable=False),
    Column("active_members", BigInteger, nullable=False),
    Column("messages", BigInteger, nullable=False),
)
_TABLES: dict[type[Any], Table] = {StaffDay: staff_days, OwnerDay: group_owner_days}


def fold(tx: Tx, kind: type[Day], told: Sequence[Day]) -> tuple[int, int]:
    """Write the days that are new or differ; returns how many of each."""
    days = _TABLES[kind]
    keys = [(one.staff_id, one.day) for one in told]
    rows = tx.execute(select(days).where(days.c.tenant_id == tx.tenant_id, tuple_(days.c.staff_id, days.c.day).in_(keys))) if keys else ()
    held = {(row.staff_id, row.day): kind(**{name: value for name, value in row._mapping.items() if name != "tenant_id"}) for row in rows}
    wanted = [one for one in told if held.get((one.staff_id, one.day)) != one]
    upsert(tx, days, [one.__dict__ for one in wanted])
    changed = sum((one.staff_id, one.day) in held for one in wanted)
    return len(wanted) - changed, changed


def sums(tx: Tx, period: Days, *, staff: Select[Any] | None, staff_id: StaffId | None) -> Sums:
    """The figures of a period; only those of `staff` (a query of ids), unless None, and of one member, unless None."""
    return Sums(
        [(row.day, _totals(row)) for row in _asked(tx, staff_days, _SUMS, period, staff, staff_id, staff_days.c.day)],
        [(StaffId(row.staff_id), _totals(row)) for row in _asked(tx, staff_days, _SUMS, period, staff, staff_id, staff_days.c.staff_id)],
        _totals(_asked(tx, staff_days, _SUMS, period, staff, staff_id)[0]),
    )


def group_sums(tx: Tx, period: Days, *, staff: Select[Any] | None, staff_id: StaffId | None) -> GroupSums:
    """The same of groups, by owner."""
    days = group_owner_days
    last = _group_columns(days.c.day == period.last)
    return GroupSums(
        [(row.day, _group_totals(row)) for row in _asked(tx, days, _group_columns(), period, staff, staff_id, days.c.day)],
        [(StaffId(row.staff_id), _group_totals(row)) for row in _asked(tx, days, last, period, staff, staff_id, days.c.staff_id)],
        _group_totals(_asked(tx, days, last, period, staff, staff_id)[0]),
    )


def _added(column: ColumnElement[int]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column), 0)


def _weighted(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The mean of days on which somebody wrote, by their chats; a day without an answered chat weighs as one."""
    weight = func.greatest(staff_days.c.chats, 1)
    wrote = column.is_not(None)
    return func.round(func.sum(column * weight).filter(wrote) / func.sum(weight).filter(wrote), 2)


_SUMS: list[ColumnElement[Any]] = [
    *(_added(staff_days.c[name]).label(name) for name in ("requests", "contacts", "chats", "messages", "lost")),
    *(_weighted(staff_days.c[name]).label(name) for name in ("reply_rate", "first_reply_minutes")),
]


def _group_columns(at_end: ColumnElement[bool] | None = None) -> list[ColumnElement[Any]]:
    """`at_end` says which day's groups and members count; all that are asked for, unless given."""
    columns = group_owner_days.c

    def standing(name: str) -> ColumnElement[Any]:
        total = func.sum(columns[name])
        return func.coalesce(total if at_end is None else total.filter(at_end), 0).label(name)

    return [
        *(_added(columns[name]).label(name) for name in ("new_groups", "new_members", "messages")),
        *(standing(name) for name in ("groups", "active_groups", "members", "active_members")),
    ]


def _asked(
    tx: Tx,
    days: Table,
    columns: Sequence[ColumnElement[Any]],
    period: Days,
    staff: Select[Any] | None,
    staff_id: StaffId | None,
    by: ColumnElement[Any] | None = None,
) -> Sequence[Row[Any]]:
    statement = select(*columns).where(days.c.tenant_id == tx.tenant_id, days.c.day >= period.first, days.c.day <= period.last)
    if staff is not None:
        statement = statement.where(days.c.staff_id.in_(staff))
    if staff_id is not None:
        statement = statement.where(days.c.staff_id == staff_id)
    if by is not None:
        statement = statement.add_columns(by).group_by(by).order_by(by)
    return tx.execute(statement).all()


def _totals(row: Row[Any]) -> Totals:
    return Totals(int(row.requests), int(row.contacts), int(row.chats), int(row.messages), row.reply_rate, row.first_reply_minutes, int(row.lost))


def _group_totals(row: Row[Any]) -> GroupTotals:
    return GroupTotals(
        int(row.new_groups),
        int(row.groups),
        int(row.active_groups),
        int(row.new_members),
        int(row.members),
        int(row.active_members),
        int(row.messages),
    )
