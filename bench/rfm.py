"""RFM of everybody: siyu's expression beside hand-written DuckDB (two formulations) and pandas."""

from datetime import date
from pathlib import Path
from typing import Any

from bench.runner import main, timed
from bench.shop import by_hand, prepare

ON = date(2011, 12, 10)


def _digest(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return sorted([int(r), int(f), int(people), str(round(float(money), 2))] for r, f, people, money in rows)


def siyu(folder: Path) -> tuple[int, list[float], Any]:
    """Compiled once for the day, as in `rfm.scored`; the rest of the expression and the way over the socket count each time."""
    from bench.replica import answering
    from siyu import engine
    from siyu.understand.purchases import purchases_of
    from siyu.understand.rfm import questions
    from siyu.understand.rfm.model import Cutoffs

    with answering(folder) as tx:
        rows = engine.ask(tx, engine.table(tx, "orders").count()).table.column(0)[0].as_py()

        def work() -> list[dict[str, Any]]:
            scored = engine.view("scores", lambda: questions.scores(purchases_of(tx), Cutoffs(), ON))
            cells = scored.group_by("r", "f").aggregate(people=scored.count(), money=scored.monetary.sum())
            return engine.ask(tx, cells).table.to_pylist()

        seconds, found = timed(work)
        return rows, seconds, _digest([tuple(row.values()) for row in found])


def pandas(folder: Path) -> tuple[int, list[float], Any]:
    """Orders are in memory before the clock starts."""
    import numpy as np
    import pandas as pd

    orders = pd.read_parquet(folder / "orders.parquet", columns=["id", "customer_id", "paid_at", "amount"])
    numbers = pd.read_parquet(folder / "identities.parquet", columns=["customer_id", "value"])
    orders["amount"] = orders["amount"].astype(float)
    numbers["number"] = numbers["value"].astype("int64")

    def work() -> Any:
        orders["day"] = orders["paid_at"].dt.tz_convert("UTC").dt.normalize()
        people = orders.groupby("customer_id").agg(last=("day", "max"), f=("id", "nunique"), m=("amount", "sum")).reset_index()
        people = people.merge(numbers[["customer_id", "number"]], on="customer_id")
        people["age"] = (pd.Timestamp(ON, tz="UTC") - people["last"]).dt.days

        def tile(by: list[str], rising: list[bool]) -> Any:
            place = people.sort_values(by, ascending=rising).index
            n, score = len(people), np.empty(len(people), dtype=int)
            sizes = [n // 5 + (part < n % 5) for part in range(5)]
            score[people.index.get_indexer(place)] = np.repeat(np.arange(1, 6), sizes)
            return score

        people["rs"], people["fs"] = tile(["age", "number"], [False, True]), tile(["f", "number"], [True, True])
        people["ms"] = tile(["m", "number"], [True, True])
        return people.groupby(["rs", "fs"]).agg(people=("m", "size"), money=("m", "sum")).reset_index()

    seconds, cells = timed(work)
    return len(orders), seconds, _digest(list(cells.itertuples(index=False, name=None)))


if __name__ == "__main__":
    main(
        "rfm",
        prepare,
        {
            "siyu": siyu,
            "duckdb windows": lambda folder: by_hand(folder, "rfm_windows.sql", _digest),
            "duckdb ranks": lambda folder: by_hand(folder, "rfm_ranks.sql", _digest),
            "pandas": pandas,
        },
        ours="siyu",
        about="RFM quintiles of every buyer, grid of recency by frequency",
        limits={"ratio": 1.3},
        factor=20,
    )
