# ruff: noqa: S608 (names come from Schema, which checks them; snapshots are numbers)
"""PostgreSQL as the replica reads it: everything that one snapshot sees and another did not.

A row keeps the transaction that last wrote it. Comparing snapshots instead of numbers passes over nothing, however late a transaction commits, and gives the
replica exactly the state of one snapshot across all tables, even while a long transaction holds the horizon back.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from sqlalchemy.engine import make_url

from siyu.engine.schema import names
from siyu.engine.watermark import Cluster, Snapshot
from siyu.infra.wiring import ReplicaTable

SourceError = adbc.Error
_STATE = """
select pg_current_snapshot()::text, s.system_identifier, ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint,
    (select oid::bigint from pg_database where datname = current_database())
from pg_control_system() s
"""


@dataclass(frozen=True)
class Reading:
    """One read-only transaction. `snapshot` is what it sees."""

    connection: Any
    snapshot: Snapshot
    cluster: Cluster

    def changed(self, tables: Sequence[ReplicaTable], since: Snapshot) -> list[str]:
        """Names of the tables with rows that `since` did not see."""
        parts = [f"select '{table.name}' where exists (select from {table.name} where {_unseen(since)})" for table in tables]
        return [name for (name,) in self._fetch(" union all ".join(parts))]

    def rows(self, table: ReplicaTable, since: Snapshot | None = None) -> pa.RecordBatchReader:
        """Rows that `since` did not see in their present state; all rows without it. Decimals come as text with all their digits."""
        where = f" where {_unseen(since)}" if since else ""
        return self._stream(f"select {names(list(table.columns))} from {table.name}{where}")

    def tombstones(self, since: Snapshot) -> dict[str, list[str]]:
        """Keys, as JSON objects, of rows deleted since, by table."""
        gone: dict[str, list[str]] = {}
        for name, key in self._fetch(f"select table_name, key::text from replica_tombstones where {_unseen(since)}"):
            gone.setdefault(name, []).append(key)
        return gone

    def forgotten(self) -> int:
        """Tombstones of transactions below this are no longer kept: a replica older than that must be rebuilt."""
        return int(self._fetch("select forgotten_before::text::bigint from replica_memory")[0][0])

    def estimate(self, tables: Sequence[ReplicaTable]) -> int:
        """Roughly how many rows these tables hold, from the planner's statistics."""
        listed = ", ".join(f"'{table.name}'::regclass" for table in tables)
        tree = f"select c.oid from pg_class c where c.oid in ({listed}) union all select i.inhrelid from pg_inherits i where i.inhparent in ({listed})"
        return int(self._fetch(f"select coalesce(sum(greatest(reltuples, 0)), 0)::bigint from pg_class where relkind = 'r' and oid in ({tree})")[0][0])

    def checksums(self, statement: str) -> pa.Table:
        """The answer to a checksum question, see `checksums.py`."""
        return self._stream(statement).read_all()

    def share(self) -> str:
        """A name by which another connection takes on this snapshot while this transaction is open."""
        return str(self._fetch("select pg_export_snapshot()")[0][0])

    def _fetch(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def _stream(self, statement: str) -> pa.RecordBatchReader:
        cursor = self.connection.cursor()
        cursor.execute(statement)
        stream = cursor.fetch_record_batch()

        def batches() -> Iterator[pa.RecordBatch]:
            with cursor:  # an unreferenced cursor closes its stream
                yield from stream

        return pa.RecordBatchReader.from_batches(stream.schema, batches())


class Source:
    """A connection as the reader, opened when needed and again after a failure."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: Any = None

    @contextmanager
    def reading(self, snapshot_id: str | None = None) -> Iterator[Reading]:
        """A read-only transaction at one snapshot, that of `Reading.share` when given. Raises SourceError."""
        connection = self._connect()
        try:
            _run(connection, "begin isolation level repeatable read, read only")
            if snapshot_id:
                _run(connection, f"set transaction snapshot '{snapshot_id}'")
            with connection.cursor() as cursor:
                cursor.execute(_STATE)
                snapshot, system, timeline, database = cursor.fetchone()
            yield Reading(connection, Snapshot.parse(snapshot), Cluster(system, timeline, database))
            _run(connection, "commit")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            with suppress(adbc.Error):
                self._connection.close()
            self._connection = None

    def _connect(self) -> Any:
        if self._connection is None:
            connection = adbc.connect(self._url, autocommit=True)
            try:
                _run(connection, "set role siyu_reader")
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def _run(connection: Any, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _unseen(since: Snapshot) -> str:
    """The index finds the few rows at or after the horizon; the function knows exactly which of them are new."""
    return f"xid >= '{since.xmin}'::xid8 and not pg_visible_in_snapshot(xid, '{since}'::pg_snapshot)"
