"""Reading the relations of members page by page and folding them as they come."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from siyu.connectors import wecom
from siyu.infra.jobs import Work
from siyu.kernel.ids import StaffId
from siyu.observe.contacts import service
from siyu.observe.contacts.model import UNLICENSED, Corp
from siyu.observe.contacts.service import Folded

FOLDERS = 2
"""Transactions that fold side by side: one is prepared while the store works on the other."""
WAITING = 4
"""Chunks that were read and wait for a folder: more must not pile up in memory."""


class Stopped(Exception):
    """Nobody wants what is being read any more."""


@dataclass
class Group:
    """Some members after a reading of them that began at `read_at` (business time). Of those without a licence WeCom tells nothing."""

    userids: Sequence[str]
    read_at: datetime
    listed: set[tuple[StaffId, str]] = field(default_factory=set)
    unlicensed: list[str] = field(default_factory=list)
    folded: Folded = field(default_factory=Folded)

    @property
    def licensed(self) -> Sequence[str]:
        without = set(self.unlicensed)
        return [userid for userid in self.userids if userid not in without]


class Walk:
    """Reads groups of members for one job, each on the thread that asks, and folds what they have on threads of its own."""

    def __init__(self, work: Work, corp: Corp, client: wecom.WeCom, *, chunk: int) -> None:
        self._work = work
        self._corp = corp
        self._client = client
        self._chunk = chunk
        self._places = threading.Semaphore(FOLDERS + WAITING)
        self._stopped = threading.Event()
        self._folders = ThreadPoolExecutor(FOLDERS, thread_name_prefix="fold")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folders.shutdown(wait=True, cancel_futures=True)

    def stop(self) -> None:
        """Let readings that are under way end at their next page."""
        self._stopped.set()

    def read(self, userids: Sequence[str]) -> Group:
        """Read a group and fold all of it. Raises what WeCom or the store said, and Stopped."""
        with self._work.transaction() as tx:
            group = Group(userids, tx.now)
        folds: list[Future[tuple[Folded, list[tuple[StaffId, str]]]]] = []
        rows: list[wecom.Contact] = []
        for row in self._once(group):
            rows.append(row)
            if len(rows) == self._chunk:
                folds.append(self._submit(rows, group.read_at))
                rows = []
        if rows:
            folds.append(self._submit(rows, group.read_at))
        for fold in folds:
            folded, listed = fold.result()
            group.folded += folded
            group.listed.update(listed)
        return group

    def _once(self, group: Group) -> Iterator[wecom.Contact]:
        """Each relation once: pages are read anew when WeCom loses its place or refuses some of the members, and folds side by side must not meet."""
        taken: set[tuple[str, str]] = set()
        for row in self._rows(group, group.userids):
            if self._stopped.is_set():
                raise Stopped
            pair = (row.follow.userid, row.contact.external_userid)
            if pair not in taken:
                taken.add(pair)
                yield row

    def _rows(self, group: Group, userids: Sequence[str]) -> Iterator[wecom.Contact]:
        """Relations of members. One without a licence, and WeCom refuses the whole call: they are sought by halves."""
        try:
            yield from self._client.contacts(userids)
            return
        except wecom.Refused as refused:
            if refused.code not in UNLICENSED:
                raise
            if len(userids) == 1:
                group.unlicensed.extend(userids)
                return
        half = len(userids) // 2
        yield from self._rows(group, userids[:half])
        yield from self._rows(group, userids[half:])

    def _submit(self, rows: Sequence[wecom.Contact], read_at: datetime) -> Future[tuple[Folded, list[tuple[StaffId, str]]]]:
        self._places.acquire()
        fold = self._folders.submit(self._fold, rows, read_at)
        fold.add_done_callback(lambda _: self._places.release())
        return fold

    def _fold(self, rows: Sequence[wecom.Contact], read_at: datetime) -> tuple[Folded, list[tuple[StaffId, str]]]:
        with self._work.transaction() as tx:
            told = service.fold_read(tx, self._corp, rows, read_at=read_at)
            self._work.save(tx)
        return told
