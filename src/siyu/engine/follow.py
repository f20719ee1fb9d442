"""Keeping the replica at the state of PostgreSQL."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
import structlog

from siyu.engine.replica import Replica, Shelf, Unusable
from siyu.engine.schema import Schema
from siyu.engine.source import Reading, Source, SourceError
from siyu.engine.watermark import Watermark
from siyu.infra.clock import Clock

log = structlog.get_logger()

State = Literal["waiting", "rebuilding", "following", "failing"]
TICK_SECONDS = 0.25
CHUNK_ROWS = 100_000
HELD_SECONDS = 60.0
_LONGEST_REST_SECONDS = 1.0
_LONGEST_BREAK_SECONDS = 60.0
"""A rest that was asked for is interrupted so often: what has come since must fit into one transaction of the replica."""
_LONGEST_PAUSE_SECONDS = 5.0


class OtherCluster(Exception):
    """PostgreSQL is not the one that the replica was made from, or has forgotten what was deleted since."""


class Follower:
    """The thread that alone writes the replica. Machine time throughout, but for the `as_of` that it notes from the business clock."""

    def __init__(self, folder: Path, schema: Schema, source: Source, clock: Clock, *, memory_mb: int, threads: int) -> None:
        self.schema = schema
        self.shelf = Shelf(folder)
        self.state: State = "waiting"
        self.error: str | None = None
        self.replica: Replica | None = None
        self.loaded_rows = 0
        self.expected_rows = 0
        self.changed = threading.Condition()
        self._source = source
        self._clock = clock
        self._memory_mb = memory_mb
        self._threads = threads
        self._wake = threading.Event()
        self._rests_until = 0.0
        self._rebuilds_wanted = 0
        self._rebuilds_done = 0
        self._looked_at = time.monotonic()
        self._horizon = (0, time.monotonic())
        self._alarmed = False
        self._damage: str | None = None
        self._visitors: list[Visit] = []

    # what others may ask, from any thread

    def wake(self) -> None:
        """Look now instead of at the next tick."""
        self._wake.set()

    def rest(self, seconds: float) -> None:
        """Look but once a minute for so long, unless somebody wants to be told of something newer; 0 ends a rest."""
        self._rests_until = time.monotonic() + seconds
        if not seconds:
            self.wake()

    def want_rebuild(self) -> int:
        """Ask for a new file; pass the number to `rebuilt`."""
        self._rebuilds_wanted += 1
        self.wake()
        return self._rebuilds_wanted

    def rebuilt(self, number: int) -> bool:
        """Whether the rebuild of this number is done."""
        return self._rebuilds_done >= number

    def suspect(self, reason: str) -> None:
        """The file proved damaged: give it up at once."""
        self._damage = reason
        self.wake()

    def lag_seconds(self) -> float:
        """Since when PostgreSQL was last looked at, successfully."""
        return time.monotonic() - self._looked_at

    def held_seconds(self) -> float:
        """How long the oldest running transaction has held back the horizon."""
        return time.monotonic() - self._horizon[1]

    def visit(self, visit: "Visit") -> None:
        """Let a verifier stand at the very snapshot of the replica."""
        self._visitors.append(visit)
        self.wake()

    # the thread

    def run(self, stop: threading.Event) -> None:
        """Open or rebuild the file, then follow until `stop`."""
        self.open()
        pause = 0.0
        while not stop.is_set():
            self._wait(pause)
            if stop.is_set():
                break
            started = time.monotonic()
            try:
                self.step()
                self._settle("following")
                pause = _rest(time.monotonic() - started)
            except OtherCluster as change:
                log.warning("replica.other_cluster", reason=str(change))
                self._drop()
                pause = 0.0
            except duckdb.FatalException as error:
                log.error("replica.damaged", error=str(error))
                self._drop()
                pause = 0.0
            except (SourceError, duckdb.Error, Unusable, OSError) as error:
                self._settle("failing" if self.replica else "waiting", str(error))
                pause = min(_LONGEST_PAUSE_SECONDS, max(pause, TICK_SECONDS) * 2)
        self.close()

    def _wait(self, seconds: float) -> None:
        """Wait so long, and on while a rest lasts, unless woken."""
        latest = time.monotonic() + _LONGEST_BREAK_SECONDS
        while not self._wake.wait(seconds) and (seconds := min(self._rests_until, latest) - time.monotonic()) > 0:
            pass
        self._wake.clear()

    def close(self) -> None:
        """Let go of the file and of PostgreSQL."""
        self._source.close()
        if self.replica:
            self.replica.close()

    def _settle(self, state: State, error: str | None = None) -> None:
        """Note how it goes; log when that changes."""
        if error and error != self.error:
            log.warning("replica.not_following", state=state, error=error)
        elif state == "following" != self.state:
            log.info("replica.following")
        with self.changed:
            self.state, self.error = state, error
            self.changed.notify_all()

    def open(self) -> None:
        """Take up the file where it was left, if it is whole and of these tables."""
        path = self.shelf.current()
        self.shelf.sweep()
        if path is None:
            return
        replica = None
        try:
            replica = self._file(path)
            replica.load()
            self.replica = replica
            log.info("replica.opened", as_of=str(replica.mark and replica.mark.as_of))
        except Unusable as error:
            log.warning("replica.unusable", error=str(error))
            if replica:
                replica.close()
            self.shelf.link.unlink(missing_ok=True)
            self.shelf.sweep()

    def _file(self, path: Path) -> Replica:
        return Replica(path, self.schema, memory_mb=self._memory_mb, threads=self._threads)

    def _drop(self) -> None:
        """Stop answering from a file that can no longer be right."""
        replica, self.replica = self.replica, None
        self.shelf.link.unlink(missing_ok=True)
        if replica:
            replica.retire()

    def step(self) -> None:
        """Come up to PostgreSQL once. Raises SourceError, OtherCluster, duckdb.Error."""
        damage, self._damage = self._damage, None
        if self.replica and damage:
            log.error("replica.damaged", error=damage)
            self._drop()
        if self.replica and not self.replica.intact():
            log.warning("replica.gone", path=str(self.replica.path))
            self._drop()
        wanted = self._rebuilds_wanted
        if self.replica is None or wanted > self._rebuilds_done:
            self._rebuild()
            self._rebuilds_done = wanted
        else:
            self._tick(self.replica)

    def _tick(self, replica: Replica) -> None:
        """Take over what was committed since the watermark: all tables and the watermark in one transaction."""
        assert replica.mark is not None and replica.cluster is not None
        before = replica.mark
        as_of = self._clock()  # before the snapshot: everything up to this instant that was committed is in it
        with self._source.reading() as reading:
            if reading.cluster != replica.cluster:
                raise OtherCluster(f"{replica.cluster} became {reading.cluster}")
            if reading.snapshot != before.snapshot:
                if reading.forgotten() > before.snapshot.xmin:
                    raise OtherCluster("deletions since the watermark are forgotten")
                changed = self._apply(replica, reading, Watermark(as_of, reading.snapshot, before.version + 1))
            else:
                changed = False
            if not changed:
                replica.advance(Watermark(as_of, reading.snapshot, before.version), reading.cluster)
            self._receive(replica, reading)
        self._looked_at = time.monotonic()
        self._watch_horizon(reading)

    def _apply(self, replica: Replica, reading: Reading, after: Watermark) -> bool:
        assert replica.mark is not None
        since = replica.mark.snapshot
        changed = reading.changed(self.schema.tables, since)
        gone = reading.tombstones(since)
        if not changed and not gone:
            return False
        with replica.change() as change:
            for table in self.schema.tables:
                if table.name in gone:
                    change.bury(table, gone[table.name])
                if table.name in changed:
                    for chunk in chunks(reading.rows(table, since)):
                        change.put(table, chunk)
            change.settle()
            change.mark(after, reading.cluster)
        replica.advance(after, reading.cluster)
        return True

    def _rebuild(self) -> None:
        """Make a new file from one snapshot beside the old one, which answers until the new one is whole."""
        started = time.monotonic()
        self.loaded_rows = 0
        self._settle("rebuilding")
        path = self.shelf.fresh()
        fresh = self._file(path)
        try:
            fresh.create()
            as_of = self._clock()
            with self._source.reading() as reading:
                self.expected_rows = reading.estimate(self.schema.tables)
                for table in self.schema.tables:
                    with fresh.change() as change:
                        change.fill(table, self._counted(reading.rows(table)))
                version = self.replica.mark.version + 1 if self.replica and self.replica.mark else 1
                mark = Watermark(as_of, reading.snapshot, version)
                with fresh.change() as change:
                    change.mark(mark, reading.cluster)
            fresh.checkpoint()
            fresh.advance(mark, reading.cluster)
        except BaseException:
            fresh.retire()
            raise
        self.shelf.publish(path)
        old, self.replica = self.replica, fresh
        if old:
            old.retire()
        self._looked_at = time.monotonic()
        log.info("replica.rebuilt", rows=self.loaded_rows, seconds=round(time.monotonic() - started, 2))

    def _counted(self, rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
        def batches() -> Iterator[pa.RecordBatch]:
            for batch in rows:
                self.loaded_rows += batch.num_rows
                yield batch

        return pa.RecordBatchReader.from_batches(rows.schema, batches())

    def _watch_horizon(self, reading: Reading) -> None:
        xmin = reading.snapshot.xmin
        if xmin != self._horizon[0] or xmin == reading.snapshot.xmax:
            self._horizon = (xmin, time.monotonic())
            self._alarmed = False
        elif not self._alarmed and self.held_seconds() > HELD_SECONDS:
            self._alarmed = True
            log.error("replica.horizon_held", xid=xmin, seconds=round(self.held_seconds()))

    def _receive(self, replica: Replica, reading: Reading) -> None:
        while self._visitors:
            self._visitors.pop(0).meet(replica, reading)


class Visit:
    """A meeting of the follower and a verifier: both sides of the comparison at one snapshot."""

    def __init__(self) -> None:
        self.snapshot_id = ""
        self.replica: Replica | None = None
        self.cursor: duckdb.DuckDBPyConnection | None = None
        self._ready = threading.Event()
        self._taken = threading.Event()

    def meet(self, replica: Replica, reading: Reading) -> None:
        """Called by the follower within its transaction; returns when the verifier has taken on the snapshot, or takes too long."""
        self.replica = replica
        self.cursor = replica.cursor()
        self.cursor.execute("begin transaction read only")
        self.cursor.execute("select * from meta.watermark").fetchall()
        self.snapshot_id = reading.share()
        self._ready.set()
        self._taken.wait(10)

    def wait(self, seconds: float) -> bool:
        """Called by the verifier; False when the follower did not come."""
        return self._ready.wait(seconds)

    def taken(self) -> None:
        """The verifier stands at the snapshot."""
        self._taken.set()


def _rest(took: float) -> float:
    """How long to wait after a look at PostgreSQL: to the next tick, but twice what it took while much changes, so that following leaves cores to others."""
    return max(TICK_SECONDS - took, min(2 * took, _LONGEST_REST_SECONDS))


def chunks(rows: pa.RecordBatchReader, size: int = CHUNK_ROWS) -> Iterator[pa.Table]:
    """Tables of about `size` rows, so that catching up takes bounded memory."""
    batches: list[pa.RecordBatch] = []
    held = 0
    for batch in rows:
        for start in range(0, batch.num_rows, size):
            batches.append(batch.slice(start, size))
            held += batches[-1].num_rows
            if held >= size:
                yield pa.Table.from_batches(batches, rows.schema)
                batches, held = [], 0
    if batches:
        yield pa.Table.from_batches(batches, rows.schema)
