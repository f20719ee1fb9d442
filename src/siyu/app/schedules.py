"""Schedules: any process may look, the slot decides. A slot is a row that can be inserted once, in the transaction that enqueues its job."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from siyu.infra import jobs
from siyu.infra.database import Database
from siyu.infra.jobs import Schedule
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.time import business_day, day_start


def slot_of(schedule: Schedule, tx: Tx) -> datetime:
    """The latest slot of a schedule at or before `tx.now`."""
    if schedule.daily_at is not None:
        today = business_day(tx.now, tx.tz)
        for day in (today, today - timedelta(days=1)):
            slot = datetime.combine(day, schedule.daily_at, tzinfo=tx.tz).astimezone(UTC)
            if slot <= tx.now:
                return slot
        return day_start(today - timedelta(days=1), tx.tz)
    assert schedule.every_seconds is not None
    return datetime.fromtimestamp(tx.now.timestamp() // schedule.every_seconds * schedule.every_seconds, UTC)


def missed(schedule: Schedule, slot: datetime, now: datetime) -> bool:
    """Whether a slot lies so far back that a schedule which skips missed slots leaves it out: more than a minute, or its own period."""
    return schedule.missed == "skip" and now - slot > timedelta(seconds=max(60, schedule.every_seconds or 60))


def fire(database: Database, schedules: Sequence[Schedule]) -> int:
    """Enqueue the job of each slot that has come and was not fired yet, for every tenant; how many."""
    fired = 0
    if not schedules:
        return fired
    for tenant_id in database.tenants():
        with database.transaction(tenant_id, SYSTEM) as tx:
            since = tx.execute("select created_at from tenants where id = :tenant_id").scalar_one()
            known = {row.schedule: row.slot for row in tx.execute("select schedule, max(slot) as slot from schedule_fires group by schedule")}
            for schedule in schedules:
                slot = slot_of(schedule, tx)
                if slot < since or slot <= known.get(schedule.name, datetime.min.replace(tzinfo=UTC)) or missed(schedule, slot, tx.now):
                    continue
                job_id = jobs.enqueue(tx, schedule.job, key=f"{schedule.name}@{slot.isoformat()}")
                taken = tx.connection.execute(
                    text(
                        "insert into schedule_fires (tenant_id, schedule, slot, job_id) values (:tenant_id, :schedule, :slot, :job_id) on conflict do nothing"
                    ),
                    {"tenant_id": tenant_id, "schedule": schedule.name, "slot": slot, "job_id": job_id},
                )
                fired += taken.rowcount
    return fired
