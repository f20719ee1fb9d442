"""The process that owns the replica: it follows PostgreSQL and answers questions over a local socket.

Each question runs in a connection of its own, in one read-only transaction together with the watermark that its answer bears.
"""

import fcntl
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, Literal
from uuid import UUID

import duckdb
import pyarrow as pa
import structlog

from siyu.engine import wire
from siyu.engine.checksums import verify
from siyu.engine.follow import Follower
from siyu.engine.refusals import AlreadyOwned, Cancelled, EngineUnavailable, NotYetThere, QuestionTooLarge, QuestionTooSlow, QuestionWrong
from siyu.engine.replica import Replica
from siyu.engine.schema import Schema
from siyu.engine.source import Source
from siyu.engine.watermark import Watermark
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.wiring import ReplicaTable
from siyu.kernel.errors import Refusal

log = structlog.get_logger()

AT_ONCE = 4
_BATCH_ROWS = 65_536
_FORGET_SECONDS = 600.0
_STALL_SECONDS = 30.0
_LAST_SECONDS = 2.0
_DAMAGE = ("Corrupt", "database has been invalidated", "INTERNAL Error", "FATAL Error")


class BrokenOff(Exception):
    """The engine stopped in the middle of an answer."""


class Guard:
    """Interrupts a running question when its time is over, its asker hangs up, or the engine stops."""

    def __init__(self, connection: socket.socket, cursor: duckdb.DuckDBPyConnection, deadline: float) -> None:
        self.reason: Literal["too_slow", "cancelled"] | None = None
        self._connection = connection
        self._cursor = cursor
        self._deadline = deadline
        self._end, self._begin = os.pipe()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)

    def __enter__(self) -> "Guard":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        os.close(self._begin)
        self._thread.join()
        os.close(self._end)

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._connection.fileno(), select.POLLIN | select.POLLHUP)
        poll.register(self._end, select.POLLIN | select.POLLHUP)
        ready = [number for number, _ in poll.poll(max(0.0, self._deadline - time.monotonic()) * 1000)]
        if self._end in ready:
            return
        self.reason = "cancelled" if ready else "too_slow"
        while not self._over.wait(0.02):  # an interrupt before the first step of a question is lost
            self._cursor.interrupt()


class Owner:
    """One engine over one home. `run` blocks; everything else happens in its threads."""

    def __init__(self, settings: Settings, database: Database, tables: Sequence[ReplicaTable]) -> None:
        self._folder = settings.home / "replica"
        self._address = wire.address(settings.home)
        self._url = database.url
        self._database = database
        self._stop = threading.Event()
        self._asking = threading.Semaphore(AT_ONCE)
        self._connections: set[socket.socket] = set()
        self.follower = Follower(
            self._folder, Schema.of(tables), Source(database.url), database.clock, memory_mb=settings.engine_memory_mb, threads=settings.engine_threads
        )

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Own the replica until `stop`. Raises AlreadyOwned."""
        with owning(self._folder):
            listener = wire.listen(self._address)
            following = threading.Thread(target=self.follower.run, args=(self._stop,), name="follower")
            forgetting = threading.Thread(target=self._forget, name="forgetting")
            accepting = threading.Thread(target=self._accept, args=(listener,), name="accept", daemon=True)
            for thread in (following, forgetting, accepting):
                thread.start()
            log.info("engine.listening", socket=str(self._address), pid=os.getpid())
            ready()
            self._stop.wait()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            accepting.join()
            self._address.unlink(missing_ok=True)
            for connection in list(self._connections):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for _ in range(AT_ONCE):  # questions end because their connections did
                self._asking.acquire(timeout=_LAST_SECONDS)
            self.follower.wake()
            following.join()
            forgetting.join()
            log.info("engine.stopped")

    def serve(self) -> None:
        """Own the replica until SIGTERM or SIGINT. Raises AlreadyOwned."""

        def stop(number: int, at: FrameType | None) -> None:
            self.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        self.run()

    def stop(self) -> None:
        """End `run`; safe from a signal handler."""
        self._stop.set()

    def _accept(self, listener: socket.socket) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="question", daemon=True).start()

    def _forget(self) -> None:
        """Let PostgreSQL drop the tombstones that are in the file for good."""
        while not self._stop.wait(_FORGET_SECONDS):
            replica = self.follower.replica
            if replica is None:
                continue
            try:
                with replica.used(), replica.reading() as cursor:
                    before = replica.noted(cursor).snapshot.xmin
                with self._database.lookup() as connection:
                    connection.exec_driver_sql(f"select siyu_forget_tombstones('{before}'::xid8)")
            except Exception as error:  # the next round tries again
                log.warning("engine.not_forgotten", error=str(error))

    def _serve(self, connection: socket.socket) -> None:
        self._connections.add(connection)
        try:
            with connection, suppress(wire.Broken, OSError):
                connection.settimeout(_STALL_SECONDS)  # a client that neither reads nor hangs up
                request = wire.receive(connection)
                try:
                    reply = self._answer(connection, request)
                except Refusal as refusal:
                    reply = {"refused": type(refusal).__name__, "params": refusal.params}
                except OSError:
                    raise
                except Exception as error:
                    if not isinstance(error, QuestionWrong):
                        log.exception("engine.failed", kind=request.get("kind"))
                    reply = {"wrong": f"{type(error).__name__}: {error}"}
                wire.send(connection, reply)
        finally:
            self._connections.discard(connection)

    def _answer(self, connection: socket.socket, request: Mapping[str, Any]) -> dict[str, Any]:
        match request["kind"]:
            case "ask":
                return self._ask(connection, request)
            case "wait":
                return self._wait(int(request["xid"]), float(request["timeout_seconds"]))
            case "rest":
                self.follower.rest(float(request["seconds"]))
                return {}
            case "status":
                return self.status()
            case "rebuild":
                return self._rebuild()
            case "verify":
                return self._verify(int(request["block_rows"]))
            case other:
                raise QuestionWrong(f"no such request: {other}")

    def _replica(self) -> Replica:
        replica = self.follower.replica
        if replica is None:
            raise EngineUnavailable(state=self.follower.state, done=self.follower.loaded_rows, total=self.follower.expected_rows)
        return replica

    def _ask(self, connection: socket.socket, request: Mapping[str, Any]) -> dict[str, Any]:
        seconds = float(request["timeout_seconds"])
        deadline = time.monotonic() + seconds
        if not self._asking.acquire(timeout=seconds):
            raise QuestionTooSlow(timeout_seconds=seconds)
        try:
            with self._replica().used() as replica, replica.reading() as cursor, Guard(connection, cursor, deadline) as guard:
                try:
                    return self._stream(connection, request, replica, cursor)
                except (duckdb.Error, BrokenOff) as error:
                    match guard.reason:
                        case "too_slow":
                            raise QuestionTooSlow(timeout_seconds=seconds) from None
                        case "cancelled":
                            raise Cancelled() from None
                        case None:
                            raise self._meaning(error) from error
        finally:
            self._asking.release()

    def _stream(self, connection: socket.socket, request: Mapping[str, Any], replica: Replica, cursor: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        watermark = replica.seen_by(cursor)
        statements = cursor.extract_statements(request["sql"])
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QuestionWrong("a question is one select")
        cursor.execute(f"set variable tenant_id = '{UUID(request['tenant_id'])}'")
        reader = cursor.sql(request["sql"]).to_arrow_reader(_BATCH_ROWS)
        wire.send(connection, {"watermark": _plain(watermark)})
        rows, most = 0, int(request["max_rows"])
        with pa.ipc.new_stream(wire.Pieces(connection), reader.schema) as out:
            for batch in _batches(reader):
                rows += batch.num_rows
                if rows > most:
                    raise QuestionTooLarge(limit="rows", max_rows=most)
                out.write_batch(batch)
        return {"rows": rows}

    def _meaning(self, error: Exception) -> Exception:
        """What a failed question tells its asker; a damaged file is given up."""
        text = str(error)
        if isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory Error" in text:
            return QuestionTooLarge(limit="memory")
        if isinstance(error, duckdb.FatalException | duckdb.InternalException) or any(word in text for word in _DAMAGE):
            self.follower.suspect(text)
            return EngineUnavailable(state="rebuilding")
        return QuestionWrong(text)

    def _wait(self, xid: int, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        self.follower.wake()
        with self.follower.changed:
            while True:
                replica = self._replica()
                if replica.mark is not None and replica.mark.snapshot.sees(xid):
                    return {"watermark": _plain(replica.mark)}
                left = deadline - time.monotonic()
                if left <= 0 or self._stop.is_set():
                    raise NotYetThere(xid=xid, timeout_seconds=seconds)
                self.follower.changed.wait(left)

    def _rebuild(self) -> dict[str, Any]:
        number = self.follower.want_rebuild()
        with self.follower.changed:
            while not self.follower.rebuilt(number) and not self._stop.is_set():
                self.follower.changed.wait(1)
        if not self.follower.rebuilt(number):
            raise EngineUnavailable(state="stopped")
        return self.status()

    def _verify(self, block_rows: int) -> dict[str, Any]:
        self._replica()
        return {"blocks": [vars(block) for block in verify(self.follower, Source(self._url), block_rows)]}

    def status(self) -> dict[str, Any]:
        """What operators see."""
        follower, replica = self.follower, self.follower.replica
        counts: dict[str, int] = {}
        if replica:
            with suppress(duckdb.Error), replica.used():
                counts = replica.counts()
        return {
            "state": follower.state,
            "answering": replica is not None,
            "error": follower.error,
            "watermark": _plain(replica.mark) if replica and replica.mark else None,
            "lag_seconds": round(follower.lag_seconds(), 3),
            "horizon_held_seconds": round(follower.held_seconds(), 3),
            "loaded_rows": follower.loaded_rows,
            "expected_rows": follower.expected_rows,
            "tables": counts,
            "pid": os.getpid(),
        }


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches of an answer; the engine's errors come through Arrow as plain ones and are told from the socket's here. Raises BrokenOff."""
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except (OSError, pa.ArrowException) as error:
            raise BrokenOff(str(error)) from error
        yield batch


def _plain(watermark: Watermark) -> dict[str, Any]:
    return {"as_of": watermark.as_of.isoformat(), "snapshot": str(watermark.snapshot), "version": watermark.version}


@contextmanager
def owning(folder: Path) -> Iterator[None]:
    """Be the only process on this replica, for as long as this lives. Raises AlreadyOwned."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyOwned(folder=str(folder)) from None
        yield
