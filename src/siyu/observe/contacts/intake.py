"""The door at which WeCom calls: whatever stands before it is committed together, and each caller is answered after the commit."""

import asyncio
import contextlib
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import text

from siyu.connectors.wecom import CallbackKeys, CallbackRejected
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import CorpId, TenantId
from siyu.observe.contacts import clients, service

log = structlog.get_logger(__name__)
TOGETHER = 500
"""Callbacks of one commit at most."""
PATIENCE_SECONDS = 4.0
"""WeCom hangs up after 5 s: as long, a store that is in trouble is asked again."""
KNOWN_SECONDS = 5.0
"""How long the keys of an app are believed before one caller looks again."""


@dataclass(frozen=True)
class Door:
    """Where the callbacks of one app come in. `keys`: today's first; while they are being replaced WeCom may still use the old ones."""

    tenant_id: TenantId
    corp: CorpId
    keys: Sequence[CallbackKeys]

    def unlock(self, opened: Callable[[CallbackKeys], bytes]) -> bytes:
        """What the first of the keys opens that fits. Raises CallbackRejected as today's keys do."""
        first, *old = self.keys
        try:
            return opened(first)
        except CallbackRejected:
            for keys in old:
                with contextlib.suppress(CallbackRejected):
                    return opened(keys)
            raise


@dataclass(frozen=True)
class _Waiting:
    door: Door
    body: bytes
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[None]"
    since: float


class Intake:
    """Keeps callbacks for the whole process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looking = threading.Lock()
        self._doors: dict[str, tuple[float, Door]] = {}
        self._queue: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        threading.Thread(target=self._keep, daemon=True, name="callbacks").start()

    def known(self, key: str) -> Door | None:
        """The door of a callback address, when it was opened before. One caller in a while is told None, to open it anew."""
        with self._looking:
            at, door = self._doors.get(key, (0.0, None))
            if door is None or time.monotonic() - at < KNOWN_SECONDS:
                return door
            self._doors[key] = (time.monotonic(), door)
            return None

    def door(self, key: str) -> Door | None:
        """The door of a callback address; None when there is none."""
        if not (key.isascii() and key.isalnum()):
            return None
        with self._database.lookup() as connection:
            row = connection.execute(text("select tenant_id, id from siyu_corp_by_key(:key)"), {"key": key}).first()
        if row is None:
            return None
        with self._database.transaction(TenantId(row.tenant_id), SYSTEM) as tx:
            door = Door(TenantId(row.tenant_id), CorpId(row.id), clients.open_with(service.corp(tx, CorpId(row.id)), tx.now))
        with self._looking:
            self._doors[key] = (time.monotonic(), door)
        return door

    def verified(self, door: Door) -> None:
        """WeCom's check of an address was answered."""
        with self._database.transaction(door.tenant_id, SYSTEM) as tx:
            service.verified(tx, door.corp)

    async def take(self, door: Door, body: bytes) -> None:
        """Returns once the decrypted callback is committed; raises what the store says when it stays in trouble."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[None] = loop.create_future()
        self._queue.put(_Waiting(door, body, loop, answer, time.monotonic()))
        await answer

    def _keep(self) -> None:
        while True:
            waiting = [self._queue.get()]
            while len(waiting) < TOGETHER and not self._queue.empty():
                waiting.append(self._queue.get())
            by_door: dict[tuple[TenantId, CorpId], list[_Waiting]] = defaultdict(list)
            for one in waiting:
                by_door[one.door.tenant_id, one.door.corp].append(one)
            for (tenant_id, corp), together in by_door.items():
                self._commit(tenant_id, corp, together)

    def _commit(self, tenant_id: TenantId, corp: CorpId, together: Sequence[_Waiting]) -> None:
        while True:
            try:
                with self._database.transaction(tenant_id, SYSTEM) as tx:
                    service.take(tx, corp, [one.body for one in together])
                return _answer(together, None)
            except Exception as trouble:
                log.warning("contacts.callbacks_not_kept", count=len(together), error=str(trouble).splitlines()[0])
                if time.monotonic() - together[0].since > PATIENCE_SECONDS:
                    return _answer(together, trouble)
                time.sleep(0.2)


def _answer(together: Sequence[_Waiting], trouble: Exception | None) -> None:
    def tell(some: Sequence[_Waiting]) -> None:
        for one in some:
            if one.answer.done():  # the caller hung up
                continue
            if trouble:
                one.answer.set_exception(trouble)
            else:
                one.answer.set_result(None)

    by_loop: dict[asyncio.AbstractEventLoop, list[_Waiting]] = defaultdict(list)
    for one in together:
        by_loop[one.loop].append(one)
    for loop, some in by_loop.items():
        try:
            loop.call_soon_threadsafe(tell, some)
        except RuntimeError:  # the loop has ended, and its callers with it
            continue
