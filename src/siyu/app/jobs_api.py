"""The job centre: long work, how far it is, how it ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from siyu.infra import jobs
from siyu.infra.http import Db, Page, decode_id, encode_cursor, needs, router
from siyu.kernel.ids import JobId

routes = router("/jobs", tag="jobs")


class JobOut(BaseModel):
    """One job."""

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

    @classmethod
    def of(cls, view: jobs.JobView) -> "JobOut":
        return cls.model_validate(view, from_attributes=True)


@routes.get("", operation_id="list_jobs", dependencies=[needs("jobs.read")])
def list_jobs(tx: Db, cursor: str | None = None, limit: int = 50) -> Page[JobOut]:
    """Jobs that show themselves, newest first."""
    limit = max(1, min(limit, 100))
    before = JobId(decode_id(cursor)) if cursor else None
    found = jobs.page(tx, before=before, limit=limit + 1)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page[JobOut](items=[JobOut.of(view) for view in found[:limit]], next_cursor=more)


@routes.get("/{id}", operation_id="get_job", dependencies=[needs("jobs.read")])
def get_job(tx: Db, id: UUID) -> JobOut:
    """One job with its progress."""
    return JobOut.of(jobs.get(tx, JobId(id)))


@routes.post("/{id}/cancel", operation_id="cancel_job", dependencies=[needs("jobs.run")])
def cancel_job(tx: Db, id: UUID) -> JobOut:
    """Ask a job to stop between two of its chunks."""
    return JobOut.of(jobs.cancel(tx, JobId(id)))


@routes.post("/{id}/retry", operation_id="retry_job", dependencies=[needs("jobs.run")])
def retry_job(tx: Db, id: UUID) -> JobOut:
    """Let a failed or cancelled job go on."""
    return JobOut.of(jobs.retry(tx, JobId(id)))
