"""The sandbox's books as text, to compare two towns byte by byte."""

import json
import re
import sqlite3
from contextlib import closing

from tests.connectors.wecom.conftest import Place

_MACHINES = {"token", "push_try"}
"""Tables about the machine's time alone, and so are columns that end in _machine."""
_OF_THE_TOWN = {"note": "where name not in ('control_key', 'speed')"}
_PORT = re.compile(r"(?<=127\.0\.0\.1:)\d+")


def books(place: Place) -> dict[str, str]:
    """Table → its rows, one JSON list a line, in the order of their columns; ports of this machine left out."""
    with closing(sqlite3.connect(place.sandbox.settings.home / "books.sqlite")) as db:
        found = {}
        for (table,) in db.execute("select name from sqlite_master where type = 'table' order by name").fetchall():
            columns = [row[1] for row in db.execute(f"pragma table_info({table})") if not row[1].endswith("_machine")]
            if table not in _MACHINES and columns:
                listed = ", ".join(columns)
                rows = db.execute(f"select {listed} from {table} {_OF_THE_TOWN.get(table, '')} order by {listed}").fetchall()
                found[table] = "".join(_PORT.sub("", json.dumps(row, ensure_ascii=False, default=bytes.decode)) + "\n" for row in rows)
    return found
