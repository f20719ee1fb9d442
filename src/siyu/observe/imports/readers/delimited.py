"""CSV and its relatives."""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from siyu.observe.imports.model.imports import Shape
from siyu.observe.imports.readers import encoding, rows
from siyu.observe.imports.readers.refusals import BrokenFile, BrokenQuotes, CellTooLong, EmptyFile, EncodingUnknown, NotATable
from siyu.observe.imports.readers.rows import Chunk

_DELIMITERS = ",;\t|"
_CELL_LIMIT = 1 << 16
_LOOK_LIMIT = 1 << 22
"""A cell above the limit is read up to so many characters, to say what is wrong."""
_NO_TABLE = {
    "html": re.compile(r"\s*<(?:!doctype\s+html|html|head|meta|body|table)\b", re.IGNORECASE),
    "xml": re.compile(r"\s*<\?xml\b"),
    "json": re.compile(r"\s*(?:\[\s*)?\{\s*[\"}]|\s*\[\s*[\[\"]"),
}


def describe(path: Path, codec: str | None = None) -> Shape:
    """What a text file holds, in this codec or the likeliest. Raises what `encoding.detect` and `rows.head` raise, EmptyFile, NotATable, NoRows.

    Raises CellTooLong or BrokenQuotes where a cell does not end.
    """
    if path.stat().st_size == 0:
        raise EmptyFile()
    if codec is None:
        codec = encoding.detect(path)
    elif not encoding.decodes(path, codec):
        raise EncodingUnknown(encoding=codec)
    with open(path, encoding=codec, newline="") as text:
        start = text.read(200).lstrip("\ufeff")
    for found, looks in _NO_TABLE.items():
        if looks.match(start):
            raise NotATable(found=found)
    delimiter = _delimiter(path, codec)
    head, chunks = _open(path, codec, delimiter, rows.SAMPLE_ROWS)
    return Shape("csv", head.columns, rows.samples(chunks), codec, delimiter)


def read(path: Path, shape: Shape) -> Iterator[Chunk]:
    """All rows. Raises EncodingUnknown, CellTooLong, BrokenQuotes or BrokenFile where the file breaks."""
    assert shape.encoding is not None and shape.delimiter is not None
    _, chunks = _open(path, shape.encoding, shape.delimiter, rows.CHUNK_ROWS)
    yield from chunks


def _open(path: Path, codec: str, delimiter: str, size: int) -> tuple[rows.Head, Iterator[Chunk]]:
    records = _records(path, codec, delimiter)
    head = rows.head((number, cells) for number, cells, _ in records)
    return head, rows.chunks(records, head, size)


def _records(path: Path, codec: str, delimiter: str) -> Iterator[tuple[int, Sequence[str], float]]:
    size = path.stat().st_size
    csv.field_size_limit(_CELL_LIMIT)
    number = 0
    with open(path, encoding=codec, newline="", errors="strict") as text:
        share, last = 0.0, 0
        try:
            reader = csv.reader(text, delimiter=delimiter)
            for number, cells in enumerate(reader, 1):
                if number % 1000 == 0:
                    share = _position(text) / size
                yield number, cells, share
                begun, last = last, reader.line_num
            if number and reader.line_num - begun > 1 and _open_quote(path, codec, delimiter, begun):
                raise BrokenQuotes(row=number)
        except UnicodeError as broken:
            raise EncodingUnknown(encoding=codec, row=number + 1) from broken
        except csv.Error as broken:
            if "field limit" in str(broken):
                if _ends(path, codec, delimiter, last):
                    raise CellTooLong(row=number + 1, limit=_CELL_LIMIT) from broken
                raise BrokenQuotes(row=number + 1) from broken
            raise BrokenFile(row=number + 1, reason=str(broken)) from broken


def _ends(path: Path, codec: str, delimiter: str, line: int) -> bool:
    """Whether the record that begins behind so many lines comes to an end, its quotes closed as they should be."""
    with open(path, encoding=codec, newline="", errors="strict") as text:
        csv.field_size_limit(_LOOK_LIMIT)
        try:
            return next(csv.reader(islice(text, line, None), delimiter=delimiter, strict=True), None) is not None
        except csv.Error:
            return False
        finally:
            csv.field_size_limit(_CELL_LIMIT)


def _open_quote(path: Path, codec: str, delimiter: str, line: int) -> bool:
    """Whether the record that begins behind so many lines, the file's last, holds a quote that nothing closes."""
    with open(path, encoding=codec, newline="", errors="strict") as text:
        rest = list(islice(text, line, None))
    try:
        return not list(csv.reader(rest, delimiter=delimiter, strict=True))
    except csv.Error as broken:
        return "unexpected end" in str(broken)


def _position(text: TextIO) -> int:
    return text.buffer.tell()


def _delimiter(path: Path, codec: str) -> str:
    """The delimiter under which the first lines fall into the most, and equally many, cells."""
    with open(path, encoding=codec, newline="", errors="replace") as text:
        start = text.read(1 << 16)
    lines = start.splitlines(keepends=True)
    if len(start) == 1 << 16:
        lines = lines[:-1]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            widths = [len(cells) for cells in csv.reader(lines[:200], delimiter=delimiter) if cells]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            score = widths[0] * sum(width == widths[0] for width in widths) / len(widths)
            if score > best_score:
                best, best_score = delimiter, score
    return best
