"""The route of lift."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from siyu.infra.http import Db, needs, router
from siyu.kernel.statistics import Sample
from siyu.measure.lift import service
from siyu.measure.lift.model import Verdict

routes = router("/broadcasts", tag="measure")


class ArmOut(BaseModel):
    """People in one arm; their mean is hidden while there is no reading."""

    n: int
    mean_fen: int | None


class LiftOut(BaseModel):
    """Margin per customer, treated against holdout; the difference with its 95 % interval is null unless the verdict is proven, not_proven or harmful.

    `smallest_provable_fen`: the smallest difference that this many people would show four times in five. `ratio_p`: below 0.001 the draw is broken.
    """

    primary: Literal["margin_per_customer_fen"] = "margin_per_customer_fen"
    verdict: Verdict
    treated: ArmOut
    holdout: ArmOut
    point_fen: int | None
    low_fen: int | None
    high_fen: int | None
    smallest_provable_fen: int | None
    ratio_p: float
    ends_at: datetime | None
    margin_assumed: bool
    as_of: datetime

    @classmethod
    def of(cls, reading: service.Reading) -> "LiftOut":
        lift, difference = reading.lift, reading.lift.difference
        shown = difference is not None or (lift.verdict is Verdict.NO_HOLDOUT and reading.ends_at is not None)
        return cls(
            verdict=lift.verdict,
            treated=_arm(lift.treated, shown),
            holdout=_arm(lift.holdout, shown),
            point_fen=round(difference.point) if difference else None,
            low_fen=round(difference.low) if difference else None,
            high_fen=round(difference.high) if difference else None,
            smallest_provable_fen=round(lift.smallest_provable_fen) if lift.smallest_provable_fen is not None else None,
            ratio_p=lift.ratio_p,
            ends_at=reading.ends_at,
            margin_assumed=reading.assumed,
            as_of=reading.as_of,
        )


def _arm(sample: Sample, shown: bool) -> ArmOut:
    return ArmOut(n=sample.n, mean_fen=round(sample.mean) if shown and sample.n else None)


@routes.get("/{id}/lift", operation_id="broadcast_lift", dependencies=[needs("broadcasts.read")])
def broadcast_lift(tx: Db, id: UUID) -> LiftOut:
    """What a broadcast brought, against those held out."""
    return LiftOut.of(service.lift(tx, id))
