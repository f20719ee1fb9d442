"""The monthly retention matrix: siyu's expression beside hand-written DuckDB (two formulations) and pandas."""

import time
from pathlib import Path
from typing import Any

from bench.runner import ROOT, main
from bench.shop import open_shop, prepare


def _digest(rows: list[tuple[Any, ...]]) -> list[list[int]]:
    return sorted([int(cohort), int(offset), int(people)] for cohort, offset, people in rows)


def siyu(folder: Path) -> tuple[int, float, Any]:
    """Building and compiling the expression and the way over the socket count too."""
    from bench.replica import answering
    from siyu import engine
    from siyu.measure.retention import questions
    from siyu.understand.purchases import purchases_of

    with answering(folder) as tx:
        rows = engine.ask(tx, engine.table(tx, "orders").count()).table.column(0)[0].as_py()
        began = time.perf_counter()
        cohorts = questions.cohorts(purchases_of(tx).orders).select("cohort", "offset", "customers")
        found = engine.ask(tx, cohorts).table.to_pylist()
        return rows, time.perf_counter() - began, _digest([tuple(row.values()) for row in found])


def _sql(folder: Path, name: str) -> tuple[int, float, Any]:
    text = (ROOT / "bench" / "sql" / name).read_text(encoding="utf-8")
    with open_shop(folder) as db:
        rows = db.execute("select count(*) from orders").fetchall()[0][0]
        began = time.perf_counter()
        found = db.execute(text).fetchall()
        return rows, time.perf_counter() - began, _digest(found)


def pandas(folder: Path) -> tuple[int, float, Any]:
    """Orders are in memory before the clock starts."""
    import pandas as pd

    orders = pd.read_parquet(folder / "orders.parquet", columns=["customer_id", "paid_at"])
    began = time.perf_counter()
    paid = orders["paid_at"].dt.tz_convert("UTC")
    orders["month"] = paid.dt.year * 12 + paid.dt.month - 1
    active = orders[["customer_id", "month"]].drop_duplicates()
    active["cohort"] = active.groupby("customer_id")["month"].transform("min")
    active["offset"] = active["month"] - active["cohort"]
    cells = active.groupby(["cohort", "offset"]).size().reset_index(name="people")
    return len(orders), time.perf_counter() - began, _digest(list(cells.itertuples(index=False, name=None)))


if __name__ == "__main__":
    main(
        "retention",
        prepare,
        {"siyu": siyu, "duckdb join": lambda f: _sql(f, "retention_join.sql"), "duckdb window": lambda f: _sql(f, "retention_window.sql"), "pandas": pandas},
        ours="siyu",
        about="customers by first month and months since",
        factor=20,
    )
