"""HTTP of imports."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import File, Form, Request, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from siyu.infra.files import Files
from siyu.infra.http import Db, Page, decode_cursor, encode_cursor, needs
from siyu.infra.http import router as new_router
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import ImportId
from siyu.observe.imports import rejected, service
from siyu.observe.imports.model import encodings, fields, imports, options, problems

router = new_router("/imports", tag="imports")
READ, WRITE = [needs("imports.read")], [needs("imports.write")]


class ImportColumn(BaseModel):
    """A heading of the file and some values below it."""

    name: str
    samples: list[str]


class ImportUnreadSheet(BaseModel):
    """A sheet of the workbook that is not read; `rows` counts those that hold something, headings too."""

    name: str
    rows: int


class ImportSheet(BaseModel):
    """The sheet of a workbook that is read: the one whose headings are understood best. `heading_row` counts as a spreadsheet does."""

    name: str
    heading_row: int
    unread: list[ImportUnreadSheet]


class ImportOptions(BaseModel):
    """How the file is read. `timezone`: of times without a zone; `money_unit`: of prices, amounts and costs; `shift_weeks`: moves all times by whole weeks."""

    shop: str = Field(min_length=1, max_length=60)
    timezone: str = Field(max_length=60)
    day_first: bool = False
    money_unit: options.MoneyUnit = "yuan"
    keep_anonymous: bool = False
    shift_weeks: int = 0


class ImportProblem(BaseModel):
    """Why a row cannot be taken, or what is done with it; `row` counts as a spreadsheet does."""

    row: int
    column: str | None
    value: str | None
    code: str
    params: dict[str, Any]
    zh: str
    en: str


class ImportReport(BaseModel):
    """What the file holds and what became of it. `profile`: the file as it is, whatever of it can be taken.

    `orders` counts all that were taken, `gift_orders` those of them that sold nothing; `customers` bought something.

    `notices`: of rows that are taken, what is done with them that the file does not say; the first hundred, like `problems`.

    `revenue`: exact sum of the sale lines of orders that were taken, gross of refunds.
    """

    rows: int
    orders: int
    gift_orders: int
    customers: int
    refunds: int
    rejected: int
    new_orders: int
    changed_orders: int
    unchanged_orders: int
    first_paid_at: datetime | None
    last_paid_at: datetime | None
    revenue: str
    problems: list[ImportProblem]
    problems_by_code: dict[str, int]
    notices: list[ImportProblem] = []
    notices_by_code: dict[str, int] = {}
    profile: dict[str, Any]


class ImportFailure(BaseModel):
    """Why the import failed."""

    code: str
    params: dict[str, Any]


class Import(BaseModel):
    """One file on its way in. `guessed`: its columns are a guess; `job_id`: the dry run or import that was last at it; `deletable`: nothing came of it.

    `encoding_doubtful`: of the text; it may well be another.
    """

    id: UUID
    kind: Literal["orders"]
    file_name: str
    size_bytes: int
    format: imports.Format
    encoding: str | None
    encoding_doubtful: bool
    delimiter: str | None
    sheet: ImportSheet | None
    state: imports.State
    columns: list[ImportColumn]
    mapping: dict[str, str | None]
    guessed: bool
    options: ImportOptions
    problems_count: int
    job_id: UUID | None
    report: ImportReport | None
    error: ImportFailure | None
    deletable: bool
    created_at: datetime


class ImportField(BaseModel):
    """What a column may mean."""

    field: str
    zh: str
    en: str
    required: bool
    kind: str


class MappingIn(BaseModel):
    """Field → heading, null when the file does not tell."""

    mapping: dict[str, str | None]
    options: ImportOptions


class EncodingIn(BaseModel):
    """How a text file is encoded. `cp950`: Big5; `cp932`: Shift-JIS; `cp949`: EUC-KR; `cp1252`: Western."""

    encoding: encodings.Encoding


@router.post("", operation_id="create_import", status_code=201, dependencies=WRITE)
def create_import(tx: Db, request: Request, file: Annotated[UploadFile, File()], kind: Annotated[Literal["orders"], Form()] = "orders") -> Import:
    """Take a file and guess its columns."""
    return _shown(tx, service.create(tx, _files(request), file.filename or "orders", file.file))


@router.get("", operation_id="list_imports", dependencies=READ)
def list_imports(tx: Db, cursor: str | None = None, limit: int = 50) -> Page[Import]:
    """Imports, newest first."""
    limit = max(1, min(limit, 200))
    found = service.page(tx, before=_before(cursor), limit=limit + 1)
    shown = found[:limit]
    deletable = service.deletable(tx, shown)
    return Page(items=[_told(tx, one, one.id in deletable) for one in shown], next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None)


@router.get("/fields", operation_id="list_import_fields", dependencies=READ)
def list_import_fields() -> list[ImportField]:
    """What columns may mean."""
    return [ImportField(field=one.field, zh=one.zh, en=one.en, required=one.required, kind=one.kind) for one in fields.FIELDS]


@router.get("/{import_id}", operation_id="get_import", dependencies=READ)
def get_import(tx: Db, import_id: UUID) -> Import:
    """One import."""
    return _shown(tx, service.get(tx, ImportId(import_id)))


@router.put("/{import_id}/mapping", operation_id="set_import_mapping", dependencies=WRITE)
def set_import_mapping(tx: Db, import_id: UUID, body: MappingIn) -> Import:
    """Say what the columns mean; remembered for files with the same headings."""
    return _shown(tx, service.set_mapping(tx, ImportId(import_id), body.mapping, options.Options(**body.options.model_dump())))


@router.put("/{import_id}/encoding", operation_id="set_import_encoding", dependencies=WRITE)
def set_import_encoding(tx: Db, request: Request, import_id: UUID, body: EncodingIn) -> Import:
    """Say in which encoding a text file is written; its columns are found anew."""
    return _shown(tx, service.set_encoding(tx, _files(request), ImportId(import_id), body.encoding))


@router.post("/{import_id}/check", operation_id="check_import", dependencies=WRITE)
def check_import(tx: Db, import_id: UUID) -> Import:
    """Try the file without writing anything, as a job."""
    return _shown(tx, service.check(tx, ImportId(import_id)))


@router.post("/{import_id}/run", operation_id="run_import", dependencies=WRITE)
def run_import(tx: Db, import_id: UUID) -> Import:
    """Import the file, as a job."""
    return _shown(tx, service.run(tx, ImportId(import_id)))


@router.post("/{import_id}/cancel", operation_id="cancel_import", dependencies=WRITE)
def cancel_import(tx: Db, import_id: UUID) -> Import:
    """Stop a running import between two orders."""
    return _shown(tx, service.cancel(tx, ImportId(import_id)))


@router.delete("/{import_id}", operation_id="delete_import", status_code=204, dependencies=WRITE)
def delete_import(tx: Db, request: Request, import_id: UUID) -> None:
    """Take away a file that brought nothing in, with its bytes."""
    service.delete(tx, _files(request), ImportId(import_id))


@router.get("/{import_id}/rejected.csv", operation_id="download_rejected_rows", dependencies=READ, response_class=StreamingResponse)
def download_rejected_rows(tx: Db, request: Request, import_id: UUID, language: str | None = None) -> StreamingResponse:
    """The rows that cannot be taken, with their numbers and reasons. `language`: zh-CN or en-US, else what the browser asks for."""
    one = service.get(tx, ImportId(import_id))
    _, path = _files(request).find(tx, service.rejected_file(tx, one.id))
    tongue = language or request.headers.get("accept-language", "zh-CN")
    name = f"rejected-{one.id}.csv"
    return StreamingResponse(
        rejected.render(path, one.headings, tongue), media_type="text/csv; charset=utf-8", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


def _files(request: Request) -> Files:
    files = request.app.state.files
    assert isinstance(files, Files)
    return files


def _shown(tx: Tx, one: imports.Import) -> Import:
    return _told(tx, one, bool(service.deletable(tx, [one])))


def _told(tx: Tx, one: imports.Import, deletable: bool) -> Import:
    return Import(
        id=one.id,
        kind=one.kind,
        file_name=one.file_name,
        size_bytes=one.size_bytes,
        format=one.format,
        encoding=one.encoding,
        encoding_doubtful=encodings.doubtful(one.encoding),
        delimiter=one.delimiter,
        sheet=ImportSheet(**asdict(one.sheet)) if one.sheet else None,
        state=service.state_of(tx, one),
        columns=[ImportColumn(**column) for column in one.columns],
        mapping=dict(one.mapping),
        guessed=one.guessed,
        options=ImportOptions(**{name: getattr(one.options, name) for name in ImportOptions.model_fields}),
        problems_count=one.report["problems_count"] if one.report else 0,
        job_id=one.job_id,
        report=_report(one.report) if one.report else None,
        error=ImportFailure(**one.error) if one.error else None,
        deletable=deletable,
        created_at=one.created_at,
    )


def _report(report: Mapping[str, Any]) -> ImportReport:
    return ImportReport(**{**report, **{name: [_worded(problem) for problem in report.get(name, ())] for name in ("problems", "notices")}})


def _worded(problem: Mapping[str, Any]) -> dict[str, Any]:
    return {**problem, **{tongue: problems.sentence(problem["code"], problem["params"], problem["value"], tongue) for tongue in ("zh", "en")}}


def _before(cursor: str | None) -> ImportId | None:
    if cursor is None:
        return None
    try:
        return ImportId(UUID(decode_cursor(cursor)[0]))
    except (IndexError, TypeError, ValueError, AttributeError) as broken:
        raise Invalid(field="cursor", reason="not a cursor of this list") from broken
