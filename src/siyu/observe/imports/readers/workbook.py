"""XLSX: the first sheet that holds anything, read as a stream."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from siyu.observe.imports.model.imports import Shape
from siyu.observe.imports.readers import rows
from siyu.observe.imports.readers.refusals import BrokenFile, EmptyFile, NotText, TooManyBlankRows, UnpackedTooLarge
from siyu.observe.imports.readers.rows import Chunk

UNPACKED_LIMIT_BYTES = 2 << 30
STRINGS_LIMIT_BYTES = 100 << 20
RATIO_LIMIT = 250
BLANK_LIMIT = 20_000
_ROWS_OF_A_SHEET = 1_048_576


def describe(path: Path) -> Shape:
    """What a workbook holds. Raises UnpackedTooLarge before unpacking, BrokenFile, TooManyBlankRows and what `rows.head` raises."""
    _examine(path)
    with _sheet(path) as sheet:
        head, chunks = _open(sheet)
        return Shape("xlsx", head.columns, rows.samples(chunks))


def read(path: Path, shape: Shape) -> Iterator[Chunk]:
    """All rows of the sheet."""
    with _sheet(path) as sheet:
        _, chunks = _open(sheet)
        yield from chunks


def _examine(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as pack:
            parts = pack.infolist()
    except zipfile.BadZipFile as broken:
        raise BrokenFile(reason=str(broken)) from broken
    if not any(part.filename.startswith("xl/") for part in parts):
        raise NotText(found="zip")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > UNPACKED_LIMIT_BYTES or (unpacked > 100 << 20 and unpacked > RATIO_LIMIT * path.stat().st_size):
        raise UnpackedTooLarge(unpacked_bytes=unpacked, limit_bytes=UNPACKED_LIMIT_BYTES)
    strings = next((part.file_size for part in parts if part.filename == "xl/sharedStrings.xml"), 0)
    if strings > STRINGS_LIMIT_BYTES:  # these are held in memory whole
        raise UnpackedTooLarge(unpacked_bytes=strings, limit_bytes=STRINGS_LIMIT_BYTES)


@contextmanager
def _sheet(path: Path) -> Iterator[Worksheet]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and validations that it does not know; they do not matter here
        try:
            book = load_workbook(path, read_only=True, data_only=True)
            try:
                sheets = [sheet for sheet in book.worksheets if isinstance(sheet, ReadOnlyWorksheet)]
                for sheet in sheets:
                    sheet.reset_dimensions()  # what the file says of its size may be wrong by a million
                    if any(any(cell is not None for cell in cells) for cells in sheet.iter_rows(max_row=100, values_only=True)):
                        yield cast(Worksheet, sheet)  # it has the same way to give rows
                        return
                raise EmptyFile()
            finally:
                book.close()
        except (InvalidFileException, KeyError, ValueError, ParseError, zipfile.BadZipFile, EOFError, OSError) as broken:
            raise BrokenFile(reason=f"{type(broken).__name__}: {broken}"[:200]) from broken


def _open(sheet: Worksheet) -> tuple[rows.Head, Iterator[Chunk]]:
    records = _records(sheet)
    head = rows.head((number, cells) for number, cells, _ in records)
    return head, rows.chunks(records, len(head.columns))


def _records(sheet: Worksheet) -> Iterator[tuple[int, Sequence[str], float]]:
    blank = 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        texts = [text(cell) for cell in cells[: rows.COLUMNS_LIMIT + 1]]
        if any(texts):
            yield number, texts, number / _ROWS_OF_A_SHEET
        else:
            blank += 1
            if blank > BLANK_LIMIT:
                raise TooManyBlankRows(blank=blank)


def text(cell: object) -> str:
    """A cell as one would type it: whole numbers without a point, fractions with the fifteen digits that spreadsheets keep."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int():
            return str(cell)
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell)
