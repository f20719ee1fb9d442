"""Events over HTTP into the log, durable before each answer: batches of 100 and singles, by one and by two processes of `siyu serve`.

On an empty log and on one with many keys; beside the same write done bare by psycopg (TEMP copy, key table, insert) and COPY into the log without keys,
in the same run. The bare writers have their rows ready as COPY text, and the better of two sizes of commit. One connection is compared with one process, two
with two. Ours also reads JSON, names people and counts names.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from bench.runner import ROOT
from siyu.app.up import free_port
from siyu.infra import postgres

BATCH, COMMITS = 100, (1_000, 5_000)
BATCH_LINES, SINGLE_LINES = 64, 64
USERS, NAMES = 5_000, ("Product Viewed", "Product Added", "Cart Viewed", "Checkout Started", "Article Read", "Coupon Seen")
LIMITS = {"batch_over_bare_ratio": 0.8, "single_requests_per_s": 3_000.0, "rss_mib": 300.0}
MOST = {"rss_mib"}
"""Limits that are not to be exceeded; the others are to be reached."""
TENANT = uuid4()
PEOPLE = [uuid4() for _ in range(USERS)]
_STAGE = """
create temp table staged (
    id uuid, hash uuid, identity_id uuid, name text, occurred_at timestamptz, key text, props jsonb
) on commit delete rows
"""
_TAKE_IN = f"""
with taken as (
    insert into event_keys (tenant_id, hash) select '{TENANT}', hash from staged order by hash on conflict do nothing returning hash
)
insert into events (tenant_id, id, identity_id, name, occurred_at, recorded_at, actor, source, key, props)
select '{TENANT}', s.id, s.identity_id, s.name, s.occurred_at, now(), 'bare', 'bare', s.key, s.props from staged s join taken t on t.hash = s.hash
"""
_STRAIGHT = "copy events (tenant_id, id, identity_id, name, occurred_at, recorded_at, actor, source, key, props) from stdin"


@dataclass(frozen=True)
class Scene:
    """A store of a bench's own, and the processes before it. `head`: the header of a request with a write key."""

    dsn: str
    ports: list[int]
    pids: list[int]
    head: bytes


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """A migrated store, a secret source, two processes of `siyu serve`."""
    from siyu.infra.database import Database
    from siyu.infra.migrate import upgrade
    from siyu.infra.tx import SYSTEM
    from siyu.kernel.ids import TenantId
    from siyu.observe import sources

    folder.chmod(0o755)  # the server does not run as root
    server = postgres.start(folder / "store")
    with ExitStack() as stack:
        stack.callback(postgres.stop, folder / "store")
        upgrade(server.url())
        with psycopg.connect(server.dsn()) as connection:
            connection.execute("insert into tenants (id, name, timezone, created_at) values (%s, 'bench', 'Asia/Shanghai', now())", [TENANT])
        database = Database(server.url())
        with database.transaction(TenantId(TENANT), SYSTEM) as tx:
            _, key = sources.make(tx, "bench")
        database.close()
        ports, pids = [], []
        for number in range(2):
            port = free_port()
            settings = {"SIYU_HOME": str(folder / f"home{number}"), "SIYU_DATABASE_URL": server.url(), "SIYU_PORT": str(port), "SIYU_LOG_LEVEL": "error"}
            command = [sys.executable, "-m", "siyu.app.cli", "serve"]
            process = subprocess.Popen(command, env={**os.environ, **settings, "PYTHONPATH": str(ROOT / "src")}, cwd=folder)
            stack.callback(_end, process)
            ports.append(port)
            pids.append(process.pid)
        for port in ports:
            _await(port)
        yield Scene(server.dsn(), ports, pids, f"host: bench\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n".encode())


def batches(head: bytes, events: int) -> list[bytes]:
    """Requests of 100 events each, every id a new one."""
    return [_request(b"batch", head, {"batch": [_event(number) for number in range(BATCH)], "sentAt": _now()}) for _ in range(events // BATCH)]


def singles(head: bytes, events: int) -> list[bytes]:
    """Requests of one event each."""
    return [_request(b"track", head, _event(number)) for number in range(events)]


def bare(dsn: str, events: int, commit: int, *, connections: int = 1, straight: bool = False) -> float:
    """Events a second that psycopg alone writes. `straight`: COPY into the log, no keys asked for."""
    rows = [_rows(events // connections, commit, straight=straight) for _ in range(connections)]
    writers = [threading.Thread(target=_write, args=(dsn, some, straight)) for some in rows]
    return events / _timed(writers)


def _write(dsn: str, commits: Sequence[bytes], straight: bool) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection, connection.cursor() as cursor:
        if not straight:
            cursor.execute(_STAGE)
        for rows in commits:
            with connection.transaction():
                with cursor.copy(_STRAIGHT if straight else "copy staged from stdin") as copy:
                    copy.write(rows)
                if not straight:
                    cursor.execute(_TAKE_IN)


def pour(ports: Sequence[int], requests: Sequence[bytes], lines: int) -> tuple[float, list[float]]:
    """Send all over so many kept connections, each as soon as the one before is answered; seconds in all, and of each. Any answer but 200 ends the run."""
    import uvloop

    upcoming = iter(requests)
    seconds: list[float] = []

    async def send() -> float:
        loop = asyncio.get_running_loop()
        ends = [loop.create_future() for _ in range(lines)]
        began = time.perf_counter()
        for number, end in enumerate(ends):
            await loop.create_connection(lambda end=end: _Line(upcoming, seconds, end), "127.0.0.1", ports[number % len(ports)])  # type: ignore[misc]
        await asyncio.gather(*ends)
        return time.perf_counter() - began

    return uvloop.run(send()), seconds


class _Line(asyncio.Protocol):
    """One kept connection."""

    def __init__(self, upcoming: Iterator[bytes], seconds: list[float], end: "asyncio.Future[None]") -> None:
        self._upcoming, self._seconds, self._end = upcoming, seconds, end
        self._heard, self._since = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if self._heard.endswith(b"}"):
            if not (self._heard.startswith(b"HTTP/1.1 200") and self._heard.endswith(b'{"success":true}')):
                self._end.set_exception(SystemExit(self._heard.decode()))
                return
            self._seconds.append(time.perf_counter() - self._since)
            self._heard = b""
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._end.done():
            self._end.set_exception(SystemExit(f"the server hung up: {error}"))

    def _next(self) -> None:
        request = next(self._upcoming, None)
        if request is None:
            self._end.set_result(None)
            self._transport.close()
            return
        self._since = time.perf_counter()
        self._transport.write(request)


def measure(here: Scene, keys: int, events: int, single: int, runs: int) -> dict[str, float]:
    """All figures on a log with so many keys; medians of runs in which everybody has a turn."""
    _fill(here.dsn, keys)
    found: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        found.setdefault(name, []).append(value)
        _say(f"  {name} {value:,.1f}")

    for _ in range(runs):
        for connections, name in ((1, "one"), (2, "two")):
            note(f"{name}_bare_events_per_s", max(bare(here.dsn, events, commit, connections=connections) for commit in COMMITS))
        note("copy_events_per_s", bare(here.dsn, events, COMMITS[-1], straight=True))
        for processes, name in ((1, "one"), (2, "two")):
            requests = batches(here.head, events)
            before = _count(here.dsn)
            took, seconds = pour(here.ports[:processes], requests, BATCH_LINES)
            _same(_count(here.dsn) - before, len(requests) * BATCH)
            note(f"{name}_batch_events_per_s", len(requests) * BATCH / took)
            note(f"{name}_batch_p99_ms", _p99_ms(seconds))
            requests = singles(here.head, single)
            took, seconds = pour(here.ports[:processes], requests, SINGLE_LINES)
            _same(_count(here.dsn) - before, events // BATCH * BATCH + len(requests))
            note(f"{name}_single_requests_per_s", len(requests) / took)
            note(f"{name}_p99_ms", _p99_ms(seconds))
    return {name: statistics.median(values) for name, values in found.items()}


def headline(figures: dict[str, float], rss: float) -> dict[str, float]:
    """The figures that have limits, and what they are beside: batches by one process beside one connection, singles by the better of one and two processes."""
    faster = max(("one", "two"), key=lambda name: figures[f"{name}_single_requests_per_s"])
    return {
        "batch_events_per_s": figures["one_batch_events_per_s"],
        "bare_events_per_s": figures["one_bare_events_per_s"],
        "copy_events_per_s": figures["copy_events_per_s"],
        "batch_over_bare_ratio": figures["one_batch_events_per_s"] / figures["one_bare_events_per_s"],
        "two_over_two_bare_ratio": figures["two_batch_events_per_s"] / figures["two_bare_events_per_s"],
        "single_requests_per_s": figures[f"{faster}_single_requests_per_s"],
        "p99_ms": figures[f"{faster}_p99_ms"],
        "rss_mib": rss,
    }


def _event(number: int) -> dict[str, Any]:
    return {
        "type": "track",
        "messageId": f"bench-{uuid4().hex}",
        "userId": f"user-{time.perf_counter_ns() % USERS}",
        "anonymousId": str(PEOPLE[0]),
        "event": NAMES[number % len(NAMES)],
        "timestamp": _now(),
        "properties": {"sku": f"SKU-{number}", "name": "明前龙井 50 g", "price": 128.5, "quantity": 2, "category": "绿茶"},
        "context": {"library": {"name": "bench", "version": "1"}},
    }


def _rows(events: int, commit: int, *, straight: bool) -> list[bytes]:
    """COPY text of the same events, in commits."""
    lines = []
    for number in range(events):
        said = _event(number)
        props = json.dumps({**said["properties"], "$user_id": said["userId"], "$anonymous_id": said["anonymousId"], "$context": said["context"]})
        props = props.replace("\\", "\\\\")
        at, key, name, person = said["timestamp"], said["messageId"], said["event"], PEOPLE[time.perf_counter_ns() % USERS]
        if straight:
            lines.append(f"{TENANT}\t{uuid4()}\t{person}\t{name}\t{at}\t{at}\tbare\tbare\t{key}\t{props}\n".encode())
        else:
            lines.append(f"{uuid4()}\t{uuid4()}\t{person}\t{name}\t{at}\t{key}\t{props}\n".encode())
    return [b"".join(lines[start : start + commit]) for start in range(0, len(lines), commit)]


def _request(path: bytes, head: bytes, body: dict[str, Any]) -> bytes:
    content = json.dumps(body).encode()
    return b"POST /v1/%s HTTP/1.1\r\n%scontent-length: %d\r\n\r\n%s" % (path, head, len(content), content)


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _fill(dsn: str, keys: int) -> None:
    """Bring the table of keys to so many, and let the store settle: nothing of what came before is left to write."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select siyu_event_partition(day::date) from unnest(array[now(), now() + %s]) as d (day)", [timedelta(days=1)])
        there = int(connection.execute("select count(*) from event_keys").fetchall()[0][0])
        if keys > there:
            connection.execute(f"insert into event_keys (tenant_id, hash) select '{TENANT}', gen_random_uuid() from generate_series(1, {keys - there})")
        connection.execute("vacuum analyze event_keys")
        connection.execute("checkpoint")


def _count(dsn: str) -> int:
    """Events that came over HTTP."""
    with psycopg.connect(dsn) as connection:
        return int(connection.execute("select coalesce(sum(events), 0) from received_names").fetchall()[0][0])


def _same(kept: int, answered: int) -> None:
    if kept != answered:
        raise SystemExit(f"{answered} events were acknowledged, {kept} are counted")


def _timed(threads: Sequence[threading.Thread]) -> float:
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _p99_ms(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98] * 1000 if len(seconds) > 1 else float("inf")


def _rss_mib(pid: int) -> float:
    """The most memory a process has held."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _await(port: int) -> None:
    """Until a process answers."""
    import socket

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("siyu serve did not come up")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait()


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="siyu bench intake", description=__doc__)
    parser.add_argument("--keys", type=int, default=1_000_000, help="keys in the log the second time round; the first time it is empty")
    parser.add_argument("--events", type=int, default=100_000, help="events in batches of 100, each turn")
    parser.add_argument("--singles", type=int, default=10_000, help="requests of one event, each turn")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="end with one JSON object on the last line")
    given = parser.parse_args()
    write: Callable[[str], int] = sys.stdout.write
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as scratch, scene(Path(scratch)) as here:
        pour(here.ports, batches(here.head, 10_000) + singles(here.head, 500), BATCH_LINES)  # everybody known, everything loaded
        _say("empty log")
        empty = measure(here, 0, given.events, given.singles, given.runs)
        _say(f"log with {given.keys:,} keys")
        full = measure(here, given.keys, given.events, given.singles, given.runs)
        rss = max(_rss_mib(pid) for pid in here.pids)
    heads = {"empty": headline(empty, rss), "full": headline(full, rss)}
    write(f"{'':24}{'empty log':>14}{f'{given.keys:,} keys':>18}\n")
    for name in heads["full"]:
        write(f"{name:24}{heads['empty'][name]:>14,.2f}{heads['full'][name]:>18,.2f}")
        if (limit := LIMITS.get(name)) is not None:
            kept = all((head[name] <= limit) if name in MOST else (head[name] >= limit) for head in heads.values())
            write(f"   limit {limit:g}, {'kept' if kept else 'NOT KEPT'}")
        write("\n")
    if given.json:
        detail = {"empty": {**heads["empty"], **empty}, "full": {**heads["full"], **full}}
        write(json.dumps({"bench": "intake", "keys": given.keys, "runs": given.runs, "limits": LIMITS, **heads["full"], **detail}) + "\n")


if __name__ == "__main__":
    main()
