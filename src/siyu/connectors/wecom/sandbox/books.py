"""The sandbox's own books: one SQLite file in its home, never the product's database."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

_LATER = (
    ("customer", "moments", "integer not null default 0"),
    ("customer", "dropped_out_at", "real"),
    ("app_message", "recalled_at", "real"),
    ("follow", "remark_company", "text not null default ''"),
    ("follow", "remark_mobiles", "text not null default '[]'"),
    ("follow", "own_tags", "text not null default '[]'"),
    ("reply", "answered_at", "real"),
    ("staff", "mobile", "text not null default ''"),
    ("staff", "left_at", "real"),
    ("tag_group", "agent_id", "integer"),
    ("tag", "agent_id", "integer"),
    ("tag_group", "strategy_id", "integer"),
    ("contact_way", "mark_source", "integer not null default 1"),
    ("contact_way", "temporary", "integer not null default 0"),
    ("contact_way", "over_at", "real"),
    ("contact_way", "chat_seconds", "integer"),
    ("contact_way", "unionid", "text not null default ''"),
    ("contact_way", "conclusions", "text not null default '{}'"),
    ("join_way", "mark_source", "integer not null default 1"),
)
"""Columns that books of an older sandbox lack."""


class Books:
    """One connection behind one lock. What `write` commits survives a kill of the process (WAL)."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(files(__package__).joinpath("schema.sql").read_text("utf-8"))
        for table, column, kind in _LATER:
            if column not in {row["name"] for row in self._connection.execute(f"pragma table_info({table})")}:
                self._connection.execute(f"alter table {table} add column {column} {kind}")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; nested ones join the outer."""
        with self._lock:
            if self._depth:
                yield self._connection
                return
            self._connection.execute("begin immediate")
            self._depth += 1
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            else:
                self._connection.execute("commit")
            finally:
                self._depth -= 1

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._connection

    def note(self, name: str) -> str | None:
        with self.read() as db:
            row = db.execute("select value from note where name = ?", (name,)).fetchone()
        return str(row["value"]) if row else None

    def set_note(self, name: str, value: str) -> None:
        with self.write() as db:
            db.execute("insert into note values (?, ?) on conflict (name) do update set value = excluded.value", (name, value))

    def serial(self, name: str) -> int:
        """The next number of a series, starting at 1; part of the running transaction."""
        with self.write() as db:
            row = db.execute(
                "insert into note values (?, '1') on conflict (name) do update set value = cast(value as integer) + 1 returning value", (f"serial.{name}",)
            ).fetchone()
        return int(row["value"])
