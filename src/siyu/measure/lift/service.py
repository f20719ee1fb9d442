"""Reading what a broadcast brought."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from siyu import engine
from siyu.infra.tx import Tx
from siyu.kernel.errors import NotFound
from siyu.measure.lift import model, questions
from siyu.measure.lift.model import Lift, People

LARGEST = 1_000_000


class BroadcastNotFound(NotFound):
    """No such broadcast."""

    code = "broadcast.not_found"


@dataclass(frozen=True)
class Reading:
    """The reading as it stands, as of the replica's watermark. `ends_at` None: the broadcast has not started. `assumed`: some margin is by the brand's rate."""

    lift: Lift
    ends_at: datetime | None
    assumed: bool
    as_of: datetime


def lift(tx: Tx, id: UUID) -> Reading:
    """Margin per customer of a broadcast, treated against holdout, over everybody it was drawn for whom this actor may see.

    Raises BroadcastNotFound, engine.QuestionTooLarge.
    """
    found = engine.ask(tx, questions.campaign(tx, id))
    row = next(iter(found.rows()), None)
    if row is None:
        raise BroadcastNotFound(broadcast_id=str(id))
    share, start, days = row["holdout_bp"] / 10_000, row["started_at"], row["horizon_days"]
    if start is None:
        nobody = np.empty(0)
        return Reading(model.read(People(nobody.astype(bool), nobody, nobody), holdout_share=share, over=False), None, False, found.as_of)
    ends_at = start + timedelta(days=days)
    answer = engine.ask(tx, questions.people(tx, id, start=start, days=days), max_rows=LARGEST, timeout_seconds=30)
    columns = {name: answer.table.column(name).to_numpy() for name in answer.table.column_names}
    people = People(columns["treated"], columns["margin_fen"], columns["before_fen"])
    read = model.read(people, holdout_share=share, over=min(answer.as_of, tx.now) >= ends_at)
    return Reading(read, ends_at, bool(columns["assumed"].any()), answer.as_of)
