"""What a job is, and what its code may ask for while it runs."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Literal, Protocol

from siyu.infra.tx import Tx
from siyu.kernel.errors import Refusal
from siyu.kernel.ids import JobId


class LeaseLost(Exception):
    """Another worker has taken this job over; nothing more may be written in its name."""


class JobFailed(Refusal):
    """The job cannot succeed however often it is tried; `reason` is shown in the job centre."""

    code = "job.failed"


class Work(Protocol):
    """One run of a job. Work is done in chunks, each a transaction under two seconds; a chunk that saves resumes after a crash where it left off."""

    id: JobId
    params: Mapping[str, Any]
    checkpoint: dict[str, Any]
    attempt: int

    def transaction(self) -> AbstractContextManager[Tx]:
        """A transaction of the job's tenant, by the system on behalf of whoever enqueued it."""

    def save(
        self,
        tx: Tx,
        checkpoint: Mapping[str, Any] | None = None,
        *,
        done: int | None = None,
        total: int | None = None,
        failed: int | None = None,
        result: Mapping[str, Any] | None = None,
    ) -> None:
        """Record how far the job is, in the chunk's own transaction, and renew the lease. Raises LeaseLost when another worker has the job."""

    def cancelled(self) -> bool:
        """Whether somebody asked the job to stop; ask between chunks."""

    def pouring(self, names: Collection[str]) -> AbstractContextManager[None]:
        """While a job brings in more events of these names than anybody can keep up with, this tenant's followers of them rest in this worker, and the engine.

        They lose nothing: afterwards they go on where they stood, and take up in one go what has come.
        """


@dataclass(frozen=True)
class Job:
    """A kind of job. `run` may be called again after a crash: what it did before is in `work.checkpoint`.

    `visible`: shown in the job centre with progress. `alone`: at most one of this kind runs per tenant at a time.
    `cancellable`: False where what the job works for has a stop of its own. `urgent`: has a thread of its own in every worker, so that it never waits
    behind long work, and is taken over within seconds when a worker dies; such a job ends within those seconds. `heavy`: takes in so much at once that
    followers give way while it runs, lest it wait for those who only work up what it brings.
    """

    kind: str
    run: Callable[[Work], None]
    visible: bool = False
    alone: bool = False
    cancellable: bool = True
    urgent: bool = False
    heavy: bool = False
    max_attempts: int = 5


@dataclass(frozen=True)
class Schedule:
    """When a job comes round again, in business time: every so many seconds, or daily at a time of the brand's zone.

    `missed`: what happens to slots that passed while nobody watched: `skip` them or run the `latest` once.
    """

    name: str
    job: str
    every_seconds: int | None = None
    daily_at: time | None = None
    missed: Literal["skip", "latest"] = "latest"


@dataclass(frozen=True)
class JobView:
    """A job as the job centre shows it."""

    id: JobId
    kind: str
    title: str | None
    state: Literal["ready", "leased", "done", "failed", "cancelled"]
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
