"""The shop's orders as the replica holds them, several times over: a DuckDB file and Parquet of the same rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from bench.runner import MEMORY, ROOT, THREADS, timed


@contextmanager
def prepare(folder: Path, factor: int) -> Iterator[None]:
    """`orders` (paid orders with their person) and `identities` of Online Retail, each customer `factor` times under another number."""
    from bench import replica  # a peer measures its own memory, not siyu's

    source = ROOT / "data" / "online_retail" / "online_retail.parquet"
    with duckdb.connect(str(folder / "shop.duckdb")) as db:
        db.execute(
            f"""
            create table orders as
            select md5(InvoiceNo || '-' || copy)::uuid as id, 'uk' as shop, InvoiceNo || '-' || copy as order_no,
                md5('c' || any_value(CustomerID) || '-' || copy)::uuid as customer_id, 'paid' as status,
                min(InvoiceDate)::timestamptz as paid_at,
                sum(cast(Quantity as decimal(18, 3)) * cast(UnitPrice as decimal(18, 3)))::decimal(38, 10) as amount,
                0::decimal(38, 10) as refunded, count(*)::integer as sale_lines
            from read_parquet('{source}'), range({factor}) as copies(copy)
            where CustomerID is not null and InvoiceNo not like 'C%' and Quantity > 0 and UnitPrice > 0
            group by InvoiceNo, copy
            """
        )
        db.execute(
            f"""
            create table identities as
            select distinct md5('i' || CustomerID || '-' || copy)::uuid as id, 'shop:uk:customer' as namespace,
                (CustomerID + copy * 100000)::bigint::text as value, md5('c' || CustomerID || '-' || copy)::uuid as customer_id
            from read_parquet('{source}'), range({factor}) as copies(copy)
            where CustomerID is not null
            """
        )
        for table in ("orders", "identities"):
            db.execute(f"copy {table} to '{folder / table}.parquet' (format parquet)")
        replica.fill(db, folder)
    yield


def open_shop(folder: Path) -> duckdb.DuckDBPyConnection:
    """The file, with the same threads and memory for whoever asks."""
    db = duckdb.connect(str(folder / "shop.duckdb"), read_only=True)
    db.execute(f"set threads = {THREADS}")
    db.execute(f"set memory_limit = '{MEMORY}'")
    db.execute("set timezone = 'UTC'")
    return db


def by_hand(folder: Path, name: str, digest: Callable[[list[tuple[Any, ...]]], Any]) -> tuple[int, list[float], Any]:
    """What a file of `bench/sql` answers about the orders: their number, the seconds, the digest of the answer."""
    question = (ROOT / "bench" / "sql" / name).read_text(encoding="utf-8")
    with open_shop(folder) as db:
        rows = db.execute("select count(*) from orders").fetchall()[0][0]
        seconds, found = timed(lambda: db.execute(question).fetchall())
        return rows, seconds, digest(found)
