"""Reading where people stand, for lists and figures."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select

from siyu.act.gateway.model.actions import ActionId
from siyu.act.gateway.model.arms import Arm
from siyu.act.gateway.model.guards import Contact
from siyu.act.gateway.model.intents import Intent, IntentState
from siyu.act.gateway.store.tables import send_actions, send_intents
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
    mine = select(send_actions.c.id).where(send_actions.c.tenant_id == tx.tenant_id, send_actions.c.campaign == campaign)
    query = select(send_intents).where(send_intents.c.tenant_id == tx.tenant_id, send_intents.c.action_id.in_(mine))
    if scope is not None:
        query = query.where(scope)
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


def tally(tx: Tx, campaign: UUID) -> list[tuple[Arm, IntentState, str | None, int]]:
    """How many stand where: (arm, state, reason, people)."""
    rows = tx.execute(
        """
        select i.arm, i.state, i.reason, count(*) as n
        from send_actions a
        join send_intents i on i.tenant_id = a.tenant_id and i.action_id = a.id
        where a.tenant_id = :tenant_id and a.campaign = :campaign
        group by i.arm, i.state, i.reason
        order by i.arm, i.state, i.reason
        """,
        {"campaign": campaign},
    )
    return [(Arm(row.arm), IntentState(row.state), row.reason, row.n) for row in rows]


def unknown(tx: Tx, campaign: UUID) -> int:
    """People whose call's fate is open."""
    return int(
        tx.execute(
            """
            select count(*)
            from send_actions a
            join send_calls c on c.tenant_id = a.tenant_id and c.action_id = a.id and c.state = 'unknown'
            join send_intents i on i.tenant_id = c.tenant_id and i.call_id = c.id and i.state = 'in_call'
            where a.tenant_id = :tenant_id and a.campaign = :campaign
            """,
            {"campaign": campaign},
        ).scalar_one()
    )


def by_sender(tx: Tx, campaign: UUID) -> list[tuple[StaffId | None, str, int, int, int, int]]:
    """Per member asked: (staff id, userid, tasks, tasks confirmed, people asked for, people reached). What was withdrawn unconfirmed is left out.

    A member has confirmed where nobody waits any more and WeCom has tried somebody, though all of them may have left.
    """
    rows = tx.execute(
        """
        with asked as (
            select i.staff_id, i.sender, i.call_id, count(*) as people, count(*) filter (where i.state = 'sent') as sent, bool_or(i.state = 'task') as waits,
                bool_or(i.state = 'sent' or i.reason in ('not_friend', 'over_limit')) as tried
            from send_actions a
            join send_intents i on i.tenant_id = a.tenant_id and i.action_id = a.id and i.call_id is not null
            join send_tasks t on t.tenant_id = i.tenant_id and t.call_id = i.call_id and t.standing
            where a.tenant_id = :tenant_id and a.campaign = :campaign
            group by i.staff_id, i.sender, i.call_id
        )
        select staff_id, sender, count(*) as tasks, count(*) filter (where tried and not waits) as confirmed, sum(people) as people, sum(sent) as sent
        from asked
        where waits or tried
        group by staff_id, sender
        order by sender collate "C"
        """,
        {"campaign": campaign},
    )
    return [(StaffId(row.staff_id) if row.staff_id else None, row.sender, row.tasks, row.confirmed, int(row.people), int(row.sent)) for row in rows]


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
