"""The file of rejected rows as a spreadsheet opens it: the file's own columns, the row's number, and why, in the reader's language."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from siyu.observe.imports.model.harmless import REASON_HEADINGS, harmless
from siyu.observe.imports.model.problems import sentence


def render(path: Path, headings: Sequence[str], language: str) -> Iterator[bytes]:
    """CSV with a byte-order mark. Text that a spreadsheet would take for a formula has a `'` before it, which goes when the file comes back."""
    tongue = "zh" if language.startswith("zh") else "en"
    yield "\ufeff".encode()
    yield _line([*map(harmless, headings), *REASON_HEADINGS[tongue]])
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1_000):
            lines = io.StringIO()
            write = csv.writer(lines).writerow
            for row in batch.to_pylist():
                cells = [*row["raw"].split("\x1f"), *[""] * len(headings)][: len(headings)]
                columns = "; ".join(dict.fromkeys(filter(None, row["headings"])))
                told = zip(row["codes"], row["values"], row["params"], strict=True)
                reasons = "; ".join(sentence(code, json.loads(params), value, language) for code, value, params in told)
                write([*map(harmless, [*cells, str(row["row"]), columns, reasons])])
            yield lines.getvalue().encode()


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
