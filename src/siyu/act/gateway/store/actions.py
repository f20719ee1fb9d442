"""What was asked for."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from siyu.act.gateway.model.actions import Action, ActionId, Card, Content, Purpose
from siyu.infra.tx import Tx

_COLUMNS = "id, campaign, step, round, purpose, content, not_before, expires_at, salt, holdout_bp, approved, lifts_cap, cost_fen, stopped_at"


def insert(tx: Tx, action: Action) -> ActionId:
    """Keep an action; the id of the one that has its key already when there is one."""
    row = tx.execute(
        """
        insert into send_actions (
            tenant_id, id, campaign, step, round, purpose, content, not_before, expires_at, salt, holdout_bp, approved, lifts_cap, cost_fen, created_by,
            created_at
        )
        values (
            :tenant_id, :id, :campaign, :step, :round, :purpose, cast(:content as jsonb), :not_before, :expires_at, :salt, :holdout_bp, :approved,
            :lifts_cap, :cost_fen, :created_by, :now
        )
        on conflict (tenant_id, campaign, step, round) do update set campaign = excluded.campaign
        returning id
        """,
        {
            "id": action.id,
            "campaign": action.campaign,
            "step": action.step,
            "round": action.round,
            "purpose": str(action.purpose),
            "content": json.dumps(asdict(action.content), ensure_ascii=False),
            "not_before": action.not_before,
            "expires_at": action.expires_at,
            "salt": action.salt,
            "holdout_bp": action.holdout_bp,
            "approved": action.approved,
            "lifts_cap": action.lifts_cap,
            "cost_fen": action.cost_fen,
            "created_by": tx.actor.label,
        },
    ).one()
    return ActionId(row.id)


def many(tx: Tx, ids: Collection[ActionId]) -> dict[ActionId, Action]:
    """Actions by id."""
    rows = tx.execute(
        f"select {_COLUMNS} from send_actions where tenant_id = :tenant_id and id = any (cast(:ids as uuid[]))",  # noqa: S608 (constant columns)
        {"ids": list(ids)},
    )
    return {ActionId(row.id): _action(row) for row in rows}


def of_campaign(tx: Tx, campaign: UUID) -> list[Action]:
    """The steps of a campaign, in order."""
    rows = tx.execute(
        f"select {_COLUMNS} from send_actions where tenant_id = :tenant_id and campaign = :campaign order by step, round",  # noqa: S608 (constant columns)
        {"campaign": campaign},
    )
    return [_action(row) for row in rows]


def mark_ready(tx: Tx, id: ActionId) -> None:
    """Everybody who is meant has been planned."""
    tx.execute("update send_actions set ready_at = coalesce(ready_at, :now) where tenant_id = :tenant_id and id = :id", {"id": id})


def approve(tx: Tx, id: ActionId) -> None:
    tx.execute("update send_actions set approved = true where tenant_id = :tenant_id and id = :id", {"id": id})


def stop(tx: Tx, campaign: UUID) -> int:
    """Stop every action of a campaign; only the first stop counts. Returns how many there are."""
    return tx.execute(
        "update send_actions set stopped_at = coalesce(stopped_at, :now) where tenant_id = :tenant_id and campaign = :campaign", {"campaign": campaign}
    ).rowcount


def settled(tx: Tx, campaign: UUID) -> bool:
    """Whether the campaign was asked for and nobody in it waits any more."""
    return bool(
        tx.execute(
            "select bool_and(settled_at is not null) from send_actions where tenant_id = :tenant_id and campaign = :campaign", {"campaign": campaign}
        ).scalar()
    )


def settle(tx: Tx) -> list[tuple[ActionId, UUID]]:
    """Mark the actions in which nobody waits any more and say which they are: (action, campaign)."""
    rows = tx.execute(
        """
        update send_actions a
        set settled_at = :now
        where a.tenant_id = :tenant_id
            and a.settled_at is null
            and a.ready_at is not null
            and not exists (select from send_intents i where i.tenant_id = a.tenant_id and i.action_id = a.id and i.state = 'planned')
            and not exists (select from send_intents i where i.tenant_id = a.tenant_id and i.action_id = a.id and i.state = 'reserved')
            and not exists (select from send_intents i where i.tenant_id = a.tenant_id and i.action_id = a.id and i.state in ('in_call', 'task'))
        returning a.id, a.campaign
        """
    )
    return [(ActionId(row.id), row.campaign) for row in rows]


def _action(row: Row[Any]) -> Action:
    return Action(
        id=ActionId(row.id),
        campaign=row.campaign,
        purpose=Purpose(row.purpose),
        content=content(row.content),
        not_before=row.not_before,
        expires_at=row.expires_at,
        salt=row.salt,
        holdout_bp=row.holdout_bp,
        step=row.step,
        round=row.round,
        approved=row.approved,
        lifts_cap=row.lifts_cap,
        cost_fen=row.cost_fen,
        stopped_at=row.stopped_at,
    )


def content(stored: Mapping[str, Any]) -> Content:
    """Content as it was kept."""
    card = stored.get("card")
    return Content(stored["text"], Card(**card) if card else None, stored.get("target_url") or "")


def machine(tx: Tx) -> datetime:
    """The store's own clock, which does not stand still during a transaction."""
    now: datetime = tx.execute("select clock_timestamp()").scalar_one()
    return now
