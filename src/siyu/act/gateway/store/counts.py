"""Reading where people stand, for lists and figures."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select

from siyu.act.gateway.model.actions import ActionId
from siyu.act.gateway.model.arms import Arm
from siyu.act.gateway.model.guards import Contact
from siyu.act.gateway.model.intents import Intent, IntentState
from siyu.act.gateway.store.tables import send_actions, send_calls, send_intents, send_tasks
from siyu.infra.tx import Tx
from siyu.kernel.ids import CallId, CustomerId, IdentityId, StaffId

PERSON: ColumnElement[Any] = send_intents.c.customer_id
"""The column that a scope is laid on."""


def people(
    tx: Tx,
    campaign: UUID,
    *,
    scope: ColumnElement[bool] | None = None,
    state: str | None = None,
    reason: str | None = None,
    after: CustomerId | None = None,
    limit: int = 100,
) -> list[Intent]:
    """People of a campaign by customer id, after one of them; `scope`, `state` and `reason` narrow."""
    query = select(send_intents).where(*_of(tx, campaign, scope))
    if state is not None:
        query = query.where(send_intents.c.state == state)
    if reason is not None:
        query = query.where(send_intents.c.reason == reason)
    if after is not None:
        query = query.where(send_intents.c.customer_id > after)
    return [intent(row) for row in tx.execute(query.order_by(send_intents.c.customer_id, send_intents.c.action_id).limit(limit))]


def of_action(tx: Tx, action_id: ActionId) -> list[Intent]:
    """Everybody in an action."""
    rows = tx.execute(select(send_intents).where(send_intents.c.tenant_id == tx.tenant_id, send_intents.c.action_id == action_id))
    return [intent(row) for row in rows]


def tally(tx: Tx, campaign: UUID, *, scope: ColumnElement[bool] | None = None) -> list[tuple[Arm, IntentState, str | None, bool, int]]:
    """How many stand where: (arm, state, reason, whether a task was made of their call, people)."""
    made = send_tasks.select().where(send_tasks.c.tenant_id == send_intents.c.tenant_id, send_tasks.c.call_id == send_intents.c.call_id).exists()
    place = (send_intents.c.arm, send_intents.c.state, send_intents.c.reason, made.label("asked"))
    rows = tx.execute(select(*place, func.count().label("n")).where(*_of(tx, campaign, scope)).group_by(*place).order_by(*place))
    return [(Arm(row.arm), IntentState(row.state), row.reason, row.asked, row.n) for row in rows]


def unknown(tx: Tx, campaign: UUID, *, scope: ColumnElement[bool] | None = None) -> int:
    """People whose call's fate is open."""
    call = (send_calls.c.tenant_id == send_intents.c.tenant_id) & (send_calls.c.id == send_intents.c.call_id) & (send_calls.c.state == "unknown")
    query = select(func.count()).select_from(send_intents.join(send_calls, call)).where(*_of(tx, campaign, scope), send_intents.c.state == "in_call")
    return int(tx.execute(query).scalar_one())


def by_sender(tx: Tx, campaign: UUID, *, scope: ColumnElement[bool] | None = None) -> list[tuple[StaffId | None, str, int, int, int, int]]:
    """Per member asked: (staff id, userid, tasks, tasks confirmed, people asked for, people reached). What was withdrawn unconfirmed is left out.

    A member has confirmed where nobody waits any more and WeCom has tried somebody, though all of them may have left.
    """
    own, task = send_intents.c, send_tasks.c
    standing = (task.tenant_id == own.tenant_id) & (task.call_id == own.call_id) & task.standing
    asked = (
        select(
            own.staff_id,
            own.sender,
            func.count().label("people"),
            func.count().filter(own.state == "sent").label("sent"),
            func.bool_or(own.state == "task").label("waits"),
            func.bool_or((own.state == "sent") | own.reason.in_(("not_friend", "over_limit"))).label("tried"),
        )
        .select_from(send_intents.join(send_tasks, standing))
        .where(*_of(tx, campaign, scope))
        .group_by(own.staff_id, own.sender, own.call_id)
        .subquery()
    )
    confirmed = asked.c.tried & ~asked.c.waits
    rows = tx.execute(
        select(
            asked.c.staff_id,
            asked.c.sender,
            func.count().label("tasks"),
            func.count().filter(confirmed).label("confirmed"),
            func.sum(asked.c.people).label("people"),
            func.sum(asked.c.sent).label("sent"),
        )
        .where(asked.c.waits | asked.c.tried)
        .group_by(asked.c.staff_id, asked.c.sender)
        .order_by(asked.c.sender.collate("C"))
    )
    return [(StaffId(row.staff_id) if row.staff_id else None, row.sender, row.tasks, row.confirmed, int(row.people), int(row.sent)) for row in rows]


def _of(tx: Tx, campaign: UUID, scope: ColumnElement[bool] | None) -> list[ColumnElement[bool]]:
    mine = select(send_actions.c.id).where(send_actions.c.tenant_id == tx.tenant_id, send_actions.c.campaign == campaign)
    conditions = [send_intents.c.tenant_id == tx.tenant_id, send_intents.c.action_id.in_(mine)]
    return conditions if scope is None else [*conditions, scope]


def touched(tx: Tx, customers: Collection[CustomerId], since: datetime) -> int:
    """How many of these people got something since an instant."""
    return int(
        tx.execute(
            """
            select count(distinct customer_id)
            from send_intents
            where tenant_id = :tenant_id and customer_id = any (cast(:customers as uuid[])) and sent_at >= :since
            """,
            {"customers": list(customers), "since": since},
        ).scalar_one()
    )


def intent(row: Row[Any]) -> Intent:
    """A row as the model knows it."""
    contact = None
    if row.sender is not None:
        staff_id = StaffId(row.staff_id) if row.staff_id else None
        identity_id = IdentityId(row.identity_id) if row.identity_id else None
        contact = Contact(row.corp_id, staff_id, row.sender, row.external_userid, None, row.updated_at, identity_id)
    return Intent(
        action_id=ActionId(row.action_id),
        customer_id=CustomerId(row.customer_id),
        arm=Arm(row.arm),
        state=IntentState(row.state),
        reason=row.reason,
        hold_until=row.hold_until,
        contact=contact,
        call_id=CallId(row.call_id) if row.call_id else None,
        quota_on=row.quota_on,
        sent_at=row.sent_at,
        sent_by=row.sent_by,
    )
