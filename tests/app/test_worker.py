"""Jobs and schedules: each once, whatever dies."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import ClassVar

import pytest
from sqlalchemy import text

from siyu import events
from siyu.app import schedules
from siyu.app.worker import Worker
from siyu.events import Event, Fact
from siyu.infra import jobs
from siyu.infra.database import Database
from siyu.infra.jobs import Job, JobFailed, JobView, LeaseLost, Schedule, Work
from siyu.infra.tx import SYSTEM, Tx
from siyu.infra.wiring import Capability, Follower
from siyu.kernel.ids import JobId, TenantId
from tests.conftest import TestClock, make_tenant
from tests.events.test_log import Paid


@dataclass(frozen=True)
class Shipped(Fact):
    name: ClassVar[str] = "test.shipped"


def worker_of(database: Database, *job: Job, followers: tuple[Follower, ...] = (), lease_seconds: int = 60) -> Worker:
    return Worker(database, [Capability("test", jobs=job, followers=followers)], lease_seconds=lease_seconds)


def enqueue(database: Database, tenant: TenantId, kind: str = "test.count", *, at: datetime | None = None, key: str | None = None) -> JobId:
    with database.transaction(tenant, SYSTEM) as tx:
        return jobs.enqueue(tx, kind, at=at, key=key)


def view(database: Database, tenant: TenantId, id: JobId) -> JobView:
    with database.transaction(tenant, SYSTEM) as tx:
        return jobs.get(tx, id)


class TestJobs:
    def test_a_job_of_a_rolled_back_transaction_never_was(self, database: Database, tenant: TenantId) -> None:
        with pytest.raises(RuntimeError), database.transaction(tenant, SYSTEM) as tx:
            jobs.enqueue(tx, "test.count")
            raise RuntimeError
        assert worker_of(database, Job("test.count", lambda work: None)).drain() == 0

    def test_a_key_makes_one_job(self, database: Database, tenant: TenantId) -> None:
        assert enqueue(database, tenant, key="once") == enqueue(database, tenant, key="once")

    def test_due_by_business_time(self, database: Database, tenant: TenantId, clock: TestClock) -> None:
        ran: list[str] = []
        enqueue(database, tenant, at=clock.at + timedelta(hours=1))
        worker = worker_of(database, Job("test.count", lambda work: ran.append("ran")))
        assert worker.drain() == 0
        clock.at += timedelta(hours=1)
        assert (worker.drain(), ran) == (1, ["ran"])

    def test_a_crash_resumes_from_the_checkpoint(self, database: Database, tenant: TenantId, clock: TestClock) -> None:
        seen: list[int] = []

        def count(work: Work) -> None:
            for number in range(work.checkpoint.get("next", 0), 4):
                if number == 2 and work.attempt == 1:
                    raise RuntimeError("power cut")
                with work.transaction() as tx:
                    work.save(tx, {"next": number + 1}, done=number + 1, total=4)
                seen.append(number)

        id = enqueue(database, tenant)
        worker = worker_of(database, Job("test.count", count))
        worker.drain()
        assert view(database, tenant, id).state == "ready"
        clock.at += timedelta(minutes=1)
        worker.drain()
        done = view(database, tenant, id)
        assert (done.state, done.done, seen) == ("done", 4, [0, 1, 2, 3])

    def test_who_lost_the_lease_writes_nothing(self, database: Database, tenant: TenantId) -> None:
        id = enqueue(database, tenant)
        lost: list[bool] = []

        def frozen(work: Work) -> None:
            with database.engine.begin() as connection:  # another worker takes over meanwhile
                connection.execute(text("update jobs set epoch = epoch + 1 where id = :id"), {"id": id})
            with pytest.raises(LeaseLost), work.transaction() as tx:
                work.save(tx, {"mine": True})
            lost.append(True)

        worker_of(database, Job("test.count", frozen)).work_once()
        assert lost == [True]
        with database.engine.connect() as connection:
            assert connection.execute(text("select checkpoint from jobs where id = :id"), {"id": id}).scalar() == {}

    def test_a_silent_worker_is_replaced(self, database: Database, tenant: TenantId) -> None:
        id = enqueue(database, tenant)
        with database.engine.begin() as connection:
            connection.execute(
                text("update jobs set state = 'leased', epoch = 1, leased_until = clock_timestamp() - interval '1 second' where id = :id"), {"id": id}
            )
        assert worker_of(database, Job("test.count", lambda work: None)).drain() == 1
        assert view(database, tenant, id).state == "done"

    def test_whom_the_store_undid_for_anothers_sake_is_tried_at_once(self, database: Database, tenant: TenantId) -> None:
        took_first, attempts = threading.Event(), []

        def cross(work: Work) -> None:
            attempts.append(work.attempt)
            with work.transaction() as tx:
                tx.execute("select pg_advisory_xact_lock(1)")
                took_first.set()
                tx.execute("select pg_advisory_xact_lock(2)")

        id = enqueue(database, tenant)
        worker = worker_of(database, Job("test.count", cross))
        with database.transaction(tenant, SYSTEM) as other:
            other.execute("select pg_advisory_xact_lock(2)")
            crossing = threading.Thread(target=worker.work_once)
            crossing.start()
            took_first.wait(10)
            while not other.execute("select count(*) from pg_locks where locktype = 'advisory' and not granted").scalar():
                pass
            other.execute("select pg_advisory_xact_lock(1)")  # the job has waited longer: it is the one that is undone
        crossing.join()
        assert worker.drain() == 1  # the clock has not moved
        assert (attempts, view(database, tenant, id).state) == ([1, 2], "done")

    def test_a_refusal_fails_at_once_with_its_reason(self, database: Database, tenant: TenantId) -> None:
        def refuse(work: Work) -> None:
            raise JobFailed(reason="no such file")

        id = enqueue(database, tenant)
        worker_of(database, Job("test.count", refuse)).drain()
        failed = view(database, tenant, id)
        assert failed.state == "failed"
        assert failed.error == {"code": "job.failed", "params": {"reason": "no such file"}}

    def test_cancel_between_chunks_and_retry(self, database: Database, tenant: TenantId) -> None:
        def patient(work: Work) -> None:
            if work.attempt == 1 and not work.checkpoint:
                with work.transaction() as tx:
                    work.save(tx, {"half": True})
                    jobs.cancel(tx, work.id)
            if work.cancelled():
                return

        id = enqueue(database, tenant)
        worker = worker_of(database, Job("test.count", patient))
        worker.drain()
        assert view(database, tenant, id).state == "cancelled"
        with database.transaction(tenant, SYSTEM) as tx:
            jobs.retry(tx, id)
        worker.drain()
        assert view(database, tenant, id).state == "done"

    def test_eight_workers_run_each_job_once(self, database: Database, tenant: TenantId) -> None:
        ran: list[str] = []
        for _ in range(40):
            enqueue(database, tenant)
        workers = [worker_of(database, Job("test.count", lambda work: ran.append(str(work.id)))) for _ in range(8)]
        threads = [threading.Thread(target=worker.drain) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ran) == len(set(ran)) == 40

    def test_an_urgent_job_waits_behind_nobody(self, database: Database, tenant: TenantId) -> None:
        end, seen, stop = threading.Event(), threading.Event(), threading.Event()

        def long(work: Work) -> None:
            end.wait(60)

        def urgent(work: Work) -> None:
            seen.set()

        worker = Worker(database, [Capability("test", jobs=(Job("test.long", long), Job("test.urgent", urgent, urgent=True)))], threads=1)
        running = threading.Thread(target=worker.run, args=(stop,))
        running.start()
        try:
            ids = [enqueue(database, tenant, kind) for kind in ("test.long", "test.long", "test.urgent")]
            assert seen.wait(30)
            assert view(database, tenant, ids[1]).state == "ready"
        finally:
            end.set()
            stop.set()
            running.join()


class TestFollowers:
    def test_one_bad_event_stops_nothing(self, database: Database, tenant: TenantId) -> None:
        seen: list[str] = []

        def digest(tx: Tx, batch: object) -> None:
            for event in batch:  # type: ignore[attr-defined]
                if event.key == "1":
                    raise ValueError("indigestible")
            seen.extend(event.key for event in batch)  # type: ignore[attr-defined]

        with database.transaction(tenant, SYSTEM) as tx:
            for number in range(3):
                events.append(tx, Paid(str(number)), key=str(number))
        worker_of(database, followers=(Follower("digest", ["test.paid"], digest),)).drain()
        assert seen == ["0", "2"]
        with database.transaction(tenant, SYSTEM) as tx:
            assert tx.execute("select follower, reason from parked_events").one() == ("digest", "ValueError: indigestible")

    def test_beside_a_heavy_job_they_rest(self, database: Database, tenant: TenantId, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("siyu.app.worker.GIVE_WAY", float("inf"))
        stop, begun, end, first, second = (threading.Event() for _ in range(5))

        def heavy(work: Work) -> None:
            begun.set()
            end.wait(60)

        def digest(tx: Tx, batch: object) -> None:
            (second if first.is_set() else first).set()

        worker = Worker(database, [Capability("test", jobs=(Job("test.heavy", heavy, heavy=True),), followers=(Follower("digest", ["test.paid"], digest),))])
        running = threading.Thread(target=worker.run, args=(stop,))
        running.start()
        try:
            enqueue(database, tenant, "test.heavy")
            assert begun.wait(30)
            with database.transaction(tenant, SYSTEM) as tx:
                events.append_many(tx, [(Paid(str(number)), str(number), None, None) for number in range(501)])
            assert first.wait(30)
            assert not second.wait(1)
            end.set()
            assert second.wait(30)
        finally:
            end.set()
            stop.set()
            running.join()

    def test_of_what_a_job_pours_they_rest_until_it_is_in_and_miss_nothing(self, database: Database, tenant: TenantId) -> None:
        heard: list[tuple[str, int]] = []
        during: list[tuple[str, int]] = []

        def pour(work: Work) -> None:
            with work.pouring({"test.paid"}):
                with work.transaction() as tx:
                    events.append_many(tx, [(Paid(str(number)), str(number), None, None) for number in range(7)])
                    events.append(tx, Shipped(), key="shipped")
                while worker.follow_once():
                    pass
                during.extend(heard)

        def digest(name: str) -> Callable[[Tx, Sequence[Event]], None]:
            return lambda tx, batch: heard.append((name, len(batch)))

        followers = (Follower("payments", ["test.paid"], digest("payments")), Follower("parcels", ["test.shipped"], digest("parcels")))
        worker = worker_of(database, Job("test.pour", pour), followers=followers)
        enqueue(database, tenant, "test.pour")
        worker.drain()
        assert during == [("parcels", 1)]
        assert heard == [("parcels", 1), ("payments", 7)]

    def test_those_of_other_brands_go_on(self, database: Database, tenant: TenantId) -> None:
        other, heard = make_tenant(database, name="另一家"), list[str]()

        def pour(work: Work) -> None:
            with work.pouring({"test.paid"}):
                for brand in (tenant, other):
                    with database.transaction(brand, SYSTEM) as tx:
                        events.append(tx, Paid("1"), key="1")
                worker.follow_once()
                heard.append("end")

        worker = worker_of(database, Job("test.pour", pour), followers=(Follower("digest", ["test.paid"], lambda tx, batch: heard.append(str(tx.tenant_id))),))
        enqueue(database, tenant, "test.pour")
        worker.drain()
        assert heard == [str(other), "end", str(tenant)]


class TestSchedules:
    DAILY = Schedule("nightly", "test.count", daily_at=time(3))
    TICK = Schedule("tick", "test.count", every_seconds=60, missed="skip")

    def test_a_slot_fires_once_however_many_look(self, database: Database, tenant: TenantId, clock: TestClock) -> None:
        clock.at += timedelta(days=1)
        assert schedules.fire(database, [self.DAILY]) == 1
        assert schedules.fire(database, [self.DAILY]) == 0

    def test_missed_days_fire_once(self, database: Database, tenant: TenantId, clock: TestClock) -> None:
        clock.at += timedelta(days=10)
        assert schedules.fire(database, [self.DAILY]) == 1

    def test_nothing_fires_for_the_time_before_the_brand_was_there(self, database: Database, tenant: TenantId) -> None:
        assert schedules.fire(database, [self.DAILY]) == 0

    def test_the_clock_set_back_fires_nothing_again(self, database: Database, tenant: TenantId, clock: TestClock) -> None:
        clock.at += timedelta(days=2)
        schedules.fire(database, [self.DAILY])
        clock.at -= timedelta(days=1)
        assert schedules.fire(database, [self.DAILY]) == 0

    def test_daily_means_the_brands_wall_clock(self, database: Database, tenant: TenantId, clock: TestClock) -> None:
        clock.at = datetime(2026, 3, 2, 18, 59, tzinfo=UTC)  # 02:59 on the 3rd in Shanghai
        assert schedules.fire(database, [self.DAILY]) == 0
        clock.at += timedelta(minutes=1)
        assert schedules.fire(database, [self.DAILY]) == 1

    def test_every_minute(self, database: Database, tenant: TenantId, clock: TestClock) -> None:
        clock.at += timedelta(minutes=1)
        assert schedules.fire(database, [self.TICK]) == 1
        clock.at += timedelta(hours=5)
        assert schedules.fire(database, [self.TICK]) == 1
