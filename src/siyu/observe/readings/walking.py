"""Reading things of WeCom one by one. No transaction is open while it is spoken to."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from typing import TypeVar

from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.observe.readings.model import Tally

READERS = 3
"""Things read side by side; WeCom refuses many parallel calls of one path."""
BATCH = 12
"""Things read before somebody is asked whether to stop."""
Told = TypeVar("Told")


def began(work: Work) -> datetime:
    """When the reading that this job does or goes on with began; ask before anything is listed."""
    with work.transaction() as tx:
        return datetime.fromisoformat(work.checkpoint["began_at"]) if "began_at" in work.checkpoint else tx.now


def walk(work: Work, keys: Iterable[str], look: Callable[[str], Told], fold: Callable[[Tx, str, Told, datetime], Tally], *, began_at: datetime) -> Tally | None:
    """Ask for each key in order and fold the answer, asked for at the instant given, in a transaction of its own; what was found, None when told to stop.

    Progress counts keys. A job that was stopped goes on after the last key that was folded.
    """
    ordered = sorted(set(keys))
    after = str(work.checkpoint.get("after", ""))
    found = Tally(**work.checkpoint.get("found", {}))
    rest = [key for key in ordered if key > after]
    done = len(ordered) - len(rest)

    def save(tx: Tx) -> None:
        work.save(tx, {"began_at": began_at.isoformat(), "after": after, "found": asdict(found)}, done=done, total=len(ordered))

    with work.transaction() as tx:
        save(tx)
    for some in _batches(rest):
        for key, told, read_at in _told(work, some, look):
            with work.transaction() as tx:
                found += fold(tx, key, told, read_at)
                after, done = key, done + 1
                save(tx)
        if work.cancelled():
            return None
    return found


def _told(work: Work, keys: list[str], look: Callable[[str], Told]) -> Iterator[tuple[str, Told, datetime]]:
    def ask(key: str) -> tuple[str, Told, datetime]:
        with work.transaction() as tx:
            read_at = tx.now
        return key, look(key), read_at

    with ThreadPoolExecutor(READERS) as pool:
        yield from pool.map(ask, keys)


def _batches(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]
