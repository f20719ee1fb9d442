"""Customers who left groups, counted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Text, Uuid, cast, func, literal, select, table
from sqlalchemy import column as named

from siyu.infra.tx import Tx
from siyu.kernel.ids import StaffId
from siyu.kernel.time import Period
from siyu.observe.groups.model import LeaveCount, LeaveTotals
from siyu.observe.groups.store.tables import group_chats, group_members

_staff = table("staff", named("tenant_id", Uuid), named("id", Uuid), named("name", Text))
TOP = 20
"""Values counted one by one at most."""


def leave_totals(tx: Tx, period: Period | None, owner: StaffId | None, *, owners: Select[Any] | None) -> LeaveTotals:
    """Customers who left, or were removed from, groups of these owners (a query of ids; None: all). The end of a whole group is no leave."""
    gone, chats = group_members, group_chats
    statement = (
        select(gone.c.group_id, chats.c.name.label("group_name"), chats.c.owner_id, chats.c.owner, gone.c.way)
        .join(chats, (chats.c.tenant_id == gone.c.tenant_id) & (chats.c.id == gone.c.group_id))
        .where(gone.c.tenant_id == tx.tenant_id, gone.c.kind == "customer", gone.c.left_at.is_not(None), gone.c.ended != "dismissed")
    )
    if period is not None:
        statement = statement.where(gone.c.left_at >= period.start, gone.c.left_at < period.end)
    if owner is not None:
        statement = statement.where(chats.c.owner_id == owner)
    if owners is not None:
        statement = statement.where(chats.c.owner_id.in_(owners))
    leaves = statement.cte("leaves")
    total = int(tx.execute(select(func.count()).select_from(leaves)).scalar_one())
    staff_name = func.coalesce(
        select(_staff.c.name).where(_staff.c.tenant_id == tx.tenant_id, _staff.c.id == leaves.c.owner_id).scalar_subquery(), leaves.c.owner
    )

    def counted(value: ColumnElement[Any], name: ColumnElement[Any]) -> Sequence[LeaveCount]:
        rows = tx.execute(
            select(cast(value, String).label("value"), name.label("name"), func.count().label("n"))
            .group_by(value, name)
            .order_by(func.count().desc(), value)
            .limit(TOP)
        )
        return [LeaveCount(row.value, row.name, row.n) for row in rows]

    return LeaveTotals(
        total,
        counted(leaves.c.group_id, leaves.c.group_name),
        counted(func.coalesce(cast(leaves.c.owner_id, String), ""), staff_name),
        counted(leaves.c.way, literal("")),
    )
