"""The job centre: long work, how far it is, how it ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel

from siyu.access import audit
from siyu.infra import jobs
from siyu.infra.http import Db, Page, decode_id, encode_cursor, needs, router
from siyu.infra.wiring import Capability
from siyu.kernel.errors import Refusal
from siyu.kernel.ids import JobId

routes = router("/jobs", tag="jobs")


class StoppedElsewhere(Refusal):
    """What this job works for has a stop of its own, on its own page."""

    code = "job.stopped_elsewhere"


class JobOut(BaseModel):
    """One job. `cancellable`: it is not over, and may be stopped here. `params`: the ids of what it works for, nothing else of what it was told."""

    id: UUID
    kind: str
    title: str | None
    state: str
    done: int
    total: int | None
    failed: int
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    params: Mapping[str, Any]
    attempts: int
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancellable: bool

    @classmethod
    def of(cls, view: jobs.JobView, request: Request) -> "JobOut":
        ids = {name: value for name, value in view.params.items() if name.endswith("_id")}
        return cls(**(vars(view) | {"params": ids}), cancellable=view.state in {"ready", "leased"} and not _stopped_elsewhere(view.kind, request))


@routes.get("", operation_id="list_jobs", dependencies=[needs("jobs.read")])
def list_jobs(tx: Db, request: Request, cursor: str | None = None, limit: int = 50) -> Page[JobOut]:
    """Jobs that show themselves, newest first: all of them for who sees all customers, else those that the reader asked for."""
    limit = max(1, min(limit, 100))
    before = JobId(decode_id(cursor)) if cursor else None
    found = jobs.page(tx, before=before, by=_only(tx), limit=limit + 1)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page[JobOut](items=[JobOut.of(view, request) for view in found[:limit]], next_cursor=more)


@routes.get("/{id}", operation_id="get_job", dependencies=[needs("jobs.read")])
def get_job(tx: Db, request: Request, id: UUID) -> JobOut:
    """One job with its progress."""
    return JobOut.of(_seen(tx, id), request)


@routes.post("/{id}/cancel", operation_id="cancel_job", dependencies=[needs("jobs.run")])
def cancel_job(tx: Db, request: Request, id: UUID) -> JobOut:
    """Ask a job to stop between two of its chunks."""
    before = _seen(tx, id)
    if _stopped_elsewhere(before.kind, request):
        raise StoppedElsewhere(job_id=str(id))
    if before.state in {"ready", "leased"}:
        _record(tx, "cancelled", before)
    return JobOut.of(jobs.cancel(tx, JobId(id)), request)


@routes.post("/{id}/retry", operation_id="retry_job", dependencies=[needs("jobs.run")])
def retry_job(tx: Db, request: Request, id: UUID) -> JobOut:
    """Let a failed or cancelled job go on."""
    before = _seen(tx, id)
    if before.state in {"failed", "cancelled"}:
        _record(tx, "retried", before)
    return JobOut.of(jobs.retry(tx, JobId(id)), request)


def _only(tx: Db) -> str | None:
    """Whose jobs alone the actor sees: counts of jobs are counts of customers."""
    return None if tx.actor.scope.kind == "all" else tx.actor.label


def _seen(tx: Db, id: UUID) -> jobs.JobView:
    view = jobs.get(tx, JobId(id))
    if _only(tx) not in (None, view.created_by):
        raise jobs.JobNotFound(job_id=str(id))
    return view


def _record(tx: Db, act: str, job: jobs.JobView) -> None:
    audit.record(tx, f"job.{act}", f"job:{job.id}", {"kind": job.kind, "title": job.title, "done": job.done, "total": job.total})


def _stopped_elsewhere(kind: str, request: Request) -> bool:
    capabilities: Sequence[Capability] = request.app.state.capabilities
    return any(job.kind == kind and not job.cancellable for capability in capabilities for job in capability.jobs)
