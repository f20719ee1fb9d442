"""A worker is killed with signal 9 in the middle of an import, again and again."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from siyu.infra.database import Database
from siyu.observe import imports
from tests.conftest import make_tenant
from tests.observe.imports.conftest import Office, as_csv

ROOT = Path(__file__).parents[3]
KILLS = 6

pytestmark = pytest.mark.long


def rows() -> list[tuple[str, ...]]:
    """Thousands of orders, more than a quick machine takes in while it is killed, some of them cancelled, some broken."""
    dice = random.Random(7)
    made: list[tuple[str, ...]] = []
    for number in range(8_000):
        day = f"2025-{1 + number // 800:02d}-{1 + number % 28:02d} 10:00"
        buyer = str(dice.randrange(300))
        for _ in range(dice.randrange(1, 4)):
            quantity = "x" if dice.random() < 0.002 else str(dice.randrange(1, 9))
            made.append((str(number), day, f"S{dice.randrange(40)}", "茶", quantity, f"{dice.randrange(100, 9999)}e-2", buyer))
        if dice.random() < 0.1:
            made.append((f"C{number}", day, made[-1][2], "茶", f"-{dice.randrange(1, 4)}", made[-1][5], buyer))
    return made


def test_nothing_is_lost_or_doubled(database: Database, fresh_url: str, home: Path) -> None:
    content = as_csv(rows())
    smooth, killed = (Office(database, make_tenant(database, name=name)) for name in ("smooth", "killed"))
    report = smooth.run(content)
    one = killed.take(content)
    killed.start(one, imports.run)
    dice = random.Random(11)
    positions = []
    for _ in range(KILLS):
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.observe.imports.worker_process", fresh_url], cwd=ROOT, env={**os.environ, "SIYU_HOME": str(home)}
        )
        before = _position(database)
        deadline = time.monotonic() + 60
        while worker.poll() is None and _position(database) <= before and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(dice.random() * 0.3)
        worker.kill()
        worker.wait()
        positions.append(_position(database))
        with database.engine.begin() as connection:  # what the passing of time would do
            connection.execute(text("update jobs set leased_until = now() - interval '1 second' where state = 'leased'"))
    assert len(set(positions)) >= KILLS - 1 and positions[-1] > 0, f"the kills did not come while it wrote: {positions}"
    killed.worker.drain()
    ended = killed.done(one)
    assert ended.state == "done", positions
    assert ended.report == report, positions
    assert killed.books() == smooth.books()
    assert not list((home / "scratch").rglob("*.parquet"))


def _position(database: Database) -> int:
    with database.engine.connect() as connection:
        found = connection.execute(text("select coalesce(max((checkpoint ->> 'position')::int), 0) from jobs where state <> 'done'")).scalar_one()
    return int(found)
