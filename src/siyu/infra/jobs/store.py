"""The table of jobs and every statement on it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, Row, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.jobs.model import JobView
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.errors import NotFound
from siyu.kernel.ids import JobId, new_id

jobs = Table(
    "jobs",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("params", JSONB, nullable=False),
    Column("key", Text),
    Column("title", Text),
    Column("visible", Boolean, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("holder", Text),
    Column("leased_until", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("checkpoint", JSONB, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("failed", BigInteger, nullable=False),
    Column("result", JSONB),
    Column("error", JSONB),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
)

_VIEW = "id, kind, title, state, done, total, failed, result, error, params, attempts, created_by, created_at, started_at, finished_at"


class JobNotFound(NotFound):
    """No such job."""

    code = "job.not_found"


def enqueue(tx: Tx, kind: str, *, at: datetime | None = None, key: str | None = None, title: str | None = None, visible: bool = False, **params: Any) -> JobId:
    """Add a job to this transaction, due at business instant `at` (default now). The same (kind, key) makes one job for ever: its id is returned again."""
    id = new_id(JobId, tx.now)
    row = tx.execute(
        """
        insert into jobs (tenant_id, id, kind, params, key, title, visible, due_at, created_by, created_at)
        values (:tenant_id, :id, :kind, cast(:params as jsonb), :key, :title, :visible, :due_at, :created_by, :now)
        on conflict (tenant_id, kind, key) where key is not null do nothing
        returning id
        """,
        {
            "id": id,
            "kind": kind,
            "params": json.dumps(params, default=str),
            "key": key,
            "title": title,
            "visible": visible,
            "due_at": at or tx.now,
            "created_by": tx.actor.label,
        },
    ).first()
    if row is None:
        return JobId(tx.execute("select id from jobs where tenant_id = :tenant_id and kind = :kind and key = :key", {"kind": kind, "key": key}).scalar_one())
    tx.execute("select pg_notify('siyu_jobs', '')")
    return id


def get(tx: Tx, id: JobId) -> JobView:
    """One job. Raises JobNotFound."""
    row = tx.execute(f"select {_VIEW} from jobs where tenant_id = :tenant_id and id = :id", {"id": id}).first()  # noqa: S608 (constant columns)
    if row is None:
        raise JobNotFound(job_id=str(id))
    return _view(row)


def unfinished(tx: Tx, kind: str, **params: Any) -> JobId | None:
    """The newest job of a kind that is waiting or running and was given these parameters."""
    id = tx.execute(
        """
        select id
        from jobs
        where tenant_id = :tenant_id and kind = :kind and state in ('ready', 'leased') and params @> cast(:params as jsonb)
        order by id desc
        limit 1
        """,
        {"kind": kind, "params": json.dumps(params, default=str)},
    ).scalar()
    return JobId(id) if id else None


def page(tx: Tx, *, before: JobId | None = None, by: str | None = None, limit: int = 50) -> list[JobView]:
    """Visible jobs, newest first, older than `before`; `by`: only those that this actor's label asked for."""
    rows = tx.execute(
        f"""
        select {_VIEW}
        from jobs
        where tenant_id = :tenant_id
            and visible
            and (cast(:before as uuid) is null or id < :before)
            and (cast(:by as text) is null or created_by = :by)
        order by id desc
        limit :limit
        """,  # noqa: S608 (constant columns)
        {"before": before, "by": by, "limit": limit},
    )
    return [_view(row) for row in rows]


def cancel(tx: Tx, id: JobId) -> JobView:
    """Ask a job to stop: at once when nobody works on it, else between two of its chunks. Raises JobNotFound."""
    tx.execute(
        """
        update jobs
        set cancel_requested = true,
            state = case when state = 'ready' then 'cancelled' else state end,
            finished_at = case when state = 'ready' then :now else finished_at end
        where tenant_id = :tenant_id and id = :id and state in ('ready', 'leased')
        """,
        {"id": id},
    )
    return get(tx, id)


def retry(tx: Tx, id: JobId) -> JobView:
    """Let a failed or cancelled job go on from its last checkpoint. Raises JobNotFound."""
    tx.execute(
        """
        update jobs
        set state = 'ready', attempts = 0, cancel_requested = false, error = null, finished_at = null, due_at = :now
        where tenant_id = :tenant_id and id = :id and state in ('failed', 'cancelled')
        """,
        {"id": id},
    )
    tx.execute("select pg_notify('siyu_jobs', '')")
    return get(tx, id)


def save(tx: Tx, id: JobId, epoch: int, values: Mapping[str, Any], lease_seconds: int) -> bool:
    """Write progress and renew the lease; False when the job is no longer held at `epoch`."""
    changed = tx.execute(
        """
        update jobs
        set checkpoint = coalesce(cast(:checkpoint as jsonb), checkpoint),
            done = coalesce(:done, done),
            total = coalesce(:total, total),
            failed = coalesce(:failed, failed),
            result = coalesce(cast(:result as jsonb), result),
            leased_until = clock_timestamp() + make_interval(secs => :lease)
        where tenant_id = :tenant_id and id = :id and epoch = :epoch and state = 'leased'
        """,
        {
            "id": id,
            "epoch": epoch,
            "lease": lease_seconds,
            "checkpoint": None if values.get("checkpoint") is None else json.dumps(values["checkpoint"], default=str),
            "result": None if values.get("result") is None else json.dumps(values["result"], default=str),
            "done": values.get("done"),
            "total": values.get("total"),
            "failed": values.get("failed"),
        },
    )
    return changed.rowcount == 1


def finish(tx: Tx, id: JobId, epoch: int, state: str, *, error: Mapping[str, Any] | None = None, due_at: datetime | None = None) -> bool:
    """End a run: `done`, `failed`, `cancelled`, or `ready` again at `due_at`; False when the job is no longer held at `epoch`."""
    changed = tx.execute(
        """
        update jobs
        set state = :state,
            error = cast(:error as jsonb),
            due_at = coalesce(:due_at, due_at),
            leased_until = null,
            finished_at = case when :state = 'ready' then null else cast(:now as timestamptz) end
        where tenant_id = :tenant_id and id = :id and epoch = :epoch and state = 'leased'
        """,
        {"id": id, "epoch": epoch, "state": state, "error": None if error is None else json.dumps(error, default=str, ensure_ascii=False), "due_at": due_at},
    )
    return changed.rowcount == 1


def cancel_requested(tx: Tx, id: JobId) -> bool:
    """Whether somebody asked for the job to stop."""
    return bool(tx.execute("select cancel_requested from jobs where tenant_id = :tenant_id and id = :id", {"id": id}).scalar())


def _view(row: Row[Any]) -> JobView:
    return JobView(**row._mapping)
