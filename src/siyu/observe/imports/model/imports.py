"""An import: one file on its way in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from siyu.kernel.ids import FileId, ImportId, JobId
from siyu.observe.imports.model.options import Options

State = Literal["uploaded", "checked", "importing", "done", "failed", "cancelled"]
Format = Literal["csv", "xlsx", "parquet"]


@dataclass(frozen=True)
class UnreadSheet:
    """A sheet of the workbook that is not read. `rows`: how many of its rows hold something, headings too."""

    name: str
    rows: int


@dataclass(frozen=True)
class Sheet:
    """The sheet of a workbook that is read. `heading_row`: where its headings stand, as a spreadsheet counts; `unread`: the others that hold something."""

    name: str
    heading_row: int
    unread: Sequence[UnreadSheet]


@dataclass(frozen=True)
class Shape:
    """What a file is, told from its content. `columns`: headings; `samples`: its first rows, padded to the headings; `rows`: how many, when it says so.

    `sheet`: of a workbook; None for one that was taken in before siyu chose among sheets, of which the first is read.
    """

    format: Format
    columns: Sequence[str]
    samples: Sequence[Sequence[str]]
    encoding: str | None = None
    delimiter: str | None = None
    rows: int | None = None
    sheet: Sheet | None = None


@dataclass(frozen=True)
class Import:
    """One file, how it is read, how far it is, and what was found. `guessed`: the mapping is a guess that nobody confirmed."""

    id: ImportId
    kind: Literal["orders"]
    file_id: FileId
    file_name: str
    size_bytes: int
    format: Format
    encoding: str | None
    delimiter: str | None
    sheet: Sheet | None
    state: State
    columns: Sequence[Mapping[str, Any]]
    mapping: Mapping[str, str | None]
    guessed: bool
    options: Options
    header_hash: str
    job_id: JobId | None
    rejected_file_id: FileId | None
    report: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    created_by: str
    created_at: datetime
    updated_at: datetime

    @property
    def headings(self) -> list[str]:
        return [str(column["name"]) for column in self.columns]
