"""The monthly retention matrix: siyu's expression beside hand-written DuckDB (two formulations) and pandas."""

from pathlib import Path
from typing import Any

from bench.runner import main, timed
from bench.shop import by_hand, prepare


def _digest(rows: list[tuple[Any, ...]]) -> list[list[int]]:
    return sorted([int(cohort), int(offset), int(people)] for cohort, offset, people in rows)


def siyu(folder: Path) -> tuple[int, list[float], Any]:
    """Building the expression and the way over the socket count each time, compiling at first."""
    from bench.replica import answering
    from siyu import engine
    from siyu.measure.retention import questions
    from siyu.understand.purchases import purchases_of

    with answering(folder) as tx:
        rows = engine.ask(tx, engine.table(tx, "orders").count()).table.column(0)[0].as_py()

        def work() -> list[dict[str, Any]]:
            cohorts = questions.cohorts(purchases_of(tx).orders).select("cohort", "offset", "customers")
            return engine.ask(tx, cohorts).table.to_pylist()

        seconds, found = timed(work)
        return rows, seconds, _digest([tuple(row.values()) for row in found])


def pandas(folder: Path) -> tuple[int, list[float], Any]:
    """Orders are in memory before the clock starts."""
    import pandas as pd

    orders = pd.read_parquet(folder / "orders.parquet", columns=["customer_id", "paid_at"])

    def work() -> Any:
        paid = orders["paid_at"].dt.tz_convert("UTC")
        orders["month"] = paid.dt.year * 12 + paid.dt.month - 1
        active = orders[["customer_id", "month"]].drop_duplicates()
        active["cohort"] = active.groupby("customer_id")["month"].transform("min")
        active["offset"] = active["month"] - active["cohort"]
        return active.groupby(["cohort", "offset"]).size().reset_index(name="people")

    seconds, cells = timed(work)
    return len(orders), seconds, _digest(list(cells.itertuples(index=False, name=None)))


if __name__ == "__main__":
    main(
        "retention",
        prepare,
        {
            "siyu": siyu,
            "duckdb join": lambda folder: by_hand(folder, "retention_join.sql", _digest),
            "duckdb window": lambda folder: by_hand(folder, "retention_window.sql", _digest),
            "pandas": pandas,
        },
        ours="siyu",
        about="customers by first month and months since",
        limits={"ratio": 1.3},
        factor=20,
    )
