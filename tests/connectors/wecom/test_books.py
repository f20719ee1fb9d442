"""The sandbox's books outlive its versions."""

import sqlite3
from pathlib import Path

from siyu.connectors.wecom.sandbox.books import Books

LATER = {
    "customer": {"moments", "dropped_out_at"},
    "reply": {"answered_at"},
    "staff": {"mobile", "left_at"},
    "contact_way": {"temporary", "over_at"},
    "join_way": {"mark_source"},
}


def columns(path: Path, table: str) -> set[str]:
    with sqlite3.connect(path) as db:
        found = {row[1] for row in db.execute(f"pragma table_info({table})")}
    db.close()
    return found


def test_books_of_an_older_sandbox_get_the_columns_they_lack(tmp_path: Path) -> None:
    path = tmp_path / "books.sqlite"
    Books(path).close()
    with sqlite3.connect(path) as db:
        for table, names in LATER.items():
            for name in names:
                db.execute(f"alter table {table} drop column {name}")
    db.close()
    Books(path).close()
    assert all(names <= columns(path, table) for table, names in LATER.items())
