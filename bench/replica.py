"""siyu's engine over the bench's rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

import duckdb

from bench.runner import THREADS
from siyu import engine
from siyu.engine.replica import Replica, Shelf
from siyu.engine.schema import Schema
from siyu.engine.watermark import NOTHING, Cluster, Watermark
from siyu.infra.database import Database
from siyu.infra.logging import configure
from siyu.infra.settings import Settings
from siyu.infra.tx import Tx
from siyu.infra.wiring import ReplicaTable

MEMORY_MB = 4096
TX = cast(Tx, SimpleNamespace(tenant_id=UUID(int=1), tz=ZoneInfo("UTC")))
IDENTITIES = ReplicaTable(
    "identities", {"tenant_id": "uuid", "id": "uuid", "namespace": "varchar", "value": "varchar", "customer_id": "uuid"}, key=("tenant_id", "id")
)
ORDERS = ReplicaTable(
    "orders",
    {
        "tenant_id": "uuid",
        "id": "uuid",
        "shop": "varchar",
        "order_no": "varchar",
        "identity_id": "uuid",
        "status": "varchar",
        "paid_at": "timestamptz",
        "amount": "decimal(38, 10)",
        "refunded": "decimal(38, 10)",
        "sale_lines": "integer",
    },
    key=("tenant_id", "id"),
)


def fill(db: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The same rows in a replica file, as the follower writes them."""
    schema, shelf = Schema.of([IDENTITIES, ORDERS]), Shelf(folder / "replica")
    path = shelf.fresh()
    replica = Replica(path, schema, memory_mb=MEMORY_MB, threads=THREADS)
    replica.create()
    sources = {
        "identities": "select id, namespace, value, customer_id from identities",
        "orders": "select o.* exclude (customer_id, amount, refunded), i.id as identity_id, o.amount::varchar as amount, o.refunded::varchar as refunded "
        "from orders o join identities i using (customer_id)",
    }
    with replica.change() as change:
        for table in schema.tables:
            if table.name in sources:
                rows = db.sql(f"select '{TX.tenant_id}'::uuid as tenant_id, * from ({sources[table.name]})")
                change.fill(table, rows.to_arrow_reader(100_000))
        change.mark(Watermark(datetime(2011, 12, 10, tzinfo=UTC), NOTHING, 1), Cluster(0, 0, 0))
    replica.checkpoint()
    replica.close()
    shelf.publish(path)


@contextmanager
def answering(folder: Path) -> Iterator[Tx]:
    """siyu's engine over the replica, with the same threads and memory. It has no store to follow, so it answers from the file as it is."""
    configure(level="error")
    settings = Settings(home=folder, engine_memory_mb=MEMORY_MB, engine_threads=THREADS)
    tables = [IDENTITIES, ORDERS]
    with engine.running(settings, Database("postgresql+psycopg://nobody@127.0.0.1:9/none"), tables):
        client = engine.connect(settings, tables)
        while not client.status()["answering"]:
            pass
        yield TX
