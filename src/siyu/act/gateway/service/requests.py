"""Asking the gateway for something, and taking it back."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Literal, get_args
from uuid import UUID, uuid5

from siyu.access import audit
from siyu.act.gateway import store
from siyu.act.gateway.model.actions import LINK, Action, ActionId, Card, Content, Purpose
from siyu.act.gateway.model.arms import draw
from siyu.act.gateway.model.policy import Policy, Quiet, ReceiverRule
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid, Refusal
from siyu.kernel.ids import CustomerId

PREPARE = "gateway.prepare"
SEND = "gateway.send"
FOLLOW_UP = "gateway.follow_up"
MOST_PLANNED = 10_000
LEAST_OPEN = timedelta(hours=4)
"""So much of the day must be left to send in."""


class BadPolicy(Invalid):
    """A policy that cannot be meant; `field` says where."""

    code = "gateway.bad_policy"


class RulesChanged(Refusal):
    """Somebody else has changed the sending rules meanwhile: look again."""

    code = "sending_rules.changed"


class UnlinkedText(Invalid):
    """The text has a place for a link, but nothing says where the link leads."""

    code = "gateway.unlinked_text"


def action(
    *,
    campaign: UUID,
    purpose: Literal["promotion", "service"],
    text: str,
    not_before: datetime,
    expires_at: datetime,
    salt: str,
    link_url: str | None = None,
    link_title: str | None = None,
    step: int = 0,
    round: int = 0,
    holdout_bp: int = 0,
    approved: bool = False,
    lifts_cap: bool = False,
    cost_fen: int = 0,
) -> Action:
    """What to ask for: one text, whose link stands where `{link}` does, or with `link_title` as a card below it. Raises UnlinkedText.

    (campaign, step, round) is its key: asked for twice, it is done once.
    """
    if LINK in text and not link_url:
        raise UnlinkedText(field="text", reason="link")
    card = Card(link_title, link_url) if link_url and link_title else None
    return Action(
        id=ActionId(uuid5(campaign, f"{step}:{round}")),
        campaign=campaign,
        purpose=Purpose(purpose),
        content=Content(text, card, link_url or ""),
        not_before=not_before,
        expires_at=expires_at,
        salt=salt,
        holdout_bp=holdout_bp,
        step=step,
        round=round,
        approved=approved,
        lifts_cap=lifts_cap,
        cost_fen=cost_fen,
    )


def request(tx: Tx, action: Action) -> ActionId:
    """Ask for an action. The same key again changes nothing and gives the same id."""
    return store.actions.insert(tx, action)


def plan(tx: Tx, id: ActionId, customers: Collection[CustomerId]) -> int:
    """Say who is meant, at most 10,000 at a time; each person once, however often told. Returns how many are new."""
    if len(customers) > MOST_PLANNED:
        raise ValueError(f"plan at most {MOST_PLANNED} people in one transaction, not {len(customers)}")
    asked = store.actions.many(tx, [id])[id]
    return store.intents.insert(tx, id, {customer: draw(asked.salt, customer, asked.holdout_bp) for customer in customers})


def planned(tx: Tx, id: ActionId) -> None:
    """Everybody who is meant has been named: the sending begins at the action's time."""
    asked = store.actions.many(tx, [id])[id]
    store.actions.mark_ready(tx, id)
    jobs.enqueue(tx, PREPARE, at=max(tx.now, asked.not_before), key=str(id))


def approve(tx: Tx, id: ActionId) -> None:
    """A second person has agreed."""
    store.actions.approve(tx, id)


def stop(tx: Tx, campaign: UUID) -> None:
    """Nothing new goes out from this transaction on; what waits with staff is withdrawn at once. A campaign that asked for nothing stops as quietly."""
    if store.actions.stop(tx, campaign):
        jobs.enqueue(tx, FOLLOW_UP)


def settled(tx: Tx, campaign: UUID) -> bool:
    """Whether everybody in the campaign has reached a final state."""
    return store.actions.settled(tx, campaign)


def policy(tx: Tx) -> Policy:
    """The brand's policy: quiet hours, caps, call size, settle time."""
    return store.bounds.policy(tx)


def set_policy(tx: Tx, policy: Policy) -> None:
    """Change the brand's policy from the next transaction on. Raises BadPolicy."""
    bounds = {
        "quiet": policy.quiet.start.tzinfo is None and policy.quiet.end.tzinfo is None and policy.quiet.open >= LEAST_OPEN,
        "promotions_a_week": 0 <= policy.promotions_a_week <= 7,
        "receiver_rule": policy.receiver_rule in get_args(ReceiverRule),
        "call_size": 1 <= policy.call_size <= 10_000,
        "absences_needed": policy.absences_needed >= 1,
        **{name: getattr(policy, name) >= 0 for name in ("settle_seconds", "close_after_seconds", "poll_seconds", "absence_gap_seconds", "look_again_seconds")},
        **{name: getattr(policy, name) > 0 for name in ("lease_seconds", "start_within_seconds")},
    }
    for field, holds in bounds.items():
        if not holds:
            raise BadPolicy(field=field, reason="range")
    store.bounds.set_policy(tx, policy)


def set_limits(tx: Tx, *, quiet_start: time, quiet_end: time, promotions_a_week: int, receiver_rule: ReceiverRule) -> Policy:
    """Change what a brand decides for itself, and write down who did. Raises BadPolicy."""
    before = policy(tx)
    after = replace(before, quiet=Quiet(quiet_start, quiet_end), promotions_a_week=promotions_a_week, receiver_rule=receiver_rule)
    if after != before:
        set_policy(tx, after)
        was, becomes = before.stored(), after.stored()
        audit.record(tx, "sending_rules.changed", "sending_rules", {name: [was[name], becomes[name]] for name in was if was[name] != becomes[name]})
    return after
