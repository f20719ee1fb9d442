"""Who took part in a broadcast, in which arm, and what each brought before and after its start: asked of the replica."""

from datetime import datetime, timedelta
from uuid import UUID

import ibis
from ibis.expr import types as ir

from siyu import engine
from siyu.infra.tx import Tx
from siyu.understand import customers, purchases


def campaign(tx: Tx, id: UUID) -> ir.Table:
    """The broadcast's row, if there is one: holdout_bp, horizon_days, started_at."""
    broadcasts = engine.table(tx, "broadcasts")
    return broadcasts.filter(broadcasts.id == ibis.literal(id, "uuid")).select("holdout_bp", "horizon_days", "started_at")


def arms(tx: Tx, id: UUID) -> ir.Table:
    """customer_id, treated: everybody for whom an arm was drawn whom this actor may see, each once; of persons merged since, whoever was treated counts so."""
    actions, intents = engine.table(tx, "send_actions"), engine.table(tx, "send_intents")
    mine = actions.filter(actions.campaign == ibis.literal(id, "uuid")).select(action_id=actions.id)
    drawn = intents.select("action_id", "customer_id", treated=intents.arm == "treated").semi_join(mine, "action_id").drop("action_id")
    joined = drawn.left_join(customers.survivors(tx), [("customer_id", "was")])
    drawn = joined.select("treated", customer_id=ibis.coalesce(joined.now, joined.customer_id))
    return purchases.seen(tx, drawn.group_by("customer_id").aggregate(treated=drawn.treated.any()))


def people(tx: Tx, id: UUID, *, start: datetime, days: int) -> ir.Table:
    """treated, margin_fen (within `days` from the start), before_fen (as long before), assumed: one row for everybody for whom an arm was drawn.

    Refunds count within the same span as their orders, so that a reading does not move with what comes back later.
    """
    drawn = arms(tx, id)
    paid = purchases.purchases_of(tx).orders
    begin, first, last = ibis.literal(start), ibis.literal(start - timedelta(days=days)), ibis.literal(start + timedelta(days=days))
    paid = paid.filter(paid.paid_at >= first, paid.paid_at < last).semi_join(drawn, "customer_id")
    paid = purchases.net_until(tx, paid, ibis.ifelse(paid.paid_at >= begin, last, begin))
    margins = purchases.order_margins(tx, paid)
    after = margins.paid_at >= begin
    sums = margins.group_by("customer_id").aggregate(
        margin_fen=margins.margin_fen.sum(where=after), before_fen=margins.margin_fen.sum(where=~after), assumed=margins.assumed.any(where=after)
    )
    everybody = drawn.left_join(sums, "customer_id")
    return everybody.select(
        "treated",
        margin_fen=everybody.margin_fen.fill_null(0.0),
        before_fen=everybody.before_fen.fill_null(0.0),
        assumed=everybody.assumed.fill_null(False),
    )
