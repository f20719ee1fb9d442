"""The engine that this process asks, and what the command line does to it."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ibis

from siyu.engine.checksums import BLOCK_ROWS
from siyu.engine.client import Answer, Engine
from siyu.engine.owner import Owner
from siyu.engine.refusals import EngineUnavailable
from siyu.engine.watermark import Snapshot, Watermark
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import Tx
from siyu.infra.wiring import ReplicaTable

_engine: Engine | None = None
_START_SECONDS = 30.0


def connect(settings: Settings, tables: Sequence[ReplicaTable]) -> Engine:
    """Let this process ask the engine of `settings.home` about the tables that the capabilities lend. Called once, at start; the engine need not run yet."""
    global _engine
    _engine = Engine(settings.home, tables)
    return _engine


def current() -> Engine:
    """The engine that `connect` named. Raises EngineUnavailable before that."""
    if _engine is None:
        raise EngineUnavailable(state="stopped")
    return _engine


def table(tx: Tx, name: str) -> ibis.Table:
    """The rows of the transaction's tenant in a replicated table, to build questions from. Tables that name an identity also have `customer_id`, the person."""
    return current().table(tx, name)


def ask(tx: Tx, question: ibis.Expr, *, timeout_seconds: float = 10, max_rows: int = 100_000) -> Answer:
    """Compute an expression over `table`s. Raises EngineUnavailable, QuestionTooSlow, QuestionTooLarge; QuestionWrong for a mistake of ours."""
    return current().ask(tx, question, timeout_seconds=timeout_seconds, max_rows=max_rows)


def wait_for(xid: int, *, timeout_seconds: float = 10) -> Watermark:
    """Wait until answers include what transaction `xid` committed. Raises NotYetThere, EngineUnavailable."""
    return current().wait_for(xid, timeout_seconds=timeout_seconds)


def caught_up(tx: Tx) -> bool:
    """Whether answers include everything that this transaction sees."""
    mark = current().status()["watermark"]
    seen = Snapshot.parse(tx.execute("select pg_current_snapshot()::text").scalar_one())
    return mark is not None and Snapshot.parse(mark["snapshot"]).covers(seen)


def status() -> dict[str, Any]:
    """`state` (stopped, waiting, rebuilding, following, failing), `answering`, `watermark`, `lag_seconds`, rows by table; never raises."""
    return _engine.status() if _engine else {"state": "stopped", "answering": False, "error": None, "watermark": None, "lag_seconds": None, "tables": {}}


def rebuild(settings: Settings, database: Database, tables: Sequence[ReplicaTable]) -> dict[str, Any]:
    """Make the replica anew from PostgreSQL, by the running engine or else here; returns the status afterwards."""
    engine = Engine(settings.home, tables)
    if engine.status()["state"] != "stopped":
        return engine.rebuild()
    owner = Owner(settings, database, tables)
    number = owner.follower.want_rebuild()
    with running(owner):
        _await(owner, lambda: owner.follower.rebuilt(number))
        return owner.status()


def verify(settings: Settings, database: Database, tables: Sequence[ReplicaTable], *, block_rows: int = BLOCK_ROWS) -> list[dict[str, Any]]:
    """Blocks `{table, block, rows, replica_rows, equal}` of the comparison with PostgreSQL, by the running engine or else here."""
    engine = Engine(settings.home, tables)
    if engine.status()["state"] != "stopped":
        return engine.verify(block_rows=block_rows)
    owner = Owner(settings, database, tables)
    with running(owner):
        _await(owner, lambda: owner.follower.state == "following")
        return engine.verify(block_rows=block_rows)


@contextmanager
def running(owner: Owner) -> Iterator[Owner]:
    """Run an owner in a thread of this process. Raises AlreadyOwned."""
    ready = threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            owner.run(ready.set)
        except BaseException as error:
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=run, name="engine")
    thread.start()
    try:
        if not ready.wait(_START_SECONDS):
            raise EngineUnavailable(state="waiting")
        if failed:
            raise failed[0]
        yield owner
    finally:
        owner.stop()
        thread.join()


def _await(owner: Owner, there: Any) -> None:
    started = time.monotonic()
    with owner.follower.changed:
        while not there():
            if owner.follower.error and time.monotonic() - started > _START_SECONDS:
                raise EngineUnavailable(state=owner.follower.state, error=owner.follower.error)
            owner.follower.changed.wait(1)
