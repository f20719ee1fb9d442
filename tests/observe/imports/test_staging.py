"""Rows are sorted piece by piece, and nobody can tell."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.observe.imports import staging
from siyu.observe.imports.model.problems import Problem
from siyu.observe.imports.staging import Staging

ORDER_NOS = st.sampled_from(["", "1", "10", "2", "C7", "o'k", "订单", "é", "\\", '"'])


@pytest.fixture(scope="module", autouse=True)
def small() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging, "PIECE_ROWS", 6)
        patch.setattr(staging, "_MARK_ROWS", 2)
        yield


def columns(rows: list[tuple[bool, str]], first: int) -> dict[str, list[Any]]:
    texts = {name: [""] * len(rows) for name in staging._STAGED.names}
    return {
        **texts,
        "row": list(range(first, first + len(rows))),
        "refund": [refund for refund, _ in rows],
        "order_no": [order_no for _, order_no in rows],
        "at": [0] * len(rows),
        "raw": [f"raw {row}" for row in range(first, first + len(rows))],
    }


@given(rows=st.lists(st.tuples(st.booleans(), ORDER_NOS), min_size=1, max_size=60), chunk=st.integers(1, 20))
def test_all_rows_come_sorted_by_refund_order_number_and_row(rows: list[tuple[bool, str]], chunk: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Staging(tmp_path_factory.mktemp("staging")) as held:
        for start in range(0, len(rows), chunk):
            held.add(columns(rows[start : start + chunk], start + 2))
        held.sort()
        found = [(group.refund[0], group.order_no[0], list(group.row)) for group in held.groups(limit=100)]
    wanted: dict[tuple[bool, str], list[int]] = {}
    for row, key in enumerate(rows, 2):
        wanted.setdefault(key, []).append(row)
    assert found == [(*key, wanted[key]) for key in sorted(wanted)]


def test_rejected_rows_are_written_in_the_order_of_rows(tmp_path: Path) -> None:
    with Staging(tmp_path / "staging") as held:
        held.add(columns([(False, str(number)) for number in range(20)], 2))
        held.sort()
        held.reject([Problem(row, "bad_date", "paid_at", f"value {row}") for row in (21, 2, 9, 8)])
        held.reject([Problem(9, "bad_number", "quantity", "x")])
        held.judged()
        held.write_rejected(tmp_path / "rejected.parquet")
    rows = pq.read_table(tmp_path / "rejected.parquet").to_pylist()
    assert [(row["row"], row["raw"], row["codes"]) for row in rows] == [
        (2, "raw 2", ["bad_date"]),
        (8, "raw 8", ["bad_date"]),
        (9, "raw 9", ["bad_date", "bad_number"]),
        (21, "raw 21", ["bad_date"]),
    ]


def test_rows_too_long_for_the_memory_get_more_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "PIECE_ROWS", 200_000)
    monkeypatch.setattr(staging, "MEMORY_MB", 20)
    rows = [(False, f"{10_000 - row}") for row in range(10_000)]
    with Staging(tmp_path / "staging") as held:
        held.add({**columns(rows, 2), "name": [f"{row:05}" * 500 for row in range(len(rows))]})
        held.sort()
        held.reject([Problem(row, "bad_date", "paid_at", "x" * 2000) for row in range(2, 10_002)])
        held.judged()
        held.write_rejected(tmp_path / "rejected.parquet")
        assert held._memory_mb > 20
        assert [group.order_no[0] for group in held.groups(limit=100)] == sorted(order_no for _, order_no in rows)
    assert pq.read_table(tmp_path / "rejected.parquet").num_rows == 10_000
