"""The file of rejected rows as a spreadsheet opens it: the file's own columns, the row's number, and why, in the reader's language."""

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from siyu.observe.imports.model.problems import sentence

_NUMBER = re.compile(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?")
_HEADINGS = {"zh": ("行号", "问题列", "原因"), "en": ("Row", "Column", "Reason")}


def render(path: Path, headings: Sequence[str], language: str) -> Iterator[bytes]:
    """CSV with a byte-order mark. Text that a spreadsheet would take for a formula is quoted; the stored data are not."""
    tongue = "zh" if language.startswith("zh") else "en"
    yield "\ufeff".encode()
    yield _line([*headings, *_HEADINGS[tongue]])
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            cells = [*row["cells"], *[""] * (len(headings) - len(row["cells"]))]
            columns = "; ".join(dict.fromkeys(column for _, column, _, _ in row["problems"] if column))
            reasons = "; ".join(sentence(code, params, value, language) for code, _, value, params in row["problems"])
            yield _line([*map(harmless, cells[: len(headings)]), str(row["row"]), columns, reasons])


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: `'` before `=`, `+`, `-`, `@`, tab and carriage return, unless it is a plain number."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.fullmatch(cell) else cell


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
