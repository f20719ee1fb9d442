"""Where the rows of one file wait to be sorted by order: Parquet files of this run alone, which a DuckDB with a fixed amount of memory sorts and counts."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from siyu.observe.imports import dealt
from siyu.observe.imports.dealt import EXACT
from siyu.observe.imports.model.parsing import EPOCH, Staged
from siyu.observe.imports.model.problems import Problem
from siyu.observe.imports.model.returns import Dealing

MEMORY_MB = 60
MOST_MB = 2560
"""What very long rows may take: the memory is doubled whenever it does not suffice."""
_BATCH_ROWS = 10_000
_GROUP_ROWS = 20_000
_SOLD_ROWS = 5_000
_MARK_ROWS = 1_000
PIECE_ROWS = 150_000
"""Most rows sorted at once. Sorting many more than the memory holds, DuckDB gives up: ten million rows failed at 128 MiB."""
REJECTED_ROWS = 25_000
"""Rows whose rejections are put together at once: their lists take several times the memory of the rows."""
_KINDS = {"row": pa.int64(), "refund": pa.bool_(), "at": pa.int64()}
_STAGED = pa.schema([(name, _KINDS.get(name, pa.string())) for name in (*Staged._fields, "raw")])
_TAKEN = 'row, order_no, refund_of, sku, name, "at", quantity, amount, customer_no, unionid, phone, status'
_NOTICED = "(from notices where row not in (select row from rejected))"
TOLD = ("codes", "headings", "values", "params")
_TOLD = ("code", "heading", "value", "params")
_NOTED = pa.schema([("row", pa.int64()), ("seq", pa.int64()), *((name, pa.string()) for name in _TOLD)])


class _Notes:
    """Problems by the thousand, in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._out = pq.ParquetWriter(path, _NOTED, compression="lz4")
        self._waiting: list[Problem] = []
        self._count = 0

    def add(self, problems: Sequence[Problem]) -> None:
        self._waiting += problems
        if len(self._waiting) >= _BATCH_ROWS:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._out.close()

    def _flush(self) -> None:
        problems, self._waiting = self._waiting, []
        if problems:
            columns: dict[str, Sequence[Any]] = {
                "row": [one.row for one in problems],
                "seq": list(range(self._count, self._count + len(problems))),
                "code": [one.code for one in problems],
                "heading": [one.column for one in problems],
                "value": [one.value for one in problems],
                "params": [json.dumps(dict(one.params), ensure_ascii=False) if one.params else "{}" for one in problems],
            }
            self._count += len(problems)
            self._out.write_table(_table(_NOTED, columns))


class Staging:
    """Rows in, sorted rows out; rejected rows in, a file of them out. Everything is gone when the run ends."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self._staged = folder / "staged.parquet"
        self._sorted: list[Path] = []
        self._marks: list[tuple[bool, str, int]] = []
        self._last_row = 0
        self._staging = pq.ParquetWriter(self._staged, _STAGED, compression="lz4")
        self._rejected, self._notices = _Notes(folder / "rejections.parquet"), _Notes(folder / "notices.parquet")
        self._waiting: list[pa.Table] = []
        self._engine = duckdb.connect()
        self._memory_mb = MEMORY_MB
        settings = {"memory_limit": f"{MEMORY_MB}MB", "threads": "1", "temp_directory": str(folder / "spill"), "preserve_insertion_order": "false"}
        for name, value in settings.items():
            self._engine.execute(f"set {name} = '{value}'")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._engine.close()
        self._staging.close()
        self._rejected.close()
        self._notices.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Take a parsed chunk."""
        places = range(0, len(columns["row"]), _MARK_ROWS)
        self._marks += [(columns["refund"][place], columns["order_no"][place], columns["row"][place]) for place in places]
        self._last_row = columns["row"][-1]
        self._waiting.append(_table(_STAGED, columns))
        if sum(table.num_rows for table in self._waiting) >= _GROUP_ROWS:
            self._settle()

    def sort(self) -> None:
        """Put the rows in the order of (refund, order number, row)."""
        self._settle()
        self._staging.close()
        shown = ", ".join(f'"{name}"' for name in Staged._fields)
        for number, piece in enumerate(_pieces(self._marks)):
            self._sorted.append(self.folder / f"sorted-{number}.parquet")
            self._roomily(
                f"copy (select {shown} from '{self._staged}' where {piece} order by refund, order_no, row) to '{self._sorted[-1]}' "  # noqa: S608
                f"(format parquet, row_group_size {_GROUP_ROWS}, compression lz4)"
            )

    def groups(self, *, limit: int) -> Iterator[Staged]:
        """All rows, sorted, an order number at a time; one with more than `limit` rows comes in pieces that are longer than `limit`."""
        rest: pa.Table | None = None
        for batch in self._batches():
            table = pa.Table.from_batches([batch])
            table = table if rest is None else pa.concat_tables([rest, table]).combine_chunks()
            ends = _ends(table)
            whole = ends[-2] if len(ends) > 1 else 0
            if table.num_rows - whole > limit:
                whole = ends[-1]
            yield from _cut(table, [end for end in ends if end <= whole])
            rest = table.slice(whole) if whole < table.num_rows else None
        if rest is not None:
            yield from _cut(rest, _ends(rest))

    def _batches(self) -> Iterator[pa.RecordBatch]:
        for path in self._sorted:
            pa.default_memory_pool().release_unused()
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches(batch_size=_BATCH_ROWS)

    def reject(self, problems: Sequence[Problem]) -> None:
        """Note why rows cannot be taken."""
        self._rejected.add(problems)

    def notice(self, problems: Sequence[Problem]) -> None:
        """Note what is to be said of rows, should they be taken."""
        self._notices.add(problems)

    def noticed(self) -> None:
        """No more notices will come: they can be asked for."""
        self._notices.close()

    def profile(self) -> dict[str, int]:
        """What the file holds, whatever of it can be taken: counts over all rows."""

        def different(column: str) -> str:
            return f"select count(*) from (select distinct {column} from staged where {column} <> '')"  # noqa: S608

        counts = {
            "rows": "select count(*) from staged",
            "invoices": different("order_no"),
            "customers": different("customer_no"),
            "skus": different("sku"),
            "countries": different("country"),
            "rows_without_customer": "select count(*) from staged where customer_no = '' and unionid = '' and phone = ''",
            "rows_without_name": "select count(*) from staged where name = ''",
            "cancelled_rows": "select count(*) from staged where refund",
            "duplicate_rows": "select (select count(*) from staged) - (select count(*) from (select distinct hash(raw) from staged))",
        }
        return {name: self._count(question) for name, question in counts.items()}

    def customers(self) -> int:
        """Different buyers of the orders that were taken; who only got gifts bought nothing."""
        return self._count(
            """
            select count(*) from (
                select distinct case when customer_no <> '' then 'n' || customer_no when unionid <> '' then 'u' || unionid else 'p' || phone end
                from taken
                where try_cast(amount as double) > 0 and (customer_no <> '' or unionid <> '' or phone <> '')
            )
            """
        )

    def rejected_rows(self) -> int:
        """How many rows cannot be taken."""
        return self._count("select count(*) from (select distinct row from rejected)")

    def problems_by_code(self) -> dict[str, int]:
        """How many problems there are of each kind, the commonest first."""
        return self._by_code("rejected")

    def first_problems(self, limit: int) -> list[Problem]:
        """The first problems in the order of rows."""
        return self._first("rejected", limit)

    def notices_by_code(self) -> dict[str, int]:
        """How many notices there are of each kind, the commonest first."""
        return self._by_code(_NOTICED)

    def first_notices(self, limit: int) -> list[Problem]:
        """The first notices in the order of rows."""
        return self._first(_NOTICED, limit)

    def refunded(self) -> Iterator[list[tuple[str, list[str], int, Decimal, Decimal | None]]]:
        """Refunds that name an order, by that order: its number, the refunds' numbers, their first row and sum, and the order's amount if it is taken here."""
        found = self._ask(
            f"""
            select b.refund_of, b.numbers, b.row, b.amount, o.amount
            from (
                select refund_of, list(distinct order_no order by order_no) as numbers, min(row) as row, sum(cast(amount as {EXACT})) as amount
                from returned
                where refund_of <> ''
                group by refund_of
            ) b
            left join (
                select order_no, sum(cast(amount as {EXACT})) as amount
                from taken
                where order_no in (select refund_of from returned)
                group by order_no
            ) o on o.order_no = b.refund_of
            order by b.row
            """  # noqa: S608 (constant type)
        )
        while rows := found.fetchmany(_SOLD_ROWS):
            yield rows

    def dealings(self) -> Iterator[list[tuple[str, str, Dealing]]]:
        """What buyers who give back without naming an order dealt in: (buyer, thing, dealing), all of one buyer together. Buyer: `n`, `u` or `p` and number."""
        if not self._count("select count(*) from returned where refund_of = ''"):
            return
        path = self.folder / "dealings.parquet"
        for question in dealt.questions(self._count("select count(*) from taken")):
            self._roomily(f"copy ({self._named(question)}) to '{path}' (format parquet, compression lz4)")
            yield from dealt.read(path)

    def _by_code(self, noted: str) -> dict[str, int]:
        return dict(self._ask(f"select code, count(*) from {noted} group by code order by count(*) desc, code").fetchall())  # noqa: S608

    def _first(self, noted: str, limit: int) -> list[Problem]:
        rows = self._ask(f"select row, code, heading, value, params from {noted} order by row, seq limit {int(limit)}").fetchall()  # noqa: S608
        return [Problem(row, code, heading, value, json.loads(params)) for row, code, heading, value, params in rows]

    def write_rejected(self, path: Path) -> None:
        """All rejected rows in their order, as Parquet: `row`, `raw` (the cells joined by U+001F) and lists of `codes`, `headings`, `values`, `params`."""
        listed = ", ".join(f"list({name} order by seq) as {many}" for name, many in zip(_TOLD, TOLD, strict=True))
        kinds = {"row": pa.int64(), "raw": pa.string(), **{many: pa.list_(pa.string()) for many in TOLD}}
        piece = self.folder / "rejected-piece.parquet"
        with pq.ParquetWriter(path, schema := pa.schema(list(kinds.items()))) as out:
            for stretch in self._stretches(REJECTED_ROWS):
                question = self._named(
                    f"""
                    select r.row, any_value(s.raw) as raw, {listed}
                    from (from rejected where {stretch}) r
                    join (from staged where {stretch}) s using (row)
                    group by r.row
                    order by r.row
                    """  # noqa: S608
                )
                self._roomily(f"copy ({question}) to '{piece}' (format parquet, compression lz4)")
                with pq.ParquetFile(piece) as rows:
                    for batch in rows.iter_batches(batch_size=_BATCH_ROWS):
                        out.write_batch(batch.cast(schema))

    def sold(self) -> Iterator[list[tuple[str, str | None, datetime]]]:
        """Goods of the orders that were taken: code, latest name, and when they were last sold under it, some at a time."""
        found = self._ask(
            """
            select case when sku <> '' then sku else name end as code, arg_max(name, ("at", name)) filter (where name <> ''),
                coalesce(max("at") filter (where name <> ''), max("at"))
            from taken
            where "at" is not null
            group by code
            order by code
            """
        )
        while rows := found.fetchmany(_SOLD_ROWS):
            yield [(code, name, EPOCH + timedelta(microseconds=at)) for code, name, at in rows]

    def judged(self) -> None:
        """No more rows will be rejected: what was rejected, and what was sold, can be asked for."""
        self._rejected.close()
        for number, stretch in enumerate(self._stretches(PIECE_ROWS)):
            for name, which in (("taken", "not refund"), ("returned", "refund")):
                question = f"""
                    select {_TAKEN}
                    from (from staged where {stretch})
                    where {which} and row not in (select row from rejected where {stretch})
                """  # noqa: S608
                self._roomily(f"copy ({self._named(question)}) to '{self.folder}/{name}-{number}.parquet' (format parquet, compression lz4)")

    def _stretches(self, rows: int) -> Iterator[str]:
        """Conditions that part the rows by their numbers: joining all of a large file at once takes more than the memory."""
        for first in range(0, self._last_row + 1, rows):
            yield f"row >= {first} and row < {first + rows}"

    def _roomily(self, statement: str) -> None:
        """Run a statement, with more memory when rows are so long that it does not suffice. What Arrow only keeps for later is given back before."""
        pa.default_memory_pool().release_unused()
        while True:
            try:
                self._engine.execute(statement)
                return
            except duckdb.OutOfMemoryException:
                if self._memory_mb >= MOST_MB:
                    raise
                self._memory_mb *= 2
                self._engine.execute(f"set memory_limit = '{self._memory_mb}MB'")

    def _settle(self) -> None:
        if self._waiting:
            self._staging.write_table(pa.concat_tables(self._waiting).combine_chunks())
            self._waiting = []

    def _ask(self, question: str) -> duckdb.DuckDBPyConnection:
        """Ask with `staged`, `rejected`, `notices` and (once judged) `taken` and `returned` for the files; its answer is its own: several are read at once."""
        return self._engine.cursor().execute(self._named(question))

    def _named(self, question: str) -> str:
        files = {"staged": self._staged, "rejected": self._rejected.path, "notices": self._notices.path}
        files |= {name: self.folder / f"{name}-*.parquet" for name in ("taken", "returned")}
        named = ", ".join(f"{name} as (from '{file}')" for name, file in files.items() if name in question)
        return f"with {named} {question}"

    def _count(self, question: str) -> int:
        row = self._ask(question).fetchone()
        assert row is not None
        return int(row[0])


def _table(schema: pa.Schema, columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)


def _pieces(marks: Sequence[tuple[bool, str, int]]) -> Iterator[str]:
    """Conditions that part the rows by (refund, order number, row) into pieces of about so many, in that order. `marks`: those of some rows, evenly chosen."""
    every = PIECE_ROWS // _MARK_ROWS
    for refund in (False, True):
        ends = sorted((order_no, row) for back, order_no, row in marks if back is refund and "\0" not in order_no)[every::every]
        for low, high in pairwise([None, *ends, None]):
            conditions = [f"refund = {refund}"]
            if low:
                conditions.append(f"order_no >= {_quoted(low[0])} and (order_no > {_quoted(low[0])} or row >= {low[1]})")
            if high:
                conditions.append(f"order_no <= {_quoted(high[0])} and (order_no < {_quoted(high[0])} or row < {high[1]})")
            yield " and ".join(conditions)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _ends(table: pa.Table) -> list[int]:
    """Where groups of equal (refund, order number) end, exclusive."""
    ends: set[int] = set()
    for name in ("refund", "order_no"):
        column = table.column(name).combine_chunks()
        ends.update(pc.run_end_encode(column).run_ends.to_pylist())
    return sorted(ends)


def _cut(table: pa.Table, ends: Sequence[int]) -> Iterator[Staged]:
    columns = [column.to_pylist() for column in table.slice(0, ends[-1] if ends else 0).columns]
    start = 0
    for end in ends:
        yield Staged._make([column[start:end] for column in columns])
        start = end
