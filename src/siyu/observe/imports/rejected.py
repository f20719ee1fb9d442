"""The file of rejected rows as a spreadsheet opens it: the file's own columns, the row's number, and why, in the reader's language."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from siyu.observe.imports.model.problems import sentence

_NUMBER = re.compile(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?")
_HEADINGS = {"zh": ("行号", "问题列", "原因"), "en": ("Row", "Column", "Reason")}


def render(path: Path, headings: Sequence[str], language: str) -> Iterator[bytes]:
    """CSV with a byte-order mark. Text that a spreadsheet would take for a formula is quoted; the stored data are not."""
    tongue = "zh" if language.startswith("zh") else "en"
    yield "\ufeff".encode()
    yield _line([*headings, *_HEADINGS[tongue]])
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1_000):
            lines = io.StringIO()
            write = csv.writer(lines).writerow
            for row in batch.to_pylist():
                cells = [*row["raw"].split("\x1f"), *[""] * len(headings)][: len(headings)]
                columns = "; ".join(dict.fromkeys(filter(None, row["headings"])))
                told = zip(row["codes"], row["values"], row["params"], strict=True)
                reasons = "; ".join(sentence(code, json.loads(params), value, language) for code, value, params in told)
                write([*map(harmless, cells), row["row"], columns, reasons])
            yield lines.getvalue().encode()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: `'` before `=`, `+`, `-`, `@`, tab and carriage return, unless it is a plain number."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.fullmatch(cell) else cell


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
