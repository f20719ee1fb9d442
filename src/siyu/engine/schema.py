"""The tables of the replica: what they hold, and how their rows are asked of PostgreSQL."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot.errors import ParseError
from sqlglot.expressions import DataType

from siyu.infra.wiring import ReplicaTable

EVENTS = ReplicaTable(
    "events",
    columns={
        "tenant_id": "UUID",
        "id": "UUID",
        "identity_id": "UUID",
        "name": "VARCHAR",
        "occurred_at": "TIMESTAMPTZ",
        "recorded_at": "TIMESTAMPTZ",
        "actor": "VARCHAR",
        "source": "VARCHAR",
        "key": "VARCHAR",
        "props": "JSON",
        "schema_version": "INTEGER",
    },
    key=("tenant_id", "occurred_at", "id"),
)
IDENTITIES = "identities"
PERSON = "customer_id"
LAYOUT = 1
"""Raised when the replica's own layout changes: files of another layout are rebuilt."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class BadTable(Exception):
    """A capability lends a table that the replica cannot hold."""


@dataclass(frozen=True)
class Schema:
    """All tables of one replica, `events` among them, identities first: others are resolved against them."""

    tables: tuple[ReplicaTable, ...]

    @classmethod
    def of(cls, lent: Sequence[ReplicaTable]) -> "Schema":
        """The lent tables and the event log. Raises BadTable."""
        tables = [_checked(table) for table in (*lent, *(() if any(table.name == EVENTS.name for table in lent) else (EVENTS,)))]
        names = [table.name for table in tables]
        if len(set(names)) < len(names):
            raise BadTable(f"lent twice: {sorted(name for name in set(names) if names.count(name) > 1)}")
        return cls(tuple(sorted(tables, key=lambda table: (table.name != IDENTITIES, table.name))))

    @property
    def signature(self) -> str:
        """Differs when any table differs: the replica is then rebuilt."""
        whole = [LAYOUT, [[table.name, list(table.columns.items()), list(table.key), self.resolves(table)] for table in self.tables]]
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:16]

    def resolves(self, table: ReplicaTable) -> bool:
        """Whether the replica adds the resolved person to this table: it names an identity, and identities are replicated."""
        return "identity_id" in table.columns and PERSON not in table.columns and any(PERSON in t.columns for t in self.tables if t.name == IDENTITIES)

    def columns(self, table: ReplicaTable) -> dict[str, str]:
        """Columns and DuckDB types that questions see: those lent, and `customer_id` where the replica resolves it."""
        return {**table.columns, **({PERSON: "UUID"} if self.resolves(table) else {})}


def names(columns: Sequence[str], prefix: str = "") -> str:
    """A column list, quoted."""
    return ", ".join(f'{prefix}"{column}"' for column in columns)


def _checked(table: ReplicaTable) -> ReplicaTable:
    """The table with its types as DuckDB spells them."""
    if not all(_NAME.fullmatch(name) for name in (table.name, *table.columns)):
        raise BadTable(f"{table.name}: names are lower case")
    if not table.key or table.key[0] != "tenant_id" or set(table.key) - set(table.columns):
        raise BadTable(f"{table.name}: the key starts with tenant_id and is made of columns")
    columns = {}
    for column, kind in table.columns.items():
        try:
            columns[column] = DataType.build(kind, dialect="duckdb").sql("duckdb")
        except ParseError as error:
            raise BadTable(f"{table.name}.{column}: {kind} is no type of DuckDB") from error
    return ReplicaTable(table.name, columns, tuple(table.key))
