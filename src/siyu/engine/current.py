"""The engine that this process asks."""

from collections.abc import Sequence
from typing import Any

import ibis

from siyu.engine.client import STOPPED, Answer, Engine
from siyu.engine.refusals import EngineUnavailable
from siyu.engine.watermark import Snapshot, Watermark
from siyu.infra.settings import Settings
from siyu.infra.tx import Tx
from siyu.infra.wiring import ReplicaTable

_engine: Engine | None = None


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


def rest(seconds: float) -> None:
    """Let the replica fall behind for so long, for the sake of one who writes very much; 0 ends that. Does nothing where no engine runs."""
    if _engine:
        _engine.rest(seconds)


def caught_up(tx: Tx) -> bool:
    """Whether answers include everything that this transaction sees."""
    mark = current().status()["watermark"]
    seen = Snapshot.parse(tx.execute("select pg_current_snapshot()::text").scalar_one())
    return mark is not None and Snapshot.parse(mark["snapshot"]).covers(seen)


def status() -> dict[str, Any]:
    """`state` (stopped, waiting, rebuilding, following, failing), `answering`, `watermark`, `lag_seconds`, rows by table; never raises."""
    return _engine.status() if _engine else dict(STOPPED)
