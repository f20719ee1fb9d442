"""Stages of the brand's customers as they stand."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from ibis.expr import types as ir

from siyu import engine
from siyu.infra.tx import Tx
from siyu.kernel.time import business_day
from siyu.understand.lifecycle import questions
from siyu.understand.lifecycle.model import STAGES, Thresholds
from siyu.understand.purchases import purchases_of, seen


def thresholds(tx: Tx) -> Thresholds:
    """The brand's thresholds: the tenant's setting `lifecycle`, defaults for what it leaves out."""
    stored: dict[str, Any] = tx.execute("select settings -> 'lifecycle' from tenants where id = :tenant_id").scalar() or {}
    known = {field.name for field in fields(Thresholds)}
    return Thresholds(**{name: int(value) for name, value in stored.items() if name in known})


def stages_of(tx: Tx) -> ir.Table:
    """customer_id, stage of everybody: an expression over the replica, not restricted to the actor's scope."""
    limits, day = thresholds(tx), business_day(tx.now, tx.tz)

    def build() -> ir.Table:
        paid = questions.stages(purchases_of(tx).orders, limits, day)
        customers = engine.table(tx, "customers")
        everybody = customers.filter(customers.merged_into.isnull()).select(customer_id=customers.id)
        joined = everybody.left_join(paid, "customer_id")
        return joined.select("customer_id", stage=joined.stage.fill_null("seed"))

    return engine.view(("lifecycle.stages", tx.tenant_id, tx.tz.key, day, limits), build)


def counts(tx: Tx) -> tuple[Mapping[str, int], datetime]:
    """How many of the customers whom this actor may see are in each stage, and as of when."""
    table = seen(tx, stages_of(tx))
    answer = engine.ask(tx, table.group_by("stage").aggregate(customers=table.count()))
    found = {row["stage"]: row["customers"] for row in answer.rows()}
    return {stage.key: found.get(stage.key, 0) for stage in STAGES}, answer.as_of
