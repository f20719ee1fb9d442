"""Rows as a spreadsheet file: CSV that no program takes for formulas, and XLSX with typed cells."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, Literal, TypeAlias

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

Format = Literal["csv", "xlsx"]
Cell: TypeAlias = str | int | Decimal | datetime | None
MEDIA = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST = 32_767


def harmless(text: str) -> str:
    """The text behind a `'` when a spreadsheet might take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_csv(out: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """UTF-8 with a byte-order mark, so that Excel shows Chinese; returns the number of rows. Numbers stay bare, instants are naive and local."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer, count = csv.writer(text), 0
    writer.writerow([harmless(name) for name in header])
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
        count += 1
    text.flush()
    text.detach()
    return count


def write_xlsx(out: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """One sheet; text cells are text whatever they start with. Returns the number of rows. Holds the whole sheet's XML on disk, not in memory."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("客户")
    count = 0

    def typed(row: Sequence[Cell]) -> Iterator[Any]:
        for value in row:
            cell = WriteOnlyCell(sheet)
            if isinstance(value, str):
                cell.value = _UNPRINTABLE.sub("", value)[:_LONGEST]
                cell.data_type = "s"
            elif isinstance(value, datetime):
                cell.value = value
                cell.number_format = "yyyy-mm-dd hh:mm:ss"
            else:
                cell.value = value
            yield cell

    sheet.append(list(typed(header)))
    for row in rows:
        sheet.append(list(typed(row)))
        count += 1
    book.save(out)
    return count


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return "" if cell is None else harmless(cell) if isinstance(cell, str) else str(cell)


WRITERS = {"csv": write_csv, "xlsx": write_xlsx}
