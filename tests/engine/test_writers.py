"""Eight writers at once, with delays before commit, updates, deletes and roll-backs, while the engine is killed in the middle: nothing is missed."""

import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import ibis
import pytest

from siyu import engine, events
from siyu.engine import EngineUnavailable, NotYetThere
from siyu.engine.schema import EVENTS, Schema
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import TenantId
from tests.engine.conftest import Start, make_follower
from tests.engine.tables import TABLES, in_postgres, in_replica, insert_identity, insert_item, until
from tests.events.test_log import Paid

WRITERS = 8
SECONDS = 8.0


class RolledBack(Exception):
    pass


class Writer(threading.Thread):
    """Writes at random. Every transaction keeps the sum of `items.many` plus `lines.many` at zero, so that half a transaction shows."""

    def __init__(self, database: Database, tenant: TenantId, seed: int, stop: threading.Event) -> None:
        super().__init__(name=f"writer-{seed}")
        self.database, self.tenant, self.stop = database, tenant, stop
        self.chance = random.Random(seed)
        self.did = dict.fromkeys(("inserted", "updated", "deleted", "moved", "rolled back", "late"), 0)
        self.failure: BaseException | None = None
        self.number = 0

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                try:
                    with self.database.transaction(self.tenant, SYSTEM) as tx:
                        for _ in range(self.chance.randint(1, 5)):
                            self.act(tx)
                        if self.chance.random() < 0.1:  # commits long after others that began later
                            self.did["late"] += 1
                            time.sleep(self.chance.uniform(0.1, 0.8))
                        else:
                            time.sleep(self.chance.uniform(0, 0.01))
                        if self.chance.random() < 0.1:
                            self.did["rolled back"] += 1
                            raise RolledBack
                except RolledBack:
                    pass
        except BaseException as error:
            self.failure = error

    def act(self, tx: Tx) -> None:
        act = self.chance.choices(("inserted", "updated", "deleted", "moved"), (5, 3, 2, 1))[0]
        many = self.chance.randint(1, 1000)
        one = tx.execute(
            "select id from items where tenant_id = :tenant_id order by md5(id::text || :salt) limit 1 for update skip locked", {"salt": str(many)}
        ).scalar()
        self.did[act] += 1
        if act == "inserted" or one is None:
            self.insert(tx, many)
        elif act == "updated":
            tx.execute("update items set many = many + :many where tenant_id = :tenant_id and id = :id", {"many": many, "id": one})
            tx.execute(
                "insert into lines select :tenant_id, :id, coalesce(max(line_no), 0) + 1, -:many from lines where item_id = :id", {"id": one, "many": many}
            )
        elif act == "deleted":
            tx.execute("delete from lines where tenant_id = :tenant_id and item_id = :id", {"id": one})
            tx.execute("delete from items where tenant_id = :tenant_id and id = :id", {"id": one})
            if self.chance.random() < 0.5:
                self.insert(tx, many, one)  # the same key comes again
        else:
            tx.execute("update identities set customer_id = gen_random_uuid() where id = (select identity_id from items where id = :id)", {"id": one})

    def insert(self, tx: Tx, many: int, id: UUID | None = None) -> None:
        self.number += 1
        id = insert_item(tx, id, many=many, identity_id=insert_identity(tx, None), note=self.name)
        tx.execute("insert into lines values (:tenant_id, :id, 0, -:many)", {"id": id, "many": many})
        events.append(tx, Paid(str(id)), key=f"{self.name}:{self.number}")


@contextmanager
def writing(database: Database, tenant: TenantId) -> Iterator[list[Writer]]:
    """Eight writers until the end of the block."""
    stop = threading.Event()
    writers = [Writer(database, tenant, seed, stop) for seed in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        yield writers
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    for writer in writers:
        if writer.failure:
            raise writer.failure
    done = {act: sum(writer.did[act] for writer in writers) for act in writers[0].did}
    sys.stdout.write(f"writers: {done}\n")
    assert all(done.values()), f"an act that never happened proves nothing: {done}"


def balance(tx: Tx) -> ibis.Expr:
    """Zero in every committed state, and how many rows there are."""
    items, lines = engine.table(tx, "items"), engine.table(tx, "lines")
    both = items.select("many").union(lines.select("many"))
    return both.aggregate(total=both.many.sum().coalesce(0), n=both.count())


@pytest.mark.slow
class TestEightWriters:
    def test_nothing_is_missed_though_the_engine_is_killed(self, items: Database, tenant: TenantId, settings: Settings, start: Start) -> None:
        engine.connect(settings, TABLES)
        answers, kills = 0, 0
        last = None
        chance = random.Random(7)
        with writing(items, tenant):
            process = start()
            end = time.monotonic() + SECONDS
            next_kill = time.monotonic() + 2
            while time.monotonic() < end or kills < 3:
                with items.transaction(tenant, SYSTEM) as tx:
                    try:
                        answer = engine.ask(tx, balance(tx), timeout_seconds=20)
                    except EngineUnavailable:
                        time.sleep(0.05)
                    else:
                        answers += 1
                        assert answer.rows()[0]["total"] == 0, "half a transaction was visible"
                        assert last is None or answer.watermark.snapshot.covers(last.snapshot) or answer.watermark.version < last.version
                        last = answer.watermark
                        if time.monotonic() > next_kill and kills < 3:
                            process.kill()
                            process.wait()
                            kills += 1
                            last = None
                            process = start()
                            next_kill = time.monotonic() + chance.uniform(1, 2)
                time.sleep(0.02)
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx, many=0)
            xid = engine.xid(tx)

        def there() -> bool:
            try:
                return engine.wait_for(xid, timeout_seconds=5) is not None
            except (EngineUnavailable, NotYetThere):
                return False

        until(there)
        blocks = engine.verify(settings, items, TABLES, block_rows=1000)
        assert all(block["equal"] for block in blocks), blocks
        process.terminate()
        assert process.wait(30) == 0
        follower = make_follower(items, settings.home / "replica")
        follower.open()
        assert follower.replica is not None
        for table in (*TABLES, EVENTS):
            assert in_replica(follower.replica, table) == in_postgres(items, table)
        assert follower.replica.counts() == {table.name: len(in_postgres(items, table)) for table in Schema.of(TABLES).tables}
        follower.close()
        sys.stdout.write(f"{answers} consistent answers, {kills} kills\n")
        assert answers > 20
