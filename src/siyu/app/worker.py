"""The worker process: runs jobs, feeds followers of the event log, fires schedules."""

import os
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from siyu import engine, events
from siyu.app import schedules
from siyu.infra.database import Database, undone
from siyu.infra.jobs import Job, LeaseLost
from siyu.infra.jobs import store as job_store
from siyu.infra.tx import Actor, Tx
from siyu.infra.wiring import Capability, Follower
from siyu.kernel.errors import Refusal
from siyu.kernel.ids import JobId, TenantId

log = structlog.get_logger()

FOLLOW_ANYWAY_SECONDS = 5.0
GIVE_WAY = 4.0
"""Beside a heavy job followers rest so many times as long as they worked."""
URGENT_THREADS = 2
URGENT_LEASE_SECONDS = 6


@dataclass
class Run:
    """One run of a claimed job: the `Work` that the job's code sees."""

    database: Database
    job: Job
    tenant_id: TenantId
    id: JobId
    epoch: int
    attempt: int
    params: Mapping[str, Any]
    checkpoint: dict[str, Any]
    lease_seconds: int
    told_to_stop: bool = False
    pours: frozenset[str] = frozenset()
    actor: Actor = field(default_factory=lambda: Actor("system"))

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        with self.database.transaction(self.tenant_id, self.actor) as tx:
            yield tx

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
        values = {"checkpoint": checkpoint, "done": done, "total": total, "failed": failed, "result": result}
        if not job_store.save(tx, self.id, self.epoch, values, self.lease_seconds):
            raise LeaseLost(str(self.id))
        if checkpoint is not None:
            self.checkpoint = dict(checkpoint)

    def cancelled(self) -> bool:
        with self.transaction() as tx:
            self.told_to_stop = self.told_to_stop or job_store.cancel_requested(tx, self.id)
        return self.told_to_stop

    @contextmanager
    def pouring(self, names: Collection[str]) -> Iterator[None]:
        self.pours = frozenset(names)
        engine.rest(self.lease_seconds)
        try:
            yield
        finally:
            self.pours = frozenset()
            engine.rest(0)

    def beat(self) -> None:
        """Renew the lease while the job is busy outside a transaction, and the engine's rest while it pours."""
        if self.pours:
            engine.rest(self.lease_seconds)
        with self.transaction() as tx:
            job_store.save(tx, self.id, self.epoch, {}, self.lease_seconds)


class _Lane:
    """Threads that look for the same kinds of jobs."""

    def __init__(self, jobs: Sequence[Job], threads: int, lease_seconds: int) -> None:
        self.jobs = jobs
        self.threads = threads
        self.lease_seconds = lease_seconds
        self.wake = threading.Event()
        self.looking = threading.Lock()


class Worker:
    """Runs what is due, for all tenants. Several may run side by side, on several machines."""

    def __init__(self, database: Database, capabilities: Sequence[Capability], *, threads: int = 4, lease_seconds: int = 60) -> None:
        self.database = database
        self.threads = threads
        self.lease_seconds = lease_seconds
        self.jobs: dict[str, Job] = {job.kind: job for capability in capabilities for job in capability.jobs}
        self.followers: list[Follower] = [follower for capability in capabilities for follower in capability.followers]
        self.schedules = [schedule for capability in capabilities for schedule in capability.schedules]
        self.holder = f"{socket.gethostname()}:{os.getpid()}"
        self._lanes = [_Lane([job for job in self.jobs.values() if not job.urgent], threads, lease_seconds)]
        if urgent := [job for job in self.jobs.values() if job.urgent]:
            self._lanes.append(_Lane(urgent, URGENT_THREADS, min(lease_seconds, URGENT_LEASE_SECONDS)))
        self._running: dict[JobId, Run] = {}

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; jobs in hand are finished to their next chunk by their own code or taken over when their lease ends."""
        loops: list[Callable[[threading.Event], None]] = [self._follow_loop, self._schedule_loop, self._beat_loop, self._listen_loop]
        loops += [partial(self._job_loop, lane) for lane in self._lanes for _ in range(lane.threads)]
        threads = [threading.Thread(target=self._guarded, args=(loop, stop), daemon=True) for loop in loops]
        for thread in threads:
            thread.start()
        log.info("worker.started", threads=self.threads, kinds=len(self.jobs))
        stop.wait()
        for thread in threads:
            thread.join(timeout=5)

    def drain(self, *, limit: int = 10_000) -> int:
        """Run everything that is due now in this thread until nothing is left; how many jobs ran. For tests and stepping demos."""
        ran = 0
        while ran < limit:
            schedules.fire(self.database, self.schedules)
            followed = self.follow_once()
            worked = self.work_once()
            ran += worked
            if not followed and not worked:
                return ran
        raise RuntimeError("jobs keep making jobs")

    def work_once(self) -> bool:
        """Claim and run one due job; False when none is due."""
        run = next((run for lane in self._lanes if (run := self._claim(lane)) is not None), None)
        if run is not None:
            self._work(run)
        return run is not None

    def _work(self, run: Run) -> None:
        self._running[run.id] = run
        try:
            self._perform(run)
        finally:
            self._running.pop(run.id, None)

    def follow_once(self) -> bool:
        """Give each follower of each tenant its next batch; whether any got one."""
        awake = [(tenant_id, follower) for tenant_id in self.database.tenants() for follower in self.followers if not self._rests(tenant_id, follower)]
        return sum(self._feed(tenant_id, follower) for tenant_id, follower in awake) > 0

    def _rests(self, tenant_id: TenantId, follower: Follower) -> bool:
        return any(run.tenant_id == tenant_id and not run.pours.isdisjoint(follower.events) for run in list(self._running.values()))

    def _claim(self, lane: _Lane) -> Run | None:
        with self.database.lookup() as connection:
            row = connection.execute(
                text("select * from siyu_claim_job(:now, :holder, :lease, :kinds, :alone)"),
                {
                    "now": self.database.clock(),
                    "holder": self.holder,
                    "lease": lane.lease_seconds,
                    "kinds": [job.kind for job in lane.jobs],
                    "alone": [job.kind for job in lane.jobs if job.alone],
                },
            ).first()
        if row is None:
            return None
        actor = Actor("system", name=row.created_by)
        return Run(
            self.database,
            self.jobs[row.kind],
            TenantId(row.tenant_id),
            JobId(row.id),
            row.epoch,
            row.attempts,
            row.params,
            dict(row.checkpoint),
            lane.lease_seconds,
            actor=actor,
        )

    def _perform(self, run: Run) -> None:
        began = time.monotonic()
        at_once = False
        try:
            run.job.run(run)
            state, error = ("cancelled" if run.told_to_stop else "done"), None
        except LeaseLost:
            log.warning("job.lease_lost", job_id=run.id, kind=run.job.kind)
            return
        except Refusal as refusal:
            state, error = "failed", {"code": refusal.code, "params": refusal.params}
            log.info("job.refused", job_id=run.id, kind=run.job.kind, code=refusal.code)
        except Exception as broken:
            state = "ready" if run.attempt < run.job.max_attempts else "failed"
            at_once = undone(broken)
            error = {"code": "job.broken", "params": {"reason": f"{type(broken).__name__}: {broken}"[:500]}}
            log.exception("job.broken", job_id=run.id, kind=run.job.kind, attempt=run.attempt)
        with run.transaction() as tx:
            due = None if state != "ready" else tx.now if at_once else self._next_try(tx.now, run.attempt)
            job_store.finish(tx, run.id, run.epoch, state, error=error, due_at=due)
        log.debug("job.ended", job_id=run.id, kind=run.job.kind, state=state, seconds=round(time.monotonic() - began, 2))

    @staticmethod
    def _next_try(now: datetime, attempt: int) -> datetime:
        return now + timedelta(seconds=min(600, 2**attempt))

    def _feed(self, tenant_id: TenantId, follower: Follower) -> bool:
        try:
            with self.database.transaction(tenant_id, Actor("system")) as tx:
                batch = events.follow(tx, follower.name, follower.events)
                if batch:
                    follower.run(tx, batch)
            return bool(batch)
        except Exception:
            log.exception("follower.broken", follower=follower.name, tenant_id=tenant_id)
            return self._feed_singly(tenant_id, follower)

    def _feed_singly(self, tenant_id: TenantId, follower: Follower) -> bool:
        """One event by itself, so that a bad one stops nothing: after a third failure it is parked with its reason."""
        reason = ""
        for _ in range(3):
            try:
                with self.database.transaction(tenant_id, Actor("system")) as tx:
                    batch = events.follow(tx, follower.name, follower.events, limit=1)
                    if batch:
                        follower.run(tx, batch)
                return bool(batch)
            except SQLAlchemyError as broken:
                reason = f"{type(broken).__name__}: {broken}"
                time.sleep(0.05)
            except Exception as broken:
                reason = f"{type(broken).__name__}: {broken}"
        with self.database.transaction(tenant_id, Actor("system")) as tx:
            for event in events.follow(tx, follower.name, follower.events, limit=1):
                events.park(tx, follower.name, event, reason)
        return True

    def _job_loop(self, lane: _Lane, stop: threading.Event) -> None:
        """One thread at a time looks for what has come due; whoever finds a job sends the next to look."""
        while not stop.is_set():
            with lane.looking:
                run = None if stop.is_set() else self._claim(lane)
                if run is None:
                    lane.wake.wait(0.25)
                    lane.wake.clear()
            if run is not None:
                self._work(run)

    def _follow_loop(self, stop: threading.Event) -> None:
        """Look at the followers when events were written since all were fed, and now and then anyway: what another worker took may have come back."""
        fed, at = -1, 0.0
        while not stop.is_set():
            with self.database.reader() as connection:
                latest, horizon = events.position(connection)
            began = time.monotonic()
            if latest == fed and began - at < FOLLOW_ANYWAY_SECONDS:
                stop.wait(0.2)
            elif not self.follow_once():
                if latest < horizon:
                    fed, at = latest, time.monotonic()
                stop.wait(0.2)
            else:
                self._give_way(GIVE_WAY * (time.monotonic() - began), stop)

    def _give_way(self, seconds: float, stop: threading.Event) -> None:
        """Rest so long, or until no heavy job runs here any more."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not stop.is_set() and any(run.job.heavy for run in list(self._running.values())):
            stop.wait(0.2)

    def _schedule_loop(self, stop: threading.Event) -> None:
        while not stop.is_set():
            schedules.fire(self.database, self.schedules)
            stop.wait(1)

    def _beat_loop(self, stop: threading.Event) -> None:
        while not stop.wait(self.lease_seconds / 4):
            for run in list(self._running.values()):
                run.beat()

    def _listen_loop(self, stop: threading.Event) -> None:
        with self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("listen siyu_jobs"))
            raw: Any = connection.connection.driver_connection
            while not stop.is_set():
                for _ in raw.notifies(timeout=1, stop_after=1):
                    for lane in self._lanes:
                        lane.wake.set()

    def _guarded(self, loop: Callable[[threading.Event], None], stop: threading.Event) -> None:
        """Keep a loop alive through trouble with the database: it says so and tries again."""
        name = (loop.func if isinstance(loop, partial) else loop).__name__
        while not stop.is_set():
            try:
                loop(stop)
            except SQLAlchemyError as trouble:
                log.warning("worker.store_trouble", loop=name, error=str(trouble).splitlines()[0])
                stop.wait(0.5)
            except Exception:
                log.exception("worker.trouble", loop=name)
                stop.wait(0.5)
