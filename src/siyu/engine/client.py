"""Asking the engine: questions are Ibis expressions over the tables of one tenant."""

import hashlib
import io
import socket
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import ibis
import pyarrow as pa
from ibis.backends.sql.compilers.duckdb import compiler
from ibis.backends.sql.datatypes import DuckDBType

from siyu.engine import refusals, wire
from siyu.engine.refusals import EngineUnavailable, QuestionTooSlow, QuestionWrong
from siyu.engine.schema import Schema
from siyu.engine.watermark import Snapshot, Watermark
from siyu.infra.tx import Tx
from siyu.infra.wiring import ReplicaTable

STOPPED: dict[str, Any] = {"state": "stopped", "answering": False, "error": None, "watermark": None, "lag_seconds": None, "tables": {}}
_GRACE_SECONDS = 5.0
_VIEW, _VIEWS = "view_", 512
_views: dict[Hashable, ibis.Table] = {}
_texts: dict[str, str] = {}
_keeping = threading.Lock()


@dataclass(frozen=True)
class Answer:
    """`table` holds the rows (ids as text); `as_of` is the business instant of the state that they were computed from."""

    table: pa.Table
    watermark: Watermark
    ids: frozenset[str] = frozenset()

    @property
    def as_of(self) -> datetime:
        return self.watermark.as_of

    def rows(self) -> list[dict[str, Any]]:
        """The rows as dictionaries, ids as UUID."""
        rows: list[dict[str, Any]] = self.table.to_pylist()
        for name in self.ids:
            for row in rows:
                row[name] = UUID(row[name]) if row[name] is not None else None
        return rows


class Engine:
    """The engine of one home, seen from another process."""

    def __init__(self, home: Path, tables: Sequence[ReplicaTable]) -> None:
        self._address = wire.address(home)
        schema = Schema.of(tables)
        self._types = {
            table.name: ibis.schema({column: DuckDBType.from_string(kind) for column, kind in schema.columns(table).items()}) for table in schema.tables
        }

    def table(self, tx: Tx, name: str) -> ibis.Table:
        """The rows of the transaction's tenant in a replicated table."""
        rows = ibis.table(self._types[name], name=name)
        return rows.filter(rows.tenant_id == ibis.literal(tx.tenant_id, "uuid"))

    def ask(self, tx: Tx, question: ibis.Expr, *, timeout_seconds: float = 10, max_rows: int = 100_000) -> Answer:
        """Compute an expression over `table`s. Raises EngineUnavailable, QuestionTooSlow, QuestionTooLarge; QuestionWrong for a mistake of ours."""
        request = {"kind": "ask", "sql": sql(question), "tenant_id": str(tx.tenant_id), "timeout_seconds": timeout_seconds, "max_rows": max_rows}
        with self._calling(request, timeout_seconds) as connection:
            watermark = _watermark(_checked(wire.receive(connection)))
            answer = _Answering(connection)
            try:
                with pa.ipc.open_stream(io.BufferedReader(answer, 1 << 20)) as stream:
                    table = stream.read_all()
            except pa.ArrowInvalid:
                if answer.end is None:
                    raise
                table = None
            _checked(answer.finish())
            assert table is not None, "an answer without its stream ends with a refusal"
            return _typed(table, question.as_table().schema(), watermark)

    def wait_for(self, xid: int, *, timeout_seconds: float = 10) -> Watermark:
        """Wait until the replica has what transaction `xid` committed (see `xid`). Raises NotYetThere, EngineUnavailable."""
        return _watermark(self._call({"kind": "wait", "xid": xid, "timeout_seconds": timeout_seconds}, timeout_seconds))

    def rest(self, seconds: float) -> None:
        """Let the replica fall behind for so long, for the sake of one who writes very much; `wait_for` ends the rest early. Never raises EngineUnavailable."""
        with suppress(EngineUnavailable):
            self._call({"kind": "rest", "seconds": seconds}, 5)

    def status(self) -> dict[str, Any]:
        """How the engine does; `state` is `stopped` when nobody listens. Never raises for that."""
        try:
            return self._call({"kind": "status"}, 5)
        except EngineUnavailable:
            return dict(STOPPED)

    def rebuild(self, *, timeout_seconds: float = 3600) -> dict[str, Any]:
        """Have the replica made anew from PostgreSQL while the old one goes on answering; returns the status afterwards. Raises EngineUnavailable."""
        return self._call({"kind": "rebuild"}, timeout_seconds)

    def verify(self, *, block_rows: int, timeout_seconds: float = 3600) -> list[dict[str, Any]]:
        """Compare the replica with PostgreSQL, see `checksums.verify`. Raises EngineUnavailable."""
        blocks: list[dict[str, Any]] = self._call({"kind": "verify", "block_rows": block_rows}, timeout_seconds)["blocks"]
        return blocks

    def _call(self, request: Mapping[str, Any], timeout_seconds: float) -> dict[str, Any]:
        with self._calling(request, timeout_seconds) as connection:
            return _checked(wire.receive(connection))

    @contextmanager
    def _calling(self, request: Mapping[str, Any], timeout_seconds: float) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            try:
                connection.settimeout(timeout_seconds + _GRACE_SECONDS)
                connection.connect(str(self._address))
                wire.send(connection, dict(request))
                yield connection
            except TimeoutError:
                raise QuestionTooSlow(timeout_seconds=timeout_seconds) from None
            except (OSError, wire.Broken) as error:
                raise EngineUnavailable(state="stopped") from error


class _Answering(io.RawIOBase):
    """The Arrow stream of an answer as a file, up to the frame that ends it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._piece = memoryview(b"")
        self.end: dict[str, Any] | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not len(self._piece) and self.end is None:
            self._next()
        taken = min(len(self._piece), len(buffer))
        buffer[:taken] = self._piece[:taken]
        self._piece = self._piece[taken:]
        return taken

    def finish(self) -> dict[str, Any]:
        """The last frame."""
        while self.end is None:
            self._next()
        return self.end

    def _next(self) -> None:
        kind, payload = wire.frame(self._connection)
        if kind == b"J":
            self.end = wire.parse(payload)
        else:
            self._piece = memoryview(payload)


def sql(question: ibis.Expr) -> str:
    """The DuckDB text of an expression, with the views that it starts from."""
    question = question.as_table()
    text = _sql(question.op())
    names = {table.name for table in question.op().find(ibis.expr.operations.UnboundTable) if table.name.startswith(_VIEW)}
    if not names:
        return text
    views = ", ".join(f'"{name}" AS ({_texts[name]})' for name in sorted(names))
    return f"WITH {views}, {text.removeprefix('WITH ')}" if text.startswith("WITH ") else f"WITH {views} {text}"


def view(key: Hashable, build: Callable[[], ibis.Table]) -> ibis.Table:
    """A table that stands for what `build` makes, compiled once per key: compiling a long expression takes longer than most answers.

    The key names everything that the expression depends on, tenant and day among them.
    """
    known = _views.get(key)
    if known is None:
        expression = build()
        text = sql(expression)
        name = _VIEW + hashlib.sha256(text.encode()).hexdigest()[:16]
        known = ibis.table(expression.schema(), name=name)
        with _keeping:
            _texts[name] = text
            _views[key] = known
            while len(_views) > _VIEWS:
                gone = _views.pop(next(iter(_views)))
                if all(kept.get_name() != gone.get_name() for kept in _views.values()):
                    _texts.pop(gone.get_name(), None)
    return known


@lru_cache(maxsize=512)
def _sql(question: ibis.expr.operations.Relation) -> str:
    return str(compiler.to_sqlglot(question.to_expr()).sql(dialect="duckdb"))


def xid(tx: Tx) -> int:
    """The number of this transaction, for `wait_for` after its commit."""
    return int(tx.execute("select pg_current_xact_id()::text").scalar_one())


def _typed(table: pa.Table, schema: ibis.Schema, watermark: Watermark) -> Answer:
    """Whole numbers as the expression declares them: DuckDB adds them up in 128 bits."""
    for place, (name, kind) in enumerate(schema.items()):
        if kind.is_integer() and not pa.types.is_integer(table.schema.field(place).type):
            table = table.set_column(place, name, table.column(place).cast(pa.int64()))
    return Answer(table, watermark, frozenset(name for name, kind in schema.items() if kind.is_uuid()))


def _watermark(reply: Mapping[str, Any]) -> Watermark:
    mark = reply["watermark"]
    return Watermark(datetime.fromisoformat(mark["as_of"]), Snapshot.parse(mark["snapshot"]), mark["version"])


def _checked(reply: dict[str, Any]) -> dict[str, Any]:
    if "refused" in reply:
        raise getattr(refusals, reply["refused"])(**reply["params"])
    if "wrong" in reply:
        raise QuestionWrong(reply["wrong"])
    return reply
