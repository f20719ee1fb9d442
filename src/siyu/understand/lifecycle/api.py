"""Routes of the lifecycle."""

from datetime import datetime

from pydantic import BaseModel

from siyu.infra.http import Db, needs, router
from siyu.understand.lifecycle import service
from siyu.understand.lifecycle.model import STAGES, sentence

routes = router("/lifecycle", tag="understand")


class StageOut(BaseModel):
    """One stage, its rule in words, and how many are in it."""

    key: str
    zh: str
    en: str
    customers: int
    rule_zh: str
    rule_en: str


class LifecycleOut(BaseModel):
    """All stages, as of the replica's watermark."""

    as_of: datetime
    stages: list[StageOut]


@routes.get("", operation_id="lifecycle_counts", dependencies=[needs("customers.read")])
def lifecycle_counts(tx: Db) -> LifecycleOut:
    """How many customers are in each stage."""
    limits = service.thresholds(tx)
    counts, as_of = service.counts(tx)
    return LifecycleOut(
        as_of=as_of,
        stages=[
            StageOut(
                key=stage.key,
                zh=stage.zh,
                en=stage.en,
                customers=counts[stage.key],
                rule_zh=sentence(stage.key, limits, "zh-CN"),
                rule_en=sentence(stage.key, limits, "en-US"),
            )
            for stage in STAGES
        ],
    )
