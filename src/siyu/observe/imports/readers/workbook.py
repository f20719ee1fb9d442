"""XLSX: the sheet whose headings are understood best, read as a stream."""

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.reader import excel
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from siyu.observe.imports.model import mapping
from siyu.observe.imports.model.imports import Shape, Sheet, UnreadSheet
from siyu.observe.imports.readers import rows
from siyu.observe.imports.readers.refusals import BrokenFile, EmptyFile, NotText, TooManyBlankRows, UnpackedTooLarge
from siyu.observe.imports.readers.rows import Chunk

UNPACKED_LIMIT_BYTES = 2 << 30
STRINGS_LIMIT_BYTES = 100 << 20
RATIO_LIMIT = 250
BLANK_LIMIT = 20_000
HEADING_ROWS = 10
"""Among so many rows that are not blank the headings are looked for."""
_LOOK_ROWS = 100
_TAGS = re.compile(rb"<(?:\w+:)?(row|v|t)[\s/>]")
_ROWS_OF_A_SHEET = 1_048_576
_DAMAGE = (InvalidFileException, KeyError, ValueError, ParseError, zipfile.BadZipFile, EOFError, OSError)


class _Sheet(ReadOnlyWorksheet):
    """A sheet that does not look for its size: the library would read the whole of it at opening, and what it says may be wrong by a million rows."""

    def _get_size(self) -> None:
        pass


excel.ReadOnlyWorksheet = _Sheet  # type: ignore[attr-defined]  # the library has no other door for a class of sheets


def describe(path: Path) -> Shape:
    """What a workbook holds. Raises UnpackedTooLarge before unpacking, EmptyFile, BrokenFile, TooManyBlankRows and what `rows.head` raises."""
    _examine(path)
    with _book(path) as sheets:
        looks = [look for look in map(_look, sheets) if look is not None]
        if not looks:
            raise EmptyFile()
        best = max(looks, key=lambda look: (look.answered, look.has_rows))
        unread = [UnreadSheet(look.sheet.title, _rows_of(path, look.sheet)) for look in looks if look is not best]
        head, chunks = _open(best.sheet, best.heading_row, rows.SAMPLE_ROWS)
        return Shape("xlsx", head.columns, rows.samples(chunks), sheet=Sheet(best.sheet.title, best.heading_row, unread))


def read(path: Path, shape: Shape) -> Iterator[Chunk]:
    """All rows of the sheet."""
    with _book(path) as sheets:
        if shape.sheet is None:
            sheet = next(sheet for sheet in sheets if _look(sheet) is not None)
        else:
            sheet = next(sheet for sheet in sheets if sheet.title == shape.sheet.name)
        _, chunks = _open(sheet, shape.sheet.heading_row if shape.sheet else 1, rows.CHUNK_ROWS)
        yield from chunks


@dataclass(frozen=True)
class _Look:
    """What the first rows of a sheet tell. `answered`: see `mapping.answered`; `has_rows`: something stands below the headings."""

    sheet: Worksheet
    heading_row: int
    answered: int
    has_rows: bool


def _look(sheet: Worksheet) -> _Look | None:
    """None for a sheet that holds nothing."""
    filled = [(number, texts) for number, texts in enumerate(islice(_cells(sheet), _LOOK_ROWS), 1) if texts]
    if not filled:
        return None
    place = _heading_place([texts for _, texts in filled[:HEADING_ROWS]])
    (number, cells), below = filled[place], [texts for _, texts in filled[place + 1 :]][: rows.SAMPLE_ROWS]
    samples = [[*texts, *[""] * len(cells)][: len(cells)] for texts in below]
    return _Look(sheet, number, mapping.answered(mapping.guess(cells, samples)), bool(below))


def _heading_place(first: Sequence[Sequence[str]]) -> int:
    """Which of the first rows holds the headings: the first, unless a later one names more fields, and at least two, word for word, and holds no data."""
    best, most = 0, max(1, sum(column is not None for column in mapping.guess(first[0], []).values()))
    for place, cells in enumerate(first[1:], 1):
        if (found := mapping.known(cells)) > most and not any(map(rows.is_data, cells)):
            best, most = place, found
    return best


def _rows_of(path: Path, sheet: Worksheet) -> int:
    """How many rows of a sheet hold something, counted in its XML as it is unpacked: cells are not made of it."""
    count, fresh, rest = 0, False, b""
    with zipfile.ZipFile(path) as pack, pack.open(sheet._worksheet_path) as part:  # type: ignore[attr-defined]  # ReadOnlyWorksheet keeps it there
        try:
            while block := part.read(1 << 20):
                block = rest + block
                whole = block.rfind(b"<")
                block, rest = block[:whole], block[whole:]  # no tag is cut in two
                for tag in _TAGS.finditer(block):
                    if tag[1] == b"row":
                        fresh = True
                    elif fresh:
                        count, fresh = count + 1, False
        except _DAMAGE as broken:
            raise _broken(broken) from broken
    return count


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
def _book(path: Path) -> Iterator[list[Worksheet]]:
    """The sheets of cells."""
    with open(path, "rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and validations that it does not know; they do not matter here
        try:
            book = load_workbook(file, read_only=True, data_only=True)
        except _DAMAGE as broken:
            raise _broken(broken) from broken
        try:
            yield [cast(Worksheet, sheet) for sheet in book.worksheets if isinstance(sheet, ReadOnlyWorksheet)]  # it has the same way to give rows
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


def _open(sheet: Worksheet, heading_row: int, size: int) -> tuple[rows.Head, Iterator[Chunk]]:
    records = (record for record in _records(sheet) if record[0] >= heading_row)
    head = rows.head((number, cells) for number, cells, _ in records)
    return head, rows.chunks(records, head, size)


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
    """A cell as one would type it: whole numbers without a point, fractions with the fifteen digits that spreadsheets keep.

    A whole number of more digits than those, of which a spreadsheet loses the last, is written as it shows it: `1.23456789012346E+17`.
    """
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int():
            return str(cell) if abs(cell) < 10**15 else format(Decimal(cell), ".14E")
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15G")
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell)
