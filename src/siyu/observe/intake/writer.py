"""What stands before the door of one process is committed together, and each caller is answered after the commit."""

import asyncio
import threading
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from siyu.infra.database import Database
from siyu.infra.room import is_full
from siyu.infra.tx import Actor
from siyu.kernel.ids import TenantId
from siyu.observe.intake import service
from siyu.observe.intake.model import Busy, Message, Parked, Reading, Sender
from siyu.observe.intake.people import Acquaintance

log = structlog.get_logger(__name__)
THREADS = 2
"""While the store works for one, the other makes ready."""
MANY = 500
"""Events that are worth a second commit beside the one that is under way."""
TOGETHER = 5_000
"""Events of one commit, about; a request is never divided."""
WAITING_BYTES = 32 << 20
"""Bodies that may wait in one process; beyond that senders are asked to come again."""
PATIENCE_SECONDS = 4.0
"""As long a store that is in trouble is asked again; SDKs wait 10 s and more."""
_AWAY = (OperationalError, InterfaceError, TimeoutError, psycopg.OperationalError, psycopg.InterfaceError)


@dataclass(frozen=True, eq=False, slots=True)
class _Caller:
    tenant_id: TenantId
    sender: Sender
    reading: Reading
    size: int
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[None]"
    since: float

    @property
    def events(self) -> int:
        return len(self.reading.messages) + len(self.reading.parked)


class Writer:
    """Keeps events for the whole process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._acquaintance = Acquaintance()
        self._changed = threading.Condition()
        self._callers: deque[_Caller] = deque()
        self._waiting_bytes = self._waiting_events = self._busy = 0
        for number in range(THREADS):
            threading.Thread(target=self._keep, daemon=True, name=f"intake-{number}").start()

    async def take(self, tenant_id: TenantId, sender: Sender, reading: Reading, size: int) -> None:
        """Returns once what was read from `size` bytes is committed. Raises Busy, and what the store says when it stays in trouble."""
        loop = asyncio.get_running_loop()
        caller = _Caller(tenant_id, sender, reading, size, loop, loop.create_future(), time.monotonic())
        with self._changed:
            if self._waiting_bytes + size > WAITING_BYTES:
                raise Busy(retry_after_seconds=1)
            self._waiting_bytes += size
            self._waiting_events += caller.events
            self._callers.append(caller)
            if self._worth_it():
                self._changed.notify()
        await caller.answer

    def _worth_it(self) -> bool:
        """Whether another thread should begin: a few events are better written with those that come while the first is at it."""
        return bool(self._callers) and (self._busy == 0 or self._waiting_events >= MANY)

    def _gather(self) -> list[_Caller]:
        with self._changed:
            self._changed.wait_for(self._worth_it)
            self._busy += 1
            callers: list[_Caller] = []
            count = 0
            while self._callers and count < TOGETHER:
                callers.append(self._callers.popleft())
                count += callers[-1].events
            self._waiting_events -= count
            if self._worth_it():
                self._changed.notify()
        return callers

    def _done(self, callers: Sequence[_Caller]) -> None:
        with self._changed:
            self._busy -= 1
            self._waiting_bytes -= sum(one.size for one in callers)
            if self._worth_it():
                self._changed.notify()

    def _keep(self) -> None:
        while True:
            callers = self._gather()
            by_source: dict[tuple[TenantId, Sender], list[_Caller]] = defaultdict(list)
            for one in callers:
                by_source[one.tenant_id, one.sender].append(one)
            for (tenant_id, sender), together in by_source.items():
                messages = [message for one in together for message in one.reading.messages]
                parked = [message for one in together for message in one.reading.parked]
                trouble = None
                try:
                    self._write(tenant_id, sender, messages, parked, together[0].since + PATIENCE_SECONDS)
                except Exception as one_for_all:
                    trouble = one_for_all
                _answer(together, trouble)
            self._done(callers)

    def _write(self, tenant_id: TenantId, sender: Sender, messages: Sequence[Message], parked: Sequence[Parked], until: float) -> None:
        while True:
            try:
                with self._database.transaction(tenant_id, Actor("api", sender.id, sender.name, "source")) as tx:
                    news = service.take(tx, sender, messages, parked, self._acquaintance)
                self._acquaintance.keep(tenant_id, news)
                return
            except _AWAY as away:
                log.warning("intake.not_kept", count=len(messages), error=_first_line(away))
                if is_full(away) or time.monotonic() > until:
                    raise
                time.sleep(0.2)
            except (DBAPIError, psycopg.Error, ValueError) as unfit:
                if is_full(unfit):
                    raise
                return self._divide(tenant_id, sender, messages, parked, until, unfit)

    def _divide(
        self,
        tenant_id: TenantId,
        sender: Sender,
        messages: Sequence[Message],
        parked: Sequence[Parked],
        until: float,
        unfit: Exception,
    ) -> None:
        """Find the message that the store refuses by halves, and park it: the others must not be lost to it."""
        if not messages:
            raise unfit
        if len(messages) == 1:
            (one,) = messages
            log.warning("intake.message_refused", kind=one.kind, error=_first_line(unfit))
            refused = Parked(one.hash, "refused_by_store", one.body.decode("utf-8", "replace").replace("\0", ""), one.kind)
            return self._write(tenant_id, sender, [], [*parked, refused], until)
        half = len(messages) // 2
        self._write(tenant_id, sender, messages[:half], parked, until)
        self._write(tenant_id, sender, messages[half:], [], until)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _answer(together: Sequence[_Caller], trouble: Exception | None) -> None:
    def tell(some: Sequence[_Caller]) -> None:
        for one in some:
            if one.answer.done():  # the caller hung up
                continue
            if trouble:
                one.answer.set_exception(trouble)
            else:
                one.answer.set_result(None)

    by_loop: dict[asyncio.AbstractEventLoop, list[_Caller]] = defaultdict(list)
    for one in together:
        by_loop[one.loop].append(one)
    for loop, some in by_loop.items():
        try:
            loop.call_soon_threadsafe(tell, some)
        except RuntimeError:  # the loop has ended, and its callers with it
            continue
