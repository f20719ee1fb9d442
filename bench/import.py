"""Importing a file of orders into the embedded PostgreSQL: siyu's job beside pandas and hand-written DuckDB (two formulations).

Peers write plain tables of orders, lines and returns. siyu also names buyers, explains returns, keeps events, and can be stopped and resumed.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.runner import MEMORY, ROOT, THREADS, main

FILE = ROOT / "data" / "online_retail" / "online_retail.parquet"
MEGABYTES = 47
"""Size of the file as CSV."""
ZONE = "Europe/London"
TABLES = ("orders", "order_lines", "returns")
PLAIN = (
    "select count(*), sum(amount), count(distinct customer_no), extract(epoch from max(paid_at)) from orders",
    "select count(*), sum(quantity), sum(amount) from order_lines",
    "select count(distinct order_no), sum(quantity), sum(amount) from returns",
)
OURS = (
    "select count(*), sum(amount), count(distinct identity_id), extract(epoch from max(paid_at)) from orders where status <> 'gift'",
    "select count(*), sum(quantity), sum(amount) from order_lines where kind = 'sale'",
    "select count(distinct refund_id), sum(quantity), sum(amount) from refund_lines",
)


@contextmanager
def prepare(folder: Path, factor: int) -> Iterator[None]:
    """`shop.csv`: Online Retail, each order and buyer `factor` times under other numbers; and a server with a migrated, empty database `siyu`."""
    import duckdb

    from siyu.infra import postgres
    from siyu.infra.migrate import upgrade

    folder.chmod(0o755)  # the server does not run as root
    duckdb.execute(
        f"""
        copy (
            select InvoiceNo || if(copy = 0, '', '-' || copy) as InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice,
                CustomerID + copy * 100000 as CustomerID, Country
            from range({factor}) as copies(copy), read_parquet('{FILE}')
        ) to '{folder / "shop.csv"}' (format csv, header)
        """
    )
    server = postgres.start(folder / "store")
    try:
        upgrade(server.url())
        yield
    finally:
        postgres.stop(folder / "store")


@contextmanager
def _database(folder: Path, name: str, template: str | None = None) -> Iterator[tuple[str, str]]:
    """A database of this run's own, nothing left to write of what came before: its addresses for SQLAlchemy and for psycopg."""
    import psycopg

    from siyu.infra import postgres

    server = postgres.start(folder / "store")
    postgres.create_database(server, name, template)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("checkpoint")
    yield server.url(name), server.dsn(name)
    postgres.drop_database(server, name)


@contextmanager
def _plain(folder: Path) -> Iterator[str]:
    """A database with a peer's tables."""
    import psycopg

    with _database(folder, "plain") as (_, dsn):
        with psycopg.connect(dsn) as connection:
            connection.execute((ROOT / "bench" / "sql" / "import_schema.sql").read_text(encoding="utf-8"))
        yield dsn


def _copy(dsn: str, folder: Path) -> None:
    """A peer's tables from CSV files, in one transaction."""
    import psycopg

    with psycopg.connect(dsn) as connection:
        for table in TABLES:
            with open(folder / f"{table}.csv", "rb") as file, connection.cursor().copy(f"copy {table} from stdin (format csv)") as copy:
                while piece := file.read(1 << 20):
                    copy.write(piece)


def _answer(dsn: str, questions: Sequence[str]) -> list[list[str]]:
    """What the books say, in one writing."""
    import psycopg

    with psycopg.connect(dsn) as connection:
        return [[format(figure, ".2f") for figure in connection.execute(question).fetchall()[0]] for question in questions]


def siyu(folder: Path) -> tuple[int, list[float], Any]:
    """From taking the file in to the end of its job. All of the product is loaded, as in a worker."""
    os.environ["SIYU_HOME"] = str(folder / "home")
    from siyu.access import tenants
    from siyu.app.capabilities import CAPABILITIES
    from siyu.app.worker import Worker
    from siyu.infra.clock import system_clock
    from siyu.infra.database import Database
    from siyu.infra.logging import configure
    from siyu.infra.tx import SYSTEM
    from siyu.observe import imports
    from siyu.observe.imports import Options, places

    configure(level="error")
    with _database(folder, "ours", "siyu") as (url, dsn):
        database = Database(url)
        with database.engine.begin() as connection:
            tx = tenants.create(connection, system_clock, name="shop", timezone=ZONE)
        assert tx is not None
        worker = Worker(database, CAPABILITIES)
        began = time.perf_counter()
        with database.transaction(tx.tenant_id, SYSTEM) as tx, open(folder / "shop.csv", "rb") as file:
            one = imports.create(tx, places.files(), "shop.csv", file)
            imports.set_mapping(tx, one.id, one.mapping, Options("main", ZONE))
            imports.run(tx, one.id)
        worker.work_once()
        seconds = time.perf_counter() - began
        with database.transaction(tx.tenant_id, SYSTEM) as tx:
            report = imports.get(tx, one.id).report
        assert report is not None, "the import failed"
        database.close()
        return report["rows"], [seconds], _answer(dsn, OURS)


def duckdb(folder: Path, name: str) -> tuple[int, list[float], Any]:
    """DuckDB reads and cleans, and hands over by CSV, the fastest way that both have."""
    import duckdb

    with _plain(folder) as dsn, duckdb.connect() as db:
        began = time.perf_counter()
        db.execute(f"set threads = {THREADS}; set memory_limit = '{MEMORY}'; set timezone = 'UTC'; set temp_directory = '{folder / 'spill'}'")
        db.execute(f"set variable file = '{folder / 'shop.csv'}'")
        db.execute((ROOT / "bench" / "sql" / name).read_text(encoding="utf-8"))
        for table in TABLES:
            db.execute(f"copy {table} to '{folder / table}.csv' (format csv, header false)")
        _copy(dsn, folder)
        seconds = time.perf_counter() - began
        rows = db.execute("select count(*) from read_csv(getvariable('file'), all_varchar = true)").fetchall()[0][0]
        return rows, [seconds], _answer(dsn, PLAIN)


def pandas(folder: Path) -> tuple[int, list[float], Any]:
    """The same by pandas."""
    import pandas as pd

    with _plain(folder) as dsn:
        began = time.perf_counter()
        texts = dict.fromkeys(["InvoiceNo", "StockCode", "Description", "CustomerID", "Country"], str)
        lines = pd.read_csv(folder / "shop.csv", dtype=texts, parse_dates=["InvoiceDate"])
        known = lines[lines["CustomerID"].notna()].copy()
        known["at"] = known["InvoiceDate"].dt.tz_localize(ZONE)
        known["Description"] = known["Description"].str.strip()
        known["amount"] = (known["Quantity"] * known["UnitPrice"]).round(3)
        back = known["InvoiceNo"].str.startswith("C")
        sold, returned = known[~back & (known["Quantity"] > 0) & (known["UnitPrice"] > 0)], known[back].copy()
        orders = sold.groupby("InvoiceNo").agg(
            customer=("CustomerID", "first"), country=("Country", "first"), at=("at", "min"), amount=("amount", "sum"), lines=("amount", "size")
        )
        orders["amount"] = orders["amount"].round(3)
        sold = sold.assign(line_no=sold.groupby("InvoiceNo").cumcount() + 1)
        returned = returned.assign(line_no=returned.groupby("InvoiceNo").cumcount() + 1, Quantity=-returned["Quantity"], amount=-returned["amount"])
        frames = {
            "orders": orders.reset_index(),
            "order_lines": sold[["InvoiceNo", "line_no", "StockCode", "Description", "Quantity", "UnitPrice", "amount"]],
            "returns": returned[["InvoiceNo", "line_no", "CustomerID", "at", "StockCode", "Description", "Quantity", "amount"]],
        }
        for table, frame in frames.items():
            frame.to_csv(folder / f"{table}.csv", header=False, index=False)
        _copy(dsn, folder)
        return len(lines), [time.perf_counter() - began], _answer(dsn, PLAIN)


if __name__ == "__main__":
    main(
        "import",
        prepare,
        {"siyu": siyu, "duckdb tables": lambda f: duckdb(f, "import_tables.sql"), "duckdb views": lambda f: duckdb(f, "import_views.sql"), "pandas": pandas},
        ours="siyu",
        about="a file of orders (CSV) into PostgreSQL",
        limits={"seconds": 60, "peak_mib": 512},
        megabytes=MEGABYTES,
    )
