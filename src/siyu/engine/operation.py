"""Running an engine, and what the command line does to it. What only the engine's own process needs is imported here when it is needed."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from siyu.engine.client import Engine
from siyu.engine.refusals import EngineUnavailable
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.wiring import ReplicaTable

if TYPE_CHECKING:
    from siyu.engine.owner import Owner

BLOCK_ROWS = 500_000
_START_SECONDS = 30.0


def serve(settings: Settings, database: Database, tables: Sequence[ReplicaTable]) -> None:
    """Run the engine of `settings.home` until SIGTERM or SIGINT. `tables`: what the capabilities lend; the event log is always there. Raises AlreadyOwned."""
    from siyu.engine.owner import Owner

    Owner(settings, database, tables).serve()


def rebuild(settings: Settings, database: Database, tables: Sequence[ReplicaTable]) -> dict[str, Any]:
    """Make the replica anew from PostgreSQL, by the running engine or else here; returns the status afterwards."""
    engine = Engine(settings.home, tables)
    if engine.status()["state"] != "stopped":
        return engine.rebuild()
    with running(settings, database, tables, afresh=True) as owner:
        _await(owner, lambda: owner.follower.rebuilt(1))
        return owner.status()


def verify(settings: Settings, database: Database, tables: Sequence[ReplicaTable], *, block_rows: int = BLOCK_ROWS) -> list[dict[str, Any]]:
    """Blocks `{table, block, rows, replica_rows, equal}` of the comparison with PostgreSQL, by the running engine or else here."""
    engine = Engine(settings.home, tables)
    if engine.status()["state"] != "stopped":
        return engine.verify(block_rows=block_rows)
    with running(settings, database, tables) as owner:
        _await(owner, lambda: owner.follower.state == "following")
        return engine.verify(block_rows=block_rows)


@contextmanager
def running(settings: Settings, database: Database, tables: Sequence[ReplicaTable], *, afresh: bool = False) -> "Iterator[Owner]":
    """Run an engine in threads of this process, `afresh` with a new file. Raises AlreadyOwned."""
    from siyu.engine.owner import Owner

    owner = Owner(settings, database, tables)
    if afresh:
        owner.follower.want_rebuild()
    ready = threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            owner.run(ready.set)
        except BaseException as error:
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=run, name="engine")
    thread.start()
    try:
        if not ready.wait(_START_SECONDS):
            raise EngineUnavailable(state="waiting")
        if failed:
            raise failed[0]
        yield owner
    finally:
        owner.stop()
        thread.join()


def _await(owner: "Owner", there: Callable[[], bool]) -> None:
    started = time.monotonic()
    with owner.follower.changed:
        while not there():
            if owner.follower.error and time.monotonic() - started > _START_SECONDS:
                raise EngineUnavailable(state=owner.follower.state, error=owner.follower.error)
            owner.follower.changed.wait(1)
