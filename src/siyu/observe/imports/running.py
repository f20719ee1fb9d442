"""The job that reads a file: stage its rows, sort them by order, judge each order, write it, report.

A run that was killed begins anew with reading (the file has not changed, so the sorted rows are the same) and goes on writing where the last chunk was
committed. A dry run does everything but write. Progress is told in rows of the file: half of each is done when it is read, half when its order is.
"""

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from siyu.infra.database import again
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.errors import Refusal
from siyu.kernel.ids import FileId, IdentityId, ImportId
from siyu.observe import orders, products
from siyu.observe.imports import places, readers, returning, service
from siyu.observe.imports.model import judging
from siyu.observe.imports.model.imports import Import, Shape
from siyu.observe.imports.model.parsing import Parser
from siyu.observe.imports.model.problems import Problem
from siyu.observe.imports.staging import Staging
from siyu.observe.orders import LINES_LIMIT, OrderDraft, RefundDraft

CHUNK_LINES = 5_000
CHUNK_ORDERS = 1_000
SAVE_EVERY_CHUNKS = 10
PROBLEMS_SHOWN = 100
BUYERS_A_STEP = 200


class _Cancelled(Exception):
    """Somebody asked the job to stop."""


@dataclass
class _Batch:
    """Orders and refunds that are written together. `end`: rows of the sorted file up to and with these."""

    orders: list[OrderDraft] = field(default_factory=list)
    refunds: list[RefundDraft] = field(default_factory=list)
    lines: int = 0
    end: int = 0


@dataclass
class _Tally:
    """What was found, over the whole file."""

    orders: int = 0
    gifts: int = 0
    refunds: int = 0
    revenue: Decimal = Decimal(0)
    first: datetime | None = None
    last: datetime | None = None

    def count(self, verdict: judging.Verdict) -> None:
        self.refunds += len(verdict.refunds)
        if (order := verdict.order) is not None:
            self.orders += 1
            self.gifts += order.lines.sold == 0
            self.first = order.paid_at if self.first is None else min(self.first, order.paid_at)
            self.last = order.paid_at if self.last is None else max(self.last, order.paid_at)
            if order.asserted == "paid":
                self.revenue = orders.exact_sum((self.revenue, order.amount))


def check(work: Work) -> None:
    """Job `imports.check`: the dry run."""
    _Run(work, writes=False).go()


def run(work: Work) -> None:
    """Job `imports.run`."""
    _Run(work, writes=True).go()


class _Run:
    def __init__(self, work: Work, *, writes: bool) -> None:
        self.work = work
        self.writes = writes
        self.id = ImportId(UUID(str(work.params["import_id"])))
        self.state: dict[str, Any] = {"position": 0, "new": 0, "changed": 0, "unchanged": 0, "matched_to": None, "matched": False, **work.checkpoint}
        self.tally = _Tally()

    def go(self) -> None:
        one, path, now = self._open()
        folder = places.scratch(self.id, f"{self.work.id}-{self.work.attempt}")
        shutil.rmtree(folder.parent, ignore_errors=True)
        try:
            with Staging(folder) as staging:
                parser = Parser(one.headings, one.mapping, one.options, now)
                rows = self._stage(staging, parser, one, path)
                self._write(staging, one, rows)
                if self.writes:
                    self._name(staging, one)
                    self._match()
                for told in returning.notices(self.work.transaction, staging, one):
                    staging.notice(told)
                staging.noticed()
                self._finish(staging, parser, one)
        except _Cancelled:
            if self.writes:
                self._tell(state="cancelled")
        except Refusal as refusal:
            self._tell(state="failed", error={"code": refusal.code, "params": refusal.params})
            raise

    def _open(self) -> tuple[Import, Path, datetime]:
        with self.work.transaction() as tx:
            one = service.get(tx, self.id)
            _, path = places.files().find(tx, one.file_id)
            self.state.setdefault("now", tx.now.isoformat())
            if self.writes:
                service.progress(tx, self.id, state="importing", error=None)
            self.work.save(tx, self.state)
        return one, path, datetime.fromisoformat(self.state["now"])

    def _stage(self, staging: Staging, parser: Parser, one: Import, path: Path) -> int:
        """Read the file to its end; how many rows it has."""
        shape = Shape(one.format, one.headings, [], one.encoding, one.delimiter, sheet=one.sheet)
        rows = 0
        for number, chunk in enumerate(readers.read(path, shape), 1):
            staging.add(parser.parse(chunk.numbers, chunk.columns, chunk.extra))
            staging.notice(parser.notices)
            rows += len(chunk.numbers)
            if number % SAVE_EVERY_CHUNKS == 0:
                self._save(done=rows // 2, total=round(rows / chunk.share) if chunk.share else None)
        staging.sort()
        self._save(done=rows // 2, total=rows)
        return rows

    def _write(self, staging: Staging, one: Import, rows: int) -> None:
        """Judge every order; write, or compare, those that can be taken. One batch is written while the next is judged."""
        with ThreadPoolExecutor(1, thread_name_prefix="import") as writer:
            writing: Future[None] | None = None
            for batch in self._batches(staging, one, after=self.state["position"]):
                if writing:
                    writing.result()
                writing = writer.submit(self._keep, batch, rows)
            if writing:
                writing.result()

    def _keep(self, batch: _Batch, rows: int) -> None:
        self.state = self._kept(batch, rows)
        self._heed()

    @again
    def _kept(self, batch: _Batch, rows: int) -> dict[str, Any]:
        """Where the job stands with this batch written."""
        with self.work.transaction() as tx:
            state = {**self.state, "position": batch.end}
            for outcome in self._apply(tx, batch) if self.writes else self._compare(tx, batch):
                state[outcome] += 1
            written = {f"{outcome}_orders": state[outcome] for outcome in ("new", "changed", "unchanged")} if self.writes else None
            self.work.save(tx, state, done=(rows + batch.end) // 2, total=rows, result=written)
        return state

    def _batches(self, staging: Staging, one: Import, *, after: int) -> Iterator[_Batch]:
        """What lies after a position, in pieces for one transaction each. What lies before it is judged only."""
        batch, end = _Batch(), 0
        for group in staging.groups(limit=LINES_LIMIT):
            verdict = judging.judge(group, one.mapping, one.options)
            self.tally.count(verdict)
            staging.reject(verdict.rejected)
            end += verdict.rows
            if end <= after:
                continue
            batch.lines += len(verdict.order.lines) if verdict.order else 0
            if verdict.order:
                batch.orders.append(verdict.order)
            batch.refunds += verdict.refunds
            batch.end = end
            if batch.lines >= CHUNK_LINES or len(batch.orders) + len(batch.refunds) >= CHUNK_ORDERS:
                yield batch
                batch = _Batch()
        staging.judged()
        if batch.end:
            yield batch

    def _apply(self, tx: Tx, batch: _Batch) -> Sequence[str]:
        orders.meet(tx, batch.orders, batch.refunds)
        recorded = orders.record_many(tx, batch.orders, source="import", import_id=self.id)
        orders.refund_many(tx, batch.refunds, source="import", import_id=self.id)
        return [one.outcome for one in recorded]

    def _compare(self, tx: Tx, batch: _Batch) -> Sequence[str]:
        return orders.preview(tx, batch.orders)

    def _name(self, staging: Staging, one: Import) -> None:
        """Note what was sold under which name."""

        @again
        def learn(sold: Any) -> None:
            with self.work.transaction() as tx:
                products.learn(tx, one.options.shop, sold)
                self.work.save(tx, self.state)

        for sold in staging.sold():
            learn(sold)

    def _match(self) -> None:
        """Explain returns by purchases, a few buyers at a time."""
        while not self.state["matched"]:
            self.state = self._matched()
            self._heed()

    @again
    def _matched(self) -> dict[str, Any]:
        """Where the job stands with the next buyers' returns explained."""
        with self.work.transaction() as tx:
            after = self.state["matched_to"]
            last = orders.match_returns_of_import(tx, self.id, IdentityId(UUID(after)) if after else None, limit=BUYERS_A_STEP)
            state = self.state | {"matched_to": str(last) if last else after, "matched": last is None}
            self.work.save(tx, state)
        return state

    def _finish(self, staging: Staging, parser: Parser, one: Import) -> None:
        by_code, noticed = staging.problems_by_code(), staging.notices_by_code()
        report = {
            "rows": (profile := staging.profile())["rows"],
            "orders": self.tally.orders,
            "gift_orders": self.tally.gifts,
            "customers": staging.customers(),
            "refunds": self.tally.refunds,
            "rejected": staging.rejected_rows(),
            "new_orders": self.state["new"],
            "changed_orders": self.state["changed"],
            "unchanged_orders": self.state["unchanged"],
            "first_paid_at": self.tally.first and self.tally.first.isoformat(),
            "last_paid_at": self.tally.last and self.tally.last.isoformat(),
            "revenue": format(self.tally.revenue, "f"),
            "problems": [_told(problem) for problem in staging.first_problems(PROBLEMS_SHOWN)],
            "problems_by_code": by_code,
            "problems_count": sum(by_code.values()),
            "notices": [_told(notice) for notice in staging.first_notices(PROBLEMS_SHOWN)],
            "notices_by_code": noticed,
            "profile": {**profile, "quantity": format(parser.sums.quantity, "f"), "revenue": format(parser.sums.revenue, "f")},
        }
        kept: FileId | None = None
        rejected = staging.folder / "rejected.parquet"
        if by_code:
            staging.write_rejected(rejected)
        with self.work.transaction() as tx:
            if by_code:
                with open(rejected, "rb") as source:
                    kept = places.files().save(tx, "rejected.parquet", source).id
            if self.writes:
                service.finish(tx, self.id, report=report, rejected=kept)
            else:
                service.progress(tx, self.id, state="checked", report=report, error=None, rejected_file_id=kept)
            told = {name: report[name] for name in service.COUNTS}
            self.work.save(tx, self.state, done=profile["rows"], total=profile["rows"], failed=report["rejected"], result=told)

    def _save(self, *, done: int, total: int | None) -> None:
        with self.work.transaction() as tx:
            self.work.save(tx, self.state, done=done, total=total)
        self._heed()

    def _heed(self) -> None:
        if self.work.cancelled():
            raise _Cancelled

    def _tell(self, **values: Any) -> None:
        with self.work.transaction() as tx:
            service.progress(tx, self.id, **values)


def _told(problem: Problem) -> dict[str, Any]:
    return {"row": problem.row, "column": problem.column, "value": problem.value, "code": problem.code, "params": dict(problem.params)}
