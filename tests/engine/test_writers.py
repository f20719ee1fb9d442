"""Eight writers at once, with delays before commit, updates, deletes and roll-backs, while the engine is killed in the middle: nothing is missed."""

import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from uuid import UUID

import ibis
import pytest

from siyu import engine, events
from siyu.engine import Answer, EngineUnavailable
from siyu.engine.schema import EVENTS, Schema
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import TenantId
from tests.engine.conftest import Start, make_follower
from tests.engine.tables import TABLES, in_postgres, in_replica, insert_identity, insert_item, until
from tests.events.test_log import Paid

WRITERS = 8
KILLS = 3
STATES = 6


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
                            time.sleep(self.chance.uniform(0, 0.03))
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
            "select id from items where tenant_id = :tenant_id and id > :pivot order by id limit 1 for update skip locked",
            {"pivot": UUID(int=self.chance.getrandbits(128))},
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


def asked(items: Database, tenant: TenantId, times: int) -> list[Answer]:
    """The balance, asked until that many states of the replica answered."""
    answers: list[Answer] = []

    def enough() -> bool:
        with items.transaction(tenant, SYSTEM) as tx, suppress(EngineUnavailable):
            answers.append(engine.ask(tx, balance(tx), timeout_seconds=20))
        return len({answer.watermark.version for answer in answers}) >= times

    until(enough, 120)
    return answers


@pytest.mark.long
class TestEightWriters:
    def test_nothing_is_missed_though_the_engine_is_killed(self, items: Database, tenant: TenantId, settings: Settings, start: Start) -> None:
        engine.connect(settings, TABLES)
        answers: list[Answer] = []
        with writing(items, tenant):
            for _ in range(KILLS):
                process = start()
                answers += asked(items, tenant, STATES)
                process.kill()
                process.wait()
            process = start()
            answers += asked(items, tenant, STATES)
        assert {answer.rows()[0]["total"] for answer in answers} == {0}, "half a transaction was visible"
        for before, after in pairwise(answers):
            assert after.watermark.version >= before.watermark.version
            assert after.watermark.snapshot.covers(before.watermark.snapshot)
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx, many=0)
            xid = engine.xid(tx)
        engine.wait_for(xid, timeout_seconds=60)
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
        sys.stdout.write(f"{len(answers)} consistent answers from {len({answer.watermark.version for answer in answers})} states, {KILLS} kills\n")
