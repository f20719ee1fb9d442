"""`siyu import orders`: the same steps as the page, with progress in the terminal."""

import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from siyu.access import tenants
from siyu.app import words
from siyu.app.capabilities import CAPABILITIES
from siyu.app.hooks import prepare
from siyu.app.runtime import visited
from siyu.app.worker import Worker
from siyu.infra import jobs
from siyu.infra.database import Database
from siyu.infra.files import Files
from siyu.infra.settings import Settings
from siyu.infra.tx import Actor
from siyu.kernel.errors import Refusal
from siyu.kernel.ids import JobId, TenantId
from siyu.observe import imports

_ROW = {"zh-CN": "第 {row} 行 {column}:{said}", "en-US": "row {row} {column}: {said}"}
_MORE = {
    "zh-CN": "另有 {more} 行被拒绝；所有被拒绝的行和原因可在「数据导入」页下载",
    "en-US": "{more} further rows are rejected; the page Imports has a file of all of them with reasons",
}
_SHEET = {
    "zh-CN": "读取的是工作表“{name}”，表头在第 {row} 行；没有读取:{unread}。要导入它们，请另存为单独的文件",
    "en-US": "the sheet “{name}” is read, its headings are in row {row}; not read: {unread}. To import those, save each as a file of its own",
}
_UNREAD = {"zh-CN": "“{name}”({rows} 行)", "en-US": "“{name}” (rows: {rows})"}
_MORE_NOTICES = {"zh-CN": "另有 {more} 条提示", "en-US": "{more} further notices"}


class NotAFile(Refusal):
    """A device, pipe or socket has no end that could be counted; save what it gives to a file first."""

    code = "import.not_a_file"
    status = 422


BY = Actor("system", name="command line")


def bring(settings: Settings, file: Path, *, shop: str, dry_run: bool, out: Console) -> None:
    """Import or try a file, here when no worker takes the job. Raises Refusal when the file cannot be read; told to end, it takes back a file half copied."""
    if not file.is_file():
        raise NotAFile(file=str(file))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with visited(settings) as database:
        prepare(settings, database)
        tenant_id = tenants.the_only(database)
        with database.transaction(tenant_id, BY) as tx, file.open("rb") as stream:
            taken = imports.create(tx, Files(settings.home / "files"), file.name, stream)
            if shop:
                taken = imports.set_mapping(tx, taken.id, taken.mapping, replace(taken.options, shop=shop))
            _tell_sheets(taken, out)
            for field, column in taken.mapping.items():
                if column:
                    out.print(f"  {field:14} ← {column}", highlight=False)
            started = imports.check(tx, taken.id) if dry_run else imports.run(tx, taken.id)
        assert started.job_id is not None
        _watch(database, tenant_id, JobId(UUID(str(started.job_id))), out)
        with database.transaction(tenant_id, BY) as tx:
            _tell(imports.get(tx, taken.id), out)


def _watch(database: Database, tenant_id: TenantId, id: JobId, out: Console) -> None:
    """Work the job off, or look on while a running worker does."""
    worker = Worker(database, CAPABILITIES, threads=1)
    with Progress(TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=out, transient=True) as progress:
        bar = progress.add_task(str(id)[:8], total=None)

        def look() -> jobs.JobView:
            with database.transaction(tenant_id, BY) as tx:
                job = jobs.get(tx, id)
            progress.update(bar, completed=job.done, total=job.total)
            return job

        stop = threading.Event()
        thread = threading.Thread(target=lambda: _work(worker, stop), daemon=True)
        thread.start()
        job = look()
        while job.state in {"ready", "leased"}:
            time.sleep(0.3)
            job = look()
        stop.set()
        thread.join()
    if job.state != "done":
        raise SystemExit(f"✗ {job.state}: {job.error}")


def _work(worker: Worker, stop: threading.Event) -> None:
    while not stop.is_set():
        if not worker.work_once():
            time.sleep(0.2)


def _tell_sheets(taken: imports.Import, out: Console) -> None:
    """Of a workbook, which sheets are not read."""
    if taken.sheet and taken.sheet.unread:
        tongue = words.language()
        unread = ", ".join(_UNREAD[tongue].format(name=one.name, rows=one.rows) for one in taken.sheet.unread)
        out.print(f"  [yellow]![/yellow] {escape(_SHEET[tongue].format(name=taken.sheet.name, row=taken.sheet.heading_row, unread=unread))}", highlight=False)


def _tell(done: imports.Import, out: Console) -> None:
    report = done.report or {}
    for key in ("rows", "orders", "customers", "refunds", "rejected", "new_orders", "changed_orders", "unchanged_orders", "revenue"):
        if key in report:
            out.print(f"  {key:18} {report[key]}", highlight=False)
    tongue = words.language()
    problems, notices = list(report.get("problems", [])), list(report.get("notices", []))
    for sign, told in [*(("[yellow]![/yellow]", problem) for problem in problems), *(("·", notice) for notice in notices)]:
        said = imports.sentence(told["code"], told["params"], told["value"], tongue)
        out.print(f"  {sign} {escape(_ROW[tongue].format(row=told['row'], column=told['column'] or '', said=said))}", highlight=False)
    if more := sum(report.get("notices_by_code", {}).values()) - len(notices):
        out.print(f"  · {_MORE_NOTICES[tongue].format(more=more)}", highlight=False)
    if more := report.get("rejected", 0) - len({problem["row"] for problem in problems}):
        out.print(f"  [yellow]![/yellow] {_MORE[tongue].format(more=more)}", highlight=False)
    if report.get("rejected") and not report.get("orders") and not report.get("refunds"):
        raise SystemExit(1)
