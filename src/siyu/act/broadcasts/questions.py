"""Who a broadcast is meant for right now, and what its receivers bought afterwards, asked of the replica."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import ibis

from siyu import engine
from siyu.act.broadcasts.model import Broadcast
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId
from siyu.understand import customers, purchases
from siyu.understand.customers import Filter

LARGEST = 1_000_000


@dataclass(frozen=True)
class After:
    """Orders and exact revenue of those who were delivered to, from delivery until the horizon ends."""

    orders: int
    revenue: Decimal
    as_of: datetime | None


Nothing = After(0, Decimal(0), None)


def audience(tx: Tx, filter: Filter) -> tuple[Sequence[CustomerId], datetime]:
    """Who fits now, among those whom this actor may see. Raises engine.QuestionTooLarge above a million."""
    people = customers.narrowed(tx, customers.everybody(tx), filter)
    answer = engine.ask(tx, people.select("id").order_by("id"), max_rows=LARGEST, timeout_seconds=30)
    return [CustomerId(row["id"]) for row in answer.rows()], answer.as_of


def after(tx: Tx, broadcast: Broadcast) -> After:
    """What the receivers whom this actor may see ordered after they were written to."""
    assert broadcast.started_at is not None
    intents, actions = engine.table(tx, "send_intents"), engine.table(tx, "send_actions")
    mine = actions.filter(actions.campaign == ibis.literal(broadcast.id, "uuid")).select(action_id=actions.id)
    sent = intents.filter(intents.state == "sent").semi_join(mine, "action_id").select("customer_id", "sent_at")
    paid = purchases.seen(tx, purchases.purchases_of(tx).orders)
    end = ibis.literal(broadcast.started_at + timedelta(days=broadcast.horizon_days))
    joined = paid.join(sent, "customer_id")
    joined = joined.filter(joined.paid_at >= joined.sent_at, joined.paid_at < end)
    answer = engine.ask(tx, joined.aggregate(orders=joined.order_id.nunique(), revenue=joined.amount.sum()))
    row = answer.rows()[0]
    return After(row["orders"], row["revenue"] or Decimal(0), answer.as_of)
