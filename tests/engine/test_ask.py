"""Questions over the socket: one tenant's rows, in time, of a size, with the instant that they are of."""

import threading
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import ibis
import pytest

from siyu import engine
from siyu.engine import (
    Engine,
    EngineUnavailable,
    NotYetThere,
    QuestionTooLarge,
    QuestionTooSlow,
    QuestionWrong,
    wire,
)
from siyu.engine.client import sql
from siyu.engine.follow import TICK_SECONDS
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import TenantId
from tests.conftest import TestClock, make_tenant
from tests.engine.tables import TABLES, insert_identity, insert_item, until


def commit_items(database: Database, tenant: TenantId, *numbers: int) -> int:
    with database.transaction(tenant, SYSTEM) as tx:
        for number in numbers:
            insert_item(tx, many=number)
        return engine.xid(tx)


def crossed(tx: Tx) -> ibis.Table:
    """A billion rows, when there are a thousand items."""
    rows = engine.table(tx, "items")
    a, b, c = (rows.select(rows.many.name(name)) for name in "abc")
    return a.cross_join(b).cross_join(c)


def endless(tx: Tx) -> ibis.Expr:
    """A question that takes minutes, when there are a thousand items."""
    rows = crossed(tx)
    return rows.filter((rows.a * rows.b + rows.c) % 1_000_003 == -1).count()


class TestAnswers:
    def test_rows_come_typed(self, running: Engine, items: Database, tenant: TenantId) -> None:
        someone = uuid4()
        with items.transaction(tenant, SYSTEM) as tx:
            identity = insert_identity(tx, someone)
            at = datetime(2026, 1, 1, 15, 59, 59, 123456, tzinfo=UTC)
            id = insert_item(tx, identity_id=identity, amount=Decimal("0.1"), many=2**62, marks=["a", "b"], at=at, done=True, props='{"a": 1}')
            xid = engine.xid(tx)
        engine.wait_for(xid)
        with items.transaction(tenant, SYSTEM) as tx:
            rows = engine.table(tx, "items")
            answer = engine.ask(tx, rows.drop("props", "note", "day"))
            assert answer.rows() == [
                {
                    "tenant_id": tenant,
                    "id": id,
                    "identity_id": identity,
                    "amount": Decimal("0.1000000000"),
                    "many": 2**62,
                    "marks": ["a", "b"],
                    "at": at,
                    "done": True,
                    "customer_id": someone,
                }
            ]
            sums = engine.ask(
                tx, rows.aggregate(total=rows.amount.sum(), many=rows.many.sum(), n=rows.count(), day=engine.local_time(tx, rows.at).date().max())
            )
            assert sums.rows() == [{"total": Decimal("0.1000000000"), "many": 2**62, "n": 1, "day": date(2026, 1, 1)}]
            assert engine.ask(tx, rows.count()).table.num_rows == 1

    def test_bear_the_watermark_of_their_state(self, running: Engine, items: Database, tenant: TenantId, clock: TestClock) -> None:
        xid = commit_items(items, tenant, 1)
        engine.wait_for(xid)
        with items.transaction(tenant, SYSTEM) as tx:
            answer = engine.ask(tx, engine.table(tx, "items").count())
        assert answer.as_of == clock.at
        assert answer.watermark.snapshot.sees(xid)

    def test_many_rows_stream(self, running: Engine, items: Database, tenant: TenantId) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            tx.execute(
                "insert into items (tenant_id, id, many, note) select :tenant_id, gen_random_uuid(), n, repeat('x', 100) from generate_series(1, 200000) n"
            )
            xid = engine.xid(tx)
        engine.wait_for(xid, timeout_seconds=60)
        with items.transaction(tenant, SYSTEM) as tx:
            rows = engine.table(tx, "items")
            answer = engine.ask(tx, rows.select("many", "note"), max_rows=200_000, timeout_seconds=60)
        assert answer.table.num_rows == 200_000
        assert sum(answer.table.column("many").to_pylist()) == 200_000 * 200_001 // 2

    def test_several_at_once(self, running: Engine, items: Database, tenant: TenantId) -> None:
        engine.wait_for(commit_items(items, tenant, *range(100)))
        totals: list[int] = []

        def one() -> None:
            with items.transaction(tenant, SYSTEM) as tx:
                for _ in range(5):
                    totals.append(engine.ask(tx, engine.table(tx, "items").many.sum(), timeout_seconds=60).table.column(0)[0].as_py())

        threads = [threading.Thread(target=one) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert totals == [4950] * 40


class TestRest:
    def test_it_falls_behind_until_somebody_wants_to_know(self, running: Engine, items: Database, tenant: TenantId) -> None:
        engine.wait_for(commit_items(items, tenant, 1))
        engine.rest(600)
        time.sleep(3 * TICK_SECONDS)  # a look that had begun
        xid = commit_items(items, tenant, 2)
        time.sleep(3 * TICK_SECONDS)
        with items.transaction(tenant, SYSTEM) as tx:
            assert not engine.caught_up(tx)
        assert engine.wait_for(xid).snapshot.sees(xid)

    def test_it_ends_when_told(self, running: Engine, items: Database, tenant: TenantId) -> None:
        engine.rest(600)
        commit_items(items, tenant, 1)
        engine.rest(0)
        with items.transaction(tenant, SYSTEM) as tx:
            until(lambda: engine.caught_up(tx))


class TestTenant:
    def test_sees_its_own_rows_only(self, running: Engine, items: Database, tenant: TenantId) -> None:
        other = make_tenant(items, name="另一家")
        commit_items(items, tenant, 1, 2, 3)
        engine.wait_for(commit_items(items, other, 10))
        for who, total in ((tenant, 6), (other, 10)):
            with items.transaction(who, SYSTEM) as tx:
                assert engine.ask(tx, engine.table(tx, "items").many.sum()).table.column(0).to_pylist() == [total]

    def test_a_question_that_forgets_the_tenant_is_still_locked_in(self, running: Engine, items: Database, tenant: TenantId) -> None:
        other = make_tenant(items, name="另一家")
        commit_items(items, tenant, 1, 2, 3)
        engine.wait_for(commit_items(items, other, 10))
        unfiltered = ibis.table(running._types["items"], name="items")
        with items.transaction(other, SYSTEM) as tx:
            assert engine.ask(tx, unfiltered.count()).table.column(0).to_pylist() == [1]

    @pytest.mark.parametrize(
        "text",
        [
            "select 1; select 2",
            "insert into data.items (tenant_id) values (uuid())",
            "set variable tenant_id = 'x'",
            "attach ':memory:' as other",
            "copy (select 1) to '/tmp/siyu-should-not-be'",
            "checkpoint",
            "",
        ],
    )
    def test_only_a_select_is_a_question(self, running: Engine, items: Database, tenant: TenantId, text: str) -> None:
        with pytest.raises(QuestionWrong):
            running._call({"kind": "ask", "sql": text, "tenant_id": str(tenant), "timeout_seconds": 5, "max_rows": 5}, 5)


class TestLimits:
    def test_a_slow_question_ends_in_time(self, running: Engine, items: Database, tenant: TenantId) -> None:
        engine.wait_for(commit_items(items, tenant, *range(1000)))
        with items.transaction(tenant, SYSTEM) as tx:
            with pytest.raises(QuestionTooSlow) as refused:
                engine.ask(tx, endless(tx), timeout_seconds=0.5)
            assert refused.value.params == {"timeout_seconds": 0.5}
            assert engine.ask(tx, engine.table(tx, "items").count(), timeout_seconds=30).table.num_rows == 1

    def test_a_slow_stream_ends_in_time(self, running: Engine, items: Database, tenant: TenantId) -> None:
        engine.wait_for(commit_items(items, tenant, *range(1000)))
        with items.transaction(tenant, SYSTEM) as tx, pytest.raises(QuestionTooSlow):
            engine.ask(tx, crossed(tx), timeout_seconds=0.5, max_rows=10**12)

    def test_too_many_rows_are_refused_not_cut_off(self, running: Engine, items: Database, tenant: TenantId) -> None:
        engine.wait_for(commit_items(items, tenant, 1, 2, 3))
        with items.transaction(tenant, SYSTEM) as tx:
            assert engine.ask(tx, engine.table(tx, "items"), max_rows=3).table.num_rows == 3
            with pytest.raises(QuestionTooLarge) as refused:
                engine.ask(tx, engine.table(tx, "items"), max_rows=2)
        assert refused.value.params == {"limit": "rows", "max_rows": 2}

    def test_too_much_memory_is_refused(self, running: Engine, items: Database, tenant: TenantId) -> None:
        engine.wait_for(commit_items(items, tenant, *range(1000)))
        with items.transaction(tenant, SYSTEM) as tx:
            rows = crossed(tx)
            with pytest.raises(QuestionTooLarge) as refused:
                engine.ask(tx, rows.aggregate(all=rows.a.collect()), timeout_seconds=60)
            assert refused.value.params == {"limit": "memory"}
            assert engine.ask(tx, engine.table(tx, "items").count(), timeout_seconds=30).table.num_rows == 1

    def test_hanging_up_cancels(self, running: Engine, items: Database, tenant: TenantId, settings: Settings) -> None:
        """With all places taken by questions that nobody waits for any more, a new one would not get its turn."""
        engine.wait_for(commit_items(items, tenant, *range(1000)))
        with items.transaction(tenant, SYSTEM) as tx:
            for _ in range(8):
                request = {"kind": "ask", "sql": sql(endless(tx)), "tenant_id": str(tenant), "timeout_seconds": 3600, "max_rows": 1}
                with running._calling(request, 3600):
                    pass
            assert engine.ask(tx, engine.table(tx, "items").count(), timeout_seconds=30).table.num_rows == 1

    def test_a_mistake_of_ours_is_no_refusal(self, running: Engine, items: Database, tenant: TenantId) -> None:
        with items.transaction(tenant, SYSTEM) as tx, pytest.raises(QuestionWrong, match="nowhere"):
            engine.ask(tx, ibis.table({"a": "int64"}, name="nowhere"))


class TestWaiting:
    def test_a_running_transaction_is_not_yet_there(self, running: Engine, items: Database, tenant: TenantId) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx)
            xid = engine.xid(tx)
            with pytest.raises(NotYetThere):
                engine.wait_for(xid, timeout_seconds=0.3)
        assert engine.wait_for(xid).snapshot.sees(xid)

    def test_caught_up_says_whether_answers_lag(self, running: Engine, items: Database, tenant: TenantId) -> None:
        engine.wait_for(commit_items(items, tenant, 1))

        def caught_up() -> bool:
            with items.transaction(tenant, SYSTEM) as tx:
                return engine.caught_up(tx)

        until(caught_up)
        with items.engine.connect() as lock, lock.begin():
            lock.exec_driver_sql("lock table lines in access exclusive mode")  # the follower cannot read, so it stands
            commit_items(items, tenant, 2)
            assert not caught_up()
        until(caught_up)


class TestUnavailable:
    def test_nobody_listens(self, items: Database, tenant: TenantId, settings: Settings) -> None:
        client = engine.connect(settings, TABLES)
        with items.transaction(tenant, SYSTEM) as tx, pytest.raises(EngineUnavailable) as refused:
            engine.ask(tx, engine.table(tx, "items").count())
        assert refused.value.params == {"state": "stopped"}
        assert client.status()["state"] == "stopped"
        with items.transaction(tenant, SYSTEM) as tx:
            assert not engine.caught_up(tx)

    def test_no_store_no_answer(self, settings: Settings, tenant: TenantId, items: Database) -> None:
        nowhere = Database("postgresql+psycopg://siyu_owner@127.0.0.1:9/none")
        with engine.running(settings, nowhere, TABLES):
            engine.connect(settings, TABLES)
            until(lambda: bool(engine.status()["error"]))
            with items.transaction(tenant, SYSTEM) as tx, pytest.raises(EngineUnavailable) as refused:
                engine.ask(tx, engine.table(tx, "items").count())
        assert refused.value.params["state"] == "waiting"

    def test_a_deleted_file_is_made_anew_meanwhile_the_console_is_told(self, running: Engine, items: Database, tenant: TenantId, settings: Settings) -> None:
        engine.wait_for(commit_items(items, tenant, 1, 2))
        for path in (settings.home / "replica").glob("siyu-*.duckdb"):
            path.unlink()
        states = set()

        def answered() -> bool:
            with items.transaction(tenant, SYSTEM) as tx:
                try:
                    return engine.ask(tx, engine.table(tx, "items").count()).watermark.version == 1
                except EngineUnavailable as refused:
                    states.add(refused.params["state"])
                    return False

        until(answered)
        assert states <= {"rebuilding", "following"}
        with items.transaction(tenant, SYSTEM) as tx:
            assert engine.ask(tx, engine.table(tx, "items").many.sum()).table.column(0).to_pylist() == [3]


class TestSocket:
    def test_only_its_user_reaches_it(self, running: Engine, settings: Settings) -> None:
        assert wire.address(settings.home).stat().st_mode & 0o777 == 0o600

    def test_a_long_path_gets_a_short_socket(self, items: Database, tmp_path: object, settings: Settings) -> None:
        deep = Settings(home=settings.home / ("很长的路径" * 10), engine_memory_mb=512)
        address = wire.address(deep.home)
        assert len(str(address).encode()) <= 100
        with engine.running(deep, items, TABLES):
            client = Engine(deep.home, TABLES)
            until(lambda: bool(client.status()["answering"]))
            assert address.parent.stat().st_mode & 0o777 == 0o700
        assert not address.exists()

    def test_one_home_has_one_owner(self, running: Engine, items: Database, settings: Settings) -> None:
        with pytest.raises(engine.AlreadyOwned), engine.running(settings, items, TABLES):
            pass
        assert running.status()["answering"]
