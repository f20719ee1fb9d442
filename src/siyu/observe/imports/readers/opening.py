"""Which reader a file needs."""

from collections.abc import Iterator
from pathlib import Path

from siyu.observe.imports.model.imports import Format, Shape
from siyu.observe.imports.readers import columnar, delimited, workbook
from siyu.observe.imports.readers.rows import Chunk


def describe(path: Path, encoding: str | None = None) -> Shape:
    """What a file is and holds, from its content; a text file in this encoding, if one is given. Raises UnreadableFile."""
    match _format(path):
        case "parquet":
            return columnar.describe(path)
        case "xlsx":
            return workbook.describe(path)
        case "csv":
            return delimited.describe(path, encoding)


def read(path: Path, shape: Shape) -> Iterator[Chunk]:
    """All rows of a file that was described. Raises UnreadableFile where it breaks."""
    match shape.format:
        case "parquet":
            return columnar.read(path, shape)
        case "xlsx":
            return workbook.read(path, shape)
        case "csv":
            return delimited.read(path, shape)


def _format(path: Path) -> Format:
    with open(path, "rb") as file:
        start = file.read(4)
    if start == b"PAR1":
        return "parquet"
    if start == b"PK\x03\x04":
        return "xlsx"
    return "csv"
