"""Asking the replica only when it has everything that the transaction itself can see: a list to act on must not miss what was just written."""

from ibis.expr import types as ir

from siyu import engine
from siyu.infra.tx import Tx

PATIENCE_SECONDS = 5.0
_ROUNDS = 5


def ask(tx: Tx, question: ir.Table, *, max_rows: int, timeout_seconds: float) -> engine.Answer:
    """An answer from a state at least as new as this transaction's. Raises engine.NotYetThere when the replica lags, and what `engine.ask` raises."""
    seen = _seen(tx)
    for _ in range(_ROUNDS):
        answer = engine.ask(tx, question, max_rows=max_rows, timeout_seconds=timeout_seconds)
        missing = _missing(answer.watermark.snapshot, seen)
        if missing is None:
            return answer
        engine.wait_for(missing, timeout_seconds=PATIENCE_SECONDS)
    raise engine.NotYetThere(timeout_seconds=PATIENCE_SECONDS)


def _seen(tx: Tx) -> engine.Snapshot:
    """What this transaction sees of others."""
    row = tx.execute("select pg_current_snapshot()::text as snapshot, pg_current_xact_id_if_assigned()::text::bigint as own").one()
    snapshot = engine.Snapshot.parse(row.snapshot)
    return engine.Snapshot(snapshot.xmin, snapshot.xmax, snapshot.running | ({row.own} if row.own is not None else set()))


def _missing(there: engine.Snapshot, seen: engine.Snapshot) -> int | None:
    """The latest transaction that `seen` sees and `there` does not; None when there is none."""
    beyond = range(seen.xmax - 1, there.xmax - 1, -1)
    return next((xid for xid in beyond if seen.sees(xid)), None) or max((xid for xid in there.running if seen.sees(xid)), default=None)
