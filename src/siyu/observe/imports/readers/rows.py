"""What every reader gives: chunks of rows, and the head of a file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from siyu.observe.imports.model import values
from siyu.observe.imports.model.harmless import added, restored
from siyu.observe.imports.readers.refusals import DuplicateHeaders, EmptyFile, NoHeader, NoRows, TooManyColumns

CHUNK_ROWS = 4_000
SAMPLE_ROWS = 50
COLUMNS_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows, by columns in the order of the headings, with their numbers (as a spreadsheet counts; the heading is row 1).

    `extra`: cells beyond the headings, by place in the chunk. `share` of the file is read so far.
    """

    numbers: Sequence[int]
    columns: Sequence[Sequence[str]]
    share: float
    extra: Mapping[int, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """Headings and the number of the row that holds them. `places`: where they stand among the `width` columns of the file.

    `returned`: it is a file of rejected rows that comes back; the columns that were added to it are left out, and its cells are restored.
    """

    columns: list[str]
    row: int
    width: int
    places: Sequence[int]
    returned: bool = False


def head(rows: Iterable[tuple[int, Sequence[str]]]) -> Head:
    """The first row that is not blank, as headings. Raises EmptyFile, NoHeader, DuplicateHeaders or TooManyColumns."""
    for number, cells in rows:  # noqa: B007 (the heading's number is told)
        if any(cell.strip() for cell in cells):
            break
    else:
        raise EmptyFile()
    columns = [cell.strip().lstrip("\ufeff") for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    if len(columns) > COLUMNS_LIMIT:
        raise TooManyColumns(columns=len(columns), limit=COLUMNS_LIMIT)
    told = [column for column in columns if column]
    data = [column for column in told if is_data(column)]
    if len(data) * 3 >= len(told) and len(data) > 0 and len(told) > 1:
        raise NoHeader(first=told[:5])
    columns = [column or f"#{place}" for place, column in enumerate(columns, 1)]
    ours = added(columns)
    places = [place for place, column in enumerate(columns) if column not in ours]
    kept = [restored(columns[place]) if ours else columns[place] for place in places]
    if twice := sorted({column for column in kept if kept.count(column) > 1}):
        raise DuplicateHeaders(names=twice)
    return Head(kept, number, len(columns), places, bool(ours))


def is_data(cell: str) -> bool:
    """Whether a cell holds a number or a time, as headings do not."""
    return values.number(cell) is not None or values.local_time(cell, day_first=False) is not None


def chunks(rows: Iterable[tuple[int, Sequence[str], float]], head: Head, size: int) -> Iterator[Chunk]:
    """Rows without the blank ones, padded to the width of the headings, in chunks of `size`."""
    width = head.width
    numbers: list[int] = []
    filled: list[Sequence[str]] = []
    extra: dict[int, Sequence[str]] = {}
    padding = [""] * width
    for number, cells, share in rows:
        if len(cells) != width:
            if any(cell.strip() for cell in cells[width:]):
                extra[len(filled)] = cells[width:]
            cells = [*cells, *padding[len(cells) :]][:width]
        if not any(cells):
            continue
        numbers.append(number)
        filled.append(cells)
        if len(filled) >= size:
            yield Chunk(numbers, _columns(head, filled), share, extra)
            numbers, filled, extra = [], [], {}
    if filled:
        yield Chunk(numbers, _columns(head, filled), 1.0, extra)


def _columns(head: Head, filled: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    columns: list[Sequence[str]] = list(zip(*filled, strict=True))
    return [[*map(restored, columns[place])] for place in head.places] if head.returned else columns


def samples(first: Iterator[Chunk]) -> list[list[str]]:
    """The first rows. Raises NoRows when there is none."""
    chunk = next(first, None)
    if chunk is None:
        raise NoRows()
    return [list(row) for row in zip(*(column[:SAMPLE_ROWS] for column in chunk.columns), strict=True)]
