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
from openpyxl.reader import excel
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
_DAMAGE = (InvalidFileException, KeyError, ValueError, ParseError, zipfile.BadZipFile, EOFError, OSError)


class _Sheet(ReadOnlyWorksheet):
    """A sheet that does not look for its size: the library would read the whole of it at opening, and what it says may be wrong by a million rows."""

    def _get_size(self) -> None:
        pass


excel.ReadOnlyWorksheet = _Sheet  # type: ignore[attr-defined]  # the library has no other door for a class of sheets


def describe(path: Path) -> Shape:
    """What a workbook holds. Raises UnpackedTooLarge before unpacking, BrokenFile, TooManyBlankRows and what `rows.head` raises."""
    _examine(path)
    with _sheet(path) as sheet:
        head, chunks = _open(sheet, rows.SAMPLE_ROWS)
        return Shape("xlsx", head.columns, rows.samples(chunks))


def read(path: Path, shape: Shape) -> Iterator[Chunk]:
    """All rows of the sheet."""
    with _sheet(path) as sheet:
        _, chunks = _open(sheet, rows.CHUNK_ROWS)
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
    with open(path, "rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and validations that it does not know; they do not matter here
        try:
            book = load_workbook(file, read_only=True, data_only=True)
        except _DAMAGE as broken:
            raise _broken(broken) from broken
        try:
            for sheet in book.worksheets:
                if isinstance(sheet, ReadOnlyWorksheet):
                    rows_of = cast(Worksheet, sheet)  # it has the same way to give rows
                    if any(texts for _, texts in zip(range(100), _cells(rows_of), strict=False)):
                        yield rows_of
                        return
            raise EmptyFile()
        finally:
            book.close()


def _cells(sheet: Worksheet) -> Iterator[list[str]]:
    """Rows as texts, an empty list for a blank one. Raises BrokenFile."""
    rows_of = sheet.iter_rows(values_only=True)
    while True:
        try:
            cells = next(rows_of, None)
        except _DAMAGE as broken:
            raise _broken(broken) from broken
        if cells is None:
            return
        texts = [text(cell) for cell in cells[: rows.COLUMNS_LIMIT + 1]]
        yield texts if any(texts) else []


def _broken(error: Exception) -> BrokenFile:
    return BrokenFile(reason=f"{type(error).__name__}: {error}"[:200])


def _open(sheet: Worksheet, size: int) -> tuple[rows.Head, Iterator[Chunk]]:
    records = _records(sheet)
    head = rows.head((number, cells) for number, cells, _ in records)
    return head, rows.chunks(records, len(head.columns), size)


def _records(sheet: Worksheet) -> Iterator[tuple[int, Sequence[str], float]]:
    blank = 0
    for number, texts in enumerate(_cells(sheet), 1):
        if texts:
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
