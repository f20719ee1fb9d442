"""Background jobs and schedules: rows in PostgreSQL, leased by workers, fenced by an epoch."""

from siyu.infra.jobs.model import Job, JobFailed, JobView, LeaseLost, Schedule, Work
from siyu.infra.jobs.store import JobNotFound, cancel, enqueue, get, page, retry, unfinished

__all__ = ["Job", "JobFailed", "JobNotFound", "JobView", "LeaseLost", "Schedule", "Work", "cancel", "enqueue", "get", "page", "retry", "unfinished"]
