"""The tables that these tests follow, and how they compare both sides."""

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from siyu.engine.replica import Replica
from siyu.engine.schema import names
from siyu.infra.database import Database
from siyu.infra.tx import Tx
from siyu.infra.wiring import ReplicaTable

ITEMS = ReplicaTable(
    "items",
    columns={
        "tenant_id": "uuid",
        "id": "uuid",
        "identity_id": "uuid",
        "amount": "decimal(38,10)",
        "many": "bigint",
        "note": "varchar",
        "marks": "varchar[]",
        "at": "timestamptz",
        "day": "date",
        "done": "boolean",
        "props": "json",
    },
    key=("tenant_id", "id"),
)
LINES = ReplicaTable("lines", columns={"tenant_id": "uuid", "item_id": "uuid", "line_no": "integer", "many": "bigint"}, key=("tenant_id", "item_id", "line_no"))
IDENTITIES = ReplicaTable(
    "identities", columns={"tenant_id": "uuid", "id": "uuid", "namespace": "varchar", "value": "varchar", "customer_id": "uuid"}, key=("tenant_id", "id")
)
TABLES = [ITEMS, LINES, IDENTITIES]
OWN = {
    "items": """
        create table items (
            tenant_id uuid not null, id uuid not null, identity_id uuid, amount numeric, many bigint, note text, marks text[],
            at timestamptz, day date, done boolean, props jsonb, primary key (tenant_id, id)
        )
    """,
    "lines": """
        create table lines (
            tenant_id uuid not null, item_id uuid not null, line_no integer not null, many bigint, primary key (tenant_id, item_id, line_no)
        )
    """,
}


def insert_item(tx: Tx, id: UUID | None = None, **values: Any) -> UUID:
    """A row of `items`."""
    row = {"tenant_id": tx.tenant_id, "id": id or uuid4(), **values}
    columns = ", ".join(row)
    tx.execute(f"insert into items ({columns}) values ({', '.join(f':{column}' for column in row)})", row)
    id = row["id"]
    assert isinstance(id, UUID)
    return id


def insert_identity(tx: Tx, customer_id: UUID | None) -> UUID:
    """A row of `identities`."""
    id = uuid4()
    tx.execute(
        "insert into identities (tenant_id, id, namespace, value, customer_id, verified, first_seen_at, last_seen_at) "
        "values (:tenant_id, :id, 'test', :value, :customer_id, true, :now, :now)",
        {"id": id, "value": str(id), "customer_id": customer_id},
    )
    return id


def in_postgres(database: Database, table: ReplicaTable) -> list[tuple[Any, ...]]:
    """All committed rows, sorted by key."""
    with database.reader() as connection:
        rows = connection.execute(text(f"select {', '.join(table.columns)} from {table.name}")).all()
    return _sorted(table, [tuple(row) for row in rows])


def in_replica(replica: Replica | None, table: ReplicaTable) -> list[tuple[Any, ...]]:
    """All rows of the replica, sorted by key."""
    assert replica is not None
    with replica.reading() as cursor:
        rows = cursor.execute(f"select {names(list(table.columns))} from data.{table.name}").fetchall()
    return _sorted(table, rows)


def _sorted(table: ReplicaTable, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    places = [list(table.columns).index(column) for column in table.key]
    return sorted((tuple(_plain(value) for value in row) for row in rows), key=lambda row: tuple(str(row[place]) for place in places))


def _plain(value: Any) -> Any:
    """JSON comes as text from one side and as objects from the other; the number of zeros after a decimal's last digit says nothing."""
    if isinstance(value, str) and value[:1] == "{":
        return json.loads(value)
    return value.normalize() if isinstance(value, Decimal) else value


def until(there: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that happens by itself."""
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline, f"not there after {seconds} s"
        time.sleep(0.02)
