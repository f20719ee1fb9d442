# ruff: noqa: S608 (names come from Schema, which checks them; snapshots are numbers)
"""The DuckDB file: tables as PostgreSQL has them, and the watermark that says of when.

Raw tables lie in schema `data`. Questions see the views of `main`, which show the rows of one tenant and none before a tenant is set: the second lock.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import duckdb
import pyarrow as pa

from siyu.engine.schema import IDENTITIES, PERSON, Schema, names
from siyu.engine.watermark import Cluster, Snapshot, Watermark
from siyu.infra.wiring import ReplicaTable

_META = """
create schema data;
create schema meta;
create table meta.watermark (
    as_of timestamptz not null, snapshot varchar not null, version bigint not null,
    system_identifier bigint not null, timeline bigint not null, database bigint not null, signature varchar not null
);
create table meta.counts (name varchar not null, rows bigint not null)
"""


class Unusable(Exception):
    """The file is damaged, half-made, or of another layout: it must be made anew."""


@dataclass(frozen=True)
class Change:
    """One transaction on the replica. A row put twice is there once."""

    cursor: duckdb.DuckDBPyConnection
    schema: Schema

    def bury(self, table: ReplicaTable, keys: Sequence[str]) -> None:
        """Take out the rows of these keys (JSON objects)."""
        columns = ", ".join(f"cast(key ->> '{column}' as {table.columns[column]}) as \"{column}\"" for column in table.key)
        with self._incoming(pa.table({"key": pa.array(keys, pa.string())})):
            self.cursor.execute(f"create or replace temp table gone as select {columns} from (select cast(key as json) as key from incoming)")
        if table.name == IDENTITIES:
            self.cursor.execute("insert into moved select tenant_id, id, false from gone")
        self._delete(table, "gone")

    def put(self, table: ReplicaTable, rows: pa.Table) -> None:
        """Write rows over those of the same key."""
        with self._incoming(rows):
            if table.name == IDENTITIES and PERSON in table.columns:
                self.cursor.execute(_MOVED)
            self._delete(table, "incoming")
            self._insert(table)

    def fill(self, table: ReplicaTable, rows: pa.RecordBatchReader) -> None:
        """Write rows into an empty table as they stream in."""
        with self._incoming(rows):
            self._insert(table)

    def settle(self) -> None:
        """Bring the resolved person of older rows in line with identities that moved in this transaction."""
        fresh, joined = self._one("select count(*) filter (fresh), count(*) filter (not fresh) from moved")
        for table in self.schema.tables:
            if not self.schema.resolves(table):
                continue
            for there, condition in ((fresh, f"t.{PERSON} is null and m.fresh"), (joined, "not m.fresh")):
                if there:  # most identities are new: rows without a person are found by their statistics, the whole column is read only for merges
                    self.cursor.execute(
                        f"""
                        update data."{table.name}" as t set {PERSON} = m.{PERSON} from ({_SETTLED}) m
                        where t.tenant_id = m.tenant_id and t.identity_id = m.id and t.{PERSON} is distinct from m.{PERSON} and {condition}
                        """
                    )
        self.cursor.execute("delete from moved")

    def mark(self, watermark: Watermark, cluster: Cluster) -> None:
        """Say of when the rows now are."""
        self.cursor.execute("delete from meta.watermark")
        self.cursor.execute(
            "insert into meta.watermark values (?, ?, ?, ?, ?, ?, ?)",
            [
                watermark.as_of,
                str(watermark.snapshot),
                watermark.version,
                cluster.system_identifier,
                cluster.timeline,
                cluster.database,
                self.schema.signature,
            ],
        )

    def _delete(self, table: ReplicaTable, source: str) -> None:
        same = " and ".join(f't."{column}" = s."{column}"' for column in table.key)
        gone = self._one(f'delete from data."{table.name}" as t using {source} as s where {same}')[0]
        self._count(table, -gone)

    def _insert(self, table: ReplicaTable) -> None:
        casts = ", ".join(_cast(table, column) for column in table.columns)
        person, join = "", ""
        if self.schema.resolves(table):
            person, join = f", i.{PERSON}", "left join data.identities i on i.tenant_id = s.tenant_id and i.id = s.identity_id"
        columns = names(list(self.schema.columns(table)))
        new = self._one(f'insert into data."{table.name}" ({columns}) select {casts}{person} from incoming s {join}')[0]
        self._count(table, new)

    def _count(self, table: ReplicaTable, more: int) -> None:
        if more:
            self.cursor.execute("update meta.counts set rows = rows + ? where name = ?", [more, table.name])

    def _one(self, statement: str) -> tuple[int, ...]:
        row = self.cursor.execute(statement).fetchone()
        assert row is not None
        return row

    @contextmanager
    def _incoming(self, rows: pa.Table | pa.RecordBatchReader) -> Iterator[None]:
        self.cursor.register("incoming", rows)
        yield
        self.cursor.unregister("incoming")  # not in an aborted transaction: there the next registration replaces it


_MOVED = f"""
insert into moved
select n.tenant_id, n.id, o.{PERSON} is null
from incoming n
left join data.identities o on o.tenant_id = n.tenant_id and o.id = n.id
where n.{PERSON} is distinct from o.{PERSON}
"""
_SETTLED = f"""
select s.tenant_id, s.id, s.fresh, i.{PERSON}
from (select tenant_id, id, bool_and(fresh) as fresh from moved group by tenant_id, id) s
left join data.identities i on i.tenant_id = s.tenant_id and i.id = s.id
"""


def _cast(table: ReplicaTable, column: str) -> str:
    """A value of PostgreSQL in the replica's type. Decimals come as text; one with more digits than the type holds stops the follower, it is not rounded."""
    value, kind = f's."{column}"', table.columns[column]
    cast = f"cast({value} as {kind})"
    if not kind.startswith("DECIMAL"):
        return cast
    scale = kind.rstrip(")").split(",")[1]
    beyond = f"substr({value}, instr({value}, '.') + {scale} + 1)"
    digits = f"coalesce(length({value}) - nullif(instr({value}, '.'), 0), 0)"
    return f"""
        case when {digits} > {scale} and trim({beyond}, '0') <> ''
        then error('{table.name}.{column} holds more digits than {kind}: ' || {value}) else {cast} end
    """


class Replica:
    """One open file. Only one process may have it open."""

    def __init__(self, path: Path, schema: Schema, *, memory_mb: int, threads: int) -> None:
        """Open an existing file, or one yet to be created. Raises Unusable."""
        self.path = path
        self.schema = schema
        try:
            self._root = duckdb.connect(
                str(path),
                config={
                    "memory_limit": f"{memory_mb}MiB",
                    "threads": threads,
                    "temp_directory": str(path.parent / "spill"),
                    "max_temp_directory_size": f"{memory_mb * 8}MiB",
                    "preserve_insertion_order": False,
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "python_enable_replacements": False,
                },
            )
            self._inode = path.stat().st_ino
            self._writer = self.cursor()
            self._writer.execute("create temp table moved (tenant_id uuid, id uuid, fresh boolean)")
        except duckdb.Error as error:
            raise Unusable(str(error)) from error
        self._users = 0
        self._retired = False
        self._lock = threading.Lock()
        self.mark: Watermark | None = None
        self.cluster: Cluster | None = None

    def load(self) -> None:
        """Read the watermark of a finished file. Raises Unusable when it has none or is of other tables."""
        try:
            row = self._writer.execute("select system_identifier, timeline, database, signature from meta.watermark").fetchone()
        except duckdb.Error as error:
            raise Unusable(str(error)) from error
        if row is None or row[3] != self.schema.signature:
            raise Unusable("unfinished" if row is None else "of other tables")
        self.mark = self.noted(self._writer)
        self.cluster = Cluster(row[0], row[1], row[2])

    def create(self) -> None:
        """Make the empty tables. The file counts as unfinished until its first watermark."""
        self._writer.execute(_META)
        for table in self.schema.tables:
            columns = self.schema.columns(table)
            declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            self._writer.execute(f'create table data."{table.name}" ({declared})')
            self._writer.execute("insert into meta.counts values (?, 0)", [table.name])
            self._writer.execute(
                f'create view main."{table.name}" as select {names(list(columns))} from data."{table.name}" '
                "where tenant_id = cast(getvariable('tenant_id') as uuid)"
            )

    @contextmanager
    def change(self) -> Iterator[Change]:
        """A transaction on the replica, for the follower alone."""
        self._writer.execute("begin")
        try:
            yield Change(self._writer, self.schema)
            self._writer.execute("commit")
        except BaseException:
            self._writer.execute("rollback")
            raise

    def advance(self, watermark: Watermark, cluster: Cluster) -> None:
        """Note a watermark that is already in the file, or one that found nothing to change."""
        self.mark = watermark
        self.cluster = cluster

    def seen_by(self, cursor: duckdb.DuckDBPyConnection) -> Watermark:
        """The watermark of the state that an open transaction of `cursor` sees."""
        noted, latest = self.noted(cursor), self.mark
        return latest if latest is not None and latest.version == noted.version else noted  # nothing changed since, but the follower looked

    def noted(self, cursor: duckdb.DuckDBPyConnection) -> Watermark:
        """The watermark in the file, as an open transaction of `cursor` sees it."""
        row = cursor.execute("select as_of, snapshot, version from meta.watermark").fetchone()
        assert row is not None
        return Watermark(row[0].astimezone(UTC), Snapshot.parse(row[1]), row[2])

    def counts(self) -> dict[str, int]:
        """Rows by table."""
        with self.reading() as cursor:
            return dict(cursor.execute("select name, rows from meta.counts order by name").fetchall())

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own, for one question at a time."""
        cursor = self._root.cursor()
        cursor.execute("set timezone = 'UTC'")
        return cursor

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only transaction in a connection of its own."""
        cursor = self.cursor()
        try:
            cursor.execute("begin transaction read only")
            yield cursor
        finally:
            cursor.close()

    def intact(self) -> bool:
        """Whether the file is still where it was opened."""
        try:
            return self.path.stat().st_ino == self._inode
        except FileNotFoundError:
            return False

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file."""
        self._writer.execute("checkpoint")

    @contextmanager
    def used(self) -> Iterator["Replica"]:
        """Keeps the file open while a question runs, also when another takes its place."""
        with self._lock:
            self._users += 1
        try:
            yield self
        finally:
            with self._lock:
                self._users -= 1
                last = self._retired and self._users == 0
            if last:
                self._discard()

    def retire(self) -> None:
        """Close and delete the file as soon as nobody uses it."""
        with self._lock:
            self._retired = True
            last = self._users == 0
        if last:
            self._discard()

    def close(self) -> None:
        """Close the file; one that a question will not let go of is left to the end of the process, which harms nothing."""
        self._writer.close()
        with suppress(duckdb.ResourceInUseException):
            self._root.close()

    def _discard(self) -> None:
        self.close()
        for path in (self.path, self.path.with_name(self.path.name + ".wal")):
            path.unlink(missing_ok=True)


class Shelf:
    """The folder of replica files: each has a name of its own, `siyu.duckdb` is a link to the one in use, replaced in one step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.link = folder / "siyu.duckdb"
        self._last = 0
        folder.mkdir(parents=True, exist_ok=True)

    def current(self) -> Path | None:
        """The file in use."""
        path = self.link.resolve()
        if not self.link.is_symlink() or not path.exists():
            return None
        self._last = max(self._last, int(path.stem.removeprefix("siyu-")))
        return path

    def fresh(self) -> Path:
        """A name for a new file, never one that this process gave before: a replaced file is deleted late."""
        taken = [int(path.stem.removeprefix("siyu-")) for path in self.folder.glob("siyu-*.duckdb")]
        self._last = max([self._last, *taken]) + 1
        return self.folder / f"siyu-{self._last:06d}.duckdb"

    def publish(self, path: Path) -> None:
        """Make a finished file the one in use."""
        link = self.link.with_suffix(".link")
        link.unlink(missing_ok=True)
        link.symlink_to(path.name)
        link.replace(self.link)

    def sweep(self) -> None:
        """Delete what no link names: half-made and replaced files."""
        keep = self.current()
        for path in self.folder.glob("siyu-*.duckdb*"):
            if keep is None or not path.name.startswith(keep.name):
                path.unlink(missing_ok=True)
