"""The first page, and finding things by a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from siyu import engine
from siyu.access import staff
from siyu.infra.tx import Tx
from siyu.kernel.time import business_day
from siyu.measure.today import model, questions, store
from siyu.measure.today.model import Figure, Step, Task
from siyu.observe import orders
from siyu.understand import customers, segments
from siyu.understand.customers import Filter

HITS = 6


@dataclass(frozen=True)
class Today:
    """Figures, tasks and first steps. While the replica is away there are no figures and `as_of` is None."""

    figures: Sequence[Figure]
    tasks: Sequence[Task]
    steps: Sequence[Step]
    as_of: datetime | None


@dataclass(frozen=True)
class Found:
    """Customers (id, name, city) and orders."""

    customers: Sequence[Mapping[str, Any]]
    orders: Sequence[orders.Order]


def today(tx: Tx) -> Today:
    """What this actor should see first; every count is of the customers in the actor's scope or of what the actor may act on."""
    tasks = _tasks(tx)
    try:
        answer = engine.ask(tx, questions.counts(tx))
        at_risk, _ = customers.count(tx, Filter(stage="at_risk"))
    except (engine.EngineUnavailable, engine.QuestionTooSlow):
        return Today([], tasks, _steps(tx), None)
    figures = [one for one in model.figures(answer.rows()[0], business_day(tx.now, tx.tz)) if one.definition.path != "/orders" or tx.actor.may("orders.read")]
    risk = Task("at_risk", "位客户有流失风险，去看看", "customers at risk of leaving", at_risk, "/customers?stage=at_risk")
    return Today(figures, [*tasks, risk], _steps(tx), answer.as_of)


@dataclass(frozen=True)
class Alarms:
    """What stops everybody's work: faults of the connection to WeCom, and corps whose sending rests with the code of WeCom's refusal."""

    corp_errors: int
    resting: Sequence[tuple[str, str]]


def alarms(tx: Tx) -> Alarms:
    """What stops everybody's work right now, for whoever may see it."""
    return Alarms(store.corp_errors(tx) if tx.actor.may("corps.read") else 0, store.resting(tx) if tx.actor.may("broadcasts.read") else [])


def search(tx: Tx, text: str) -> Found:
    """Customers by part of the name or a whole number of theirs, orders by their number; only those that this actor may see."""
    text = text.strip()
    if not text:
        return Found([], [])
    people = customers.find(tx, text, limit=HITS)[0]
    return Found(people, orders.page(tx, orders.Filter(q=text), limit=HITS) if tx.actor.may("orders.read") else [])


def _tasks(tx: Tx) -> list[Task]:
    open = store.open_matters(tx, staff.staff_ids_in_scope(tx))
    awaiting = _approvable(tx) if tx.actor.may("broadcasts.approve") else []
    due_at = min((row.send_at for row in awaiting if row.send_at), default=None)
    wanted = [
        ("corps.read", Task("corp_errors", "项企业微信接入异常", "faults of the WeCom connection", open["corp_errors"], "/settings/wecom")),
        ("broadcasts.read", Task("resting_corps", "个企业微信暂停发送", "corps rest from sending", open["resting_corps"], "/broadcasts")),
        (
            "broadcasts.approve",
            Task("awaiting_approval", "个群发待审批", "broadcasts await approval", len(awaiting), "/broadcasts", due_at),
        ),
        ("broadcasts.read", Task("open_tasks", "个群发任务待员工确认", "send tasks wait for staff to confirm", open["open_tasks"], "/broadcasts")),
        (
            "broadcasts.read",
            Task("unknown_calls", "次企业微信调用结果不明，正在核对", "WeCom calls are being reconciled", open["unknown_calls"], "/broadcasts"),
        ),
        ("imports.read", Task("failed_imports", "个导入失败(近 7 天)", "imports failed in the last 7 days", open["failed_imports"], "/imports")),
        ("jobs.read", Task("failed_jobs", "个作业失败(近 7 天)", "jobs failed in the last 7 days", open["failed_jobs"], "/jobs")),
    ]
    return [task for permission, task in wanted if tx.actor.may(permission)]


def _approvable(tx: Tx) -> list[Row[Any]]:
    """Broadcasts that wait for approval and on which this actor may decide: their own, and those whose whole list they see."""
    waiting = store.awaiting(tx)
    if tx.actor.scope.kind == "all":
        return waiting
    seen = segments.seen_members(tx, [segments.ListId(row.frozen_id) for row in waiting])
    return [row for row in waiting if row.submitted_by == tx.actor.label or seen[segments.ListId(row.frozen_id)] == row.frozen_count]


def _steps(tx: Tx) -> list[Step]:
    """First steps are for those who can take them."""
    if not tx.actor.may("imports.write"):
        return []
    done = store.first_steps(tx)
    wanted = [
        ("connect", "tenant.manage", "/settings/brand"),
        ("orders", "imports.write", "/imports"),
        ("segment", "segments.edit", "/customers"),
        ("broadcast", "broadcasts.write", "/broadcasts/new"),
        ("team", "accounts.manage", "/settings/accounts"),
    ]
    return [Step(id, done[id], link) for id, permission, link in wanted if tx.actor.may(permission)]
