"""The customer list as a file: the same filters, scope and masks; a few at once, many as a job."""

import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from siyu import engine
from siyu.access import audit
from siyu.infra import jobs
from siyu.infra.files import FileNotFound, Files, StoredFile
from siyu.infra.jobs import Work
from siyu.infra.settings import Settings
from siyu.infra.tx import Actor, Scope, Tx
from siyu.kernel.errors import Invalid, Refusal
from siyu.kernel.ids import CustomerId, DepartmentId, FileId, JobId, StaffId
from siyu.observe import contacts
from siyu.understand import lifecycle, rfm
from siyu.understand.customers import masks, questions, service, sheets
from siyu.understand.customers.model import Direction, Filter, Sort
from siyu.understand.customers.sheets import Cell, Format

JOB = "customers.export"
AT_ONCE = 5_000
LARGEST = 1_000_000
CHUNK = 2_000
Language = Literal["zh-CN", "en-US"]

COLUMNS: Mapping[str, tuple[str, str]] = {
    "id": ("客户编号", "Customer"),
    "name": ("姓名", "Name"),
    "masked_phone": ("手机号", "Phone"),
    "gender": ("性别", "Gender"),
    "province": ("省份", "Province"),
    "city": ("城市", "City"),
    "stage": ("生命周期", "Stage"),
    "rfm": ("RFM 分层", "RFM group"),
    "rfm_scores": ("RFM 得分", "RFM scores"),
    "orders": ("付款订单数", "Paid orders"),
    "revenue": ("消费金额(元)", "Revenue (CNY)"),
    "first_paid_at": ("首次付款", "First paid"),
    "last_paid_at": ("最近付款", "Last paid"),
    "contact": ("好友状态", "Contact"),
    "staff": ("所属员工", "Staff"),
    "created_at": ("建档时间", "Known since"),
}
_STAGES: Mapping[str, tuple[str, str]] = {stage.key: (stage.zh, stage.en) for stage in lifecycle.STAGES}
_NAMES = {name.key: (name.zh, name.en) for name in rfm.NAMES}
_CONTACT = {"yes": ("好友", "friend"), "lost": ("已流失", "lost"), "no": ("未添加", "none")}
_GENDER = {"man": ("男", "man"), "woman": ("女", "woman")}
_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {"stage": _STAGES, "contact": _CONTACT, "gender": _GENDER}


class ExportTooLarge(Refusal):
    """More customers than may be exported at once; ask for a job."""

    code = "export.too_large"


@dataclass(frozen=True)
class Wish:
    """What somebody wants as a file."""

    format: Format
    filter: Filter
    columns: tuple[str, ...]
    sort: Sort = "last_paid_at"
    direction: Direction = "desc"
    language: Language = "zh-CN"

    def __post_init__(self) -> None:
        """Raises Invalid for an unknown column."""
        unknown = [column for column in self.columns if column not in COLUMNS]
        if unknown or not self.columns:
            raise Invalid(field="columns", reason="unknown" if unknown else "none", columns=unknown)

    @property
    def header(self) -> list[str]:
        return [self.say(COLUMNS[column]) for column in self.columns]

    def say(self, words: tuple[str, str]) -> str:
        """The word in the file's language."""
        return words[0] if self.language == "zh-CN" else words[1]


def at_once(tx: Tx, wish: Wish) -> bytes:
    """The file of at most 5,000 customers. Raises ExportTooLarge, engine.EngineUnavailable."""
    answer = engine.ask(tx, _question(tx, wish).limit(AT_ONCE + 1))
    rows = answer.rows()
    if len(rows) > AT_ONCE:
        raise ExportTooLarge(customers=rows[0]["total"], limit=AT_ONCE)
    out = io.BytesIO()
    sheets.WRITERS[wish.format](out, wish.header, _cells(tx, wish, rows))
    _record(tx, wish, len(rows), answer.as_of)
    return out.getvalue()


def request(tx: Tx, wish: Wish) -> JobId:
    """Have the file made by a job, within what its asker may see now; only the asker can fetch it."""
    title = {"csv": "导出客户(CSV)", "xlsx": "导出客户(XLSX)"}[wish.format]
    actor, scope = tx.actor, tx.actor.scope
    return jobs.enqueue(
        tx,
        JOB,
        title=title,
        visible=True,
        format=wish.format,
        filter=wish.filter.given(),
        columns=list(wish.columns),
        sort=wish.sort,
        direction=wish.direction,
        language=wish.language,
        actor={"kind": actor.kind, "id": str(actor.id) if actor.id else None, "name": actor.name, "role": actor.role},
        scope={
            "kind": scope.kind,
            "staff_id": str(scope.staff_id) if scope.staff_id else None,
            "department_ids": [str(id) for id in scope.department_ids],
        },
    )


def run(work: Work) -> None:
    """The job that makes one file from one answer of the replica, names and phones chunk by chunk."""
    params = work.params
    wish = Wish(params["format"], Filter.of(params["filter"]), tuple(params["columns"]), params["sort"], params["direction"], language=params["language"])
    actor = _actor(params)
    with work.transaction() as tx:
        answer = engine.ask(replace(tx, actor=actor), _question(replace(tx, actor=actor), wish), max_rows=LARGEST, timeout_seconds=60)
        total = answer.table.num_rows
        work.save(tx, done=0, total=total)
    with tempfile.TemporaryFile() as out:
        sheets.WRITERS[wish.format](out, wish.header, _chunked(work, wish, answer, total))
        if work.cancelled():
            return
        out.seek(0)
        with work.transaction() as tx:
            own = replace(tx, actor=actor)
            stored = files().save(own, f"customers-{tx.now.astimezone(tx.tz):%Y%m%d-%H%M}.{wish.format}", out)
            _record(own, wish, total, answer.as_of)
            result = {"file_id": str(stored.id), "url": f"/api/customers/exports/{stored.id}", "rows": total, "as_of": answer.as_of.isoformat()}
            work.save(tx, done=total, total=total, result=result)


def made(tx: Tx, id: FileId) -> tuple[StoredFile, Path]:
    """A finished export, for whoever asked for it. Raises FileNotFound, also for everybody else."""
    if service.maker_of(tx, id) != tx.actor.label:
        raise FileNotFound(file_id=str(id))
    return files().find(tx, id)


def files() -> Files:
    """The files of this installation."""
    return Files(Settings().home / "files")


def _question(tx: Tx, wish: Wish) -> Any:
    people = questions.narrowed(tx, questions.everybody(tx), wish.filter)
    return questions.page(people, sort=wish.sort, direction=wish.direction, after=None, limit=None)


def _chunked(work: Work, wish: Wish, answer: engine.Answer, total: int) -> Iterator[Sequence[Cell]]:
    done = 0
    for start in range(0, total, CHUNK):
        if work.cancelled():
            return
        part = replace(answer, table=answer.table.slice(start, CHUNK))
        rows = part.rows()
        with work.transaction() as tx:
            cells = list(_cells(tx, wish, rows))
            done += len(rows)
            work.save(tx, done=done, total=total)
        yield from cells


def _cells(tx: Tx, wish: Wish, rows: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Cell]]:
    ids = [CustomerId(row["id"]) for row in rows]
    staff = contacts.relations_of(tx, ids) if "staff" in wish.columns else {}
    phones = service.phones(tx, ids) if "masked_phone" in wish.columns else {}
    for row in rows:
        id = CustomerId(row["id"])
        extra = {"masked_phone": phones.get(id), "staff": "、".join(dict.fromkeys(relation.staff_name for relation in staff.get(id, ())))}
        yield [_cell(tx, wish, column, {**row, **extra}) for column in wish.columns]


def _cell(tx: Tx, wish: Wish, column: str, row: Mapping[str, Any]) -> Cell:
    match column:
        case "rfm":
            return wish.say(_NAMES[row["rfm_name"]]) if row["rfm_name"] else None
        case "rfm_scores":
            return f"{row['r']}{row['f']}{row['m']}" if row["rfm_name"] else None
        case "stage" | "contact" | "gender":
            return wish.say(_WORDS[column][row[column]]) if row[column] else None
        case "id":
            return str(row["id"])
    value: Cell = row[column]
    if isinstance(value, datetime):
        return value.astimezone(tx.tz).replace(tzinfo=None, microsecond=0)
    return value.normalize() + Decimal(0) if isinstance(value, Decimal) else value


def _record(tx: Tx, wish: Wish, rows: int, as_of: datetime) -> None:
    filter = wish.filter.given()
    if "q" in filter:
        filter["q"] = masks.mask(filter["q"])
    audit.record(
        tx,
        "customers.exported",
        "customers",
        {"rows": rows, "format": wish.format, "columns": list(wish.columns), "filter": filter, "as_of": as_of.isoformat()},
    )


def _actor(params: Mapping[str, Any]) -> Actor:
    who, scope = params["actor"], params["scope"]
    return Actor(
        who["kind"],
        UUID(who["id"]) if who["id"] else None,
        who["name"],
        who["role"],
        frozenset(),
        Scope(scope["kind"], StaffId(UUID(scope["staff_id"])) if scope["staff_id"] else None, tuple(DepartmentId(UUID(id)) for id in scope["department_ids"])),
    )
