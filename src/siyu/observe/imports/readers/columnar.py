"""Parquet, one row group at a time."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from siyu.observe.imports.model.imports import Shape
from siyu.observe.imports.readers import rows
from siyu.observe.imports.readers.refusals import BrokenFile, DuplicateHeaders, EmptyFile, NoRows, TooManyColumns
from siyu.observe.imports.readers.rows import Chunk


def describe(path: Path) -> Shape:
    """What a Parquet file holds. Raises BrokenFile, DuplicateHeaders, TooManyColumns, NoRows."""
    file = _file(path)
    columns = [str(name) for name in file.schema_arrow.names]
    if not columns:
        raise EmptyFile()
    if len(columns) > rows.COLUMNS_LIMIT:
        raise TooManyColumns(columns=len(columns), limit=rows.COLUMNS_LIMIT)
    if twice := sorted({column for column in columns if columns.count(column) > 1}):
        raise DuplicateHeaders(names=twice)
    if file.metadata.num_rows == 0:
        raise NoRows()
    return Shape("parquet", columns, rows.samples(_chunks(file, rows.SAMPLE_ROWS)), rows=int(file.metadata.num_rows))


def read(path: Path, shape: Shape) -> Iterator[Chunk]:
    """All rows. Row numbers count as if the headings were row 1."""
    yield from _chunks(_file(path), rows.CHUNK_ROWS)


def _file(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, memory_map=False, pre_buffer=False)
    except (pa.ArrowInvalid, OSError) as broken:
        raise BrokenFile(reason=str(broken)[:200]) from broken


def _chunks(file: pq.ParquetFile, size: int) -> Iterator[Chunk]:
    done, total = 0, max(int(file.metadata.num_rows), 1)
    try:
        for batch in file.iter_batches(batch_size=size):
            columns = [_texts(column) for column in batch.columns]
            count = batch.num_rows
            yield Chunk(range(done + 2, done + 2 + count), columns, (done + count) / total)
            done += count
    except (pa.ArrowInvalid, OSError) as broken:
        raise BrokenFile(reason=str(broken)[:200], row=done + 2) from broken


def _texts(column: pa.Array) -> list[str]:
    """Cells as text; times keep their zone."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_floating(kind):
        return ["" if cell is None or cell != cell else repr(cell) for cell in column.to_pylist()]
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return ["" if cell is None else cell.isoformat() for cell in column.to_pylist()]
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        try:
            column = pc.cast(column, pa.string())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return ["" if cell is None else str(cell) for cell in column.to_pylist()]
    return list(pc.fill_null(column, "").to_pylist())
