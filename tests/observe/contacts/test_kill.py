"""A worker is killed with signal 9 in the middle of the first reading of a corp, again and again: it goes on where it stood, and both sides are equal."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM
from siyu.observe import contacts
from tests.observe.contacts.scene import Scene, staged
from tests.observe.contacts.test_unheard import WIRINGS
from tests.observe.contacts.unheard import ours, theirs

ROOT = Path(__file__).parents[3]
PEOPLE, KILLS = 1_500, 5

pytestmark = pytest.mark.long


def test_a_reading_goes_on_where_it_stood(fresh_url: str, tmp_path: Path) -> None:
    dice = random.Random(5)
    with staged(fresh_url, tmp_path, people=PEOPLE, wirings=WIRINGS) as scene:
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            contacts.request_sync(tx, scene.corp.id)
        positions = [0]
        for _ in range(KILLS):
            worker = subprocess.Popen([sys.executable, "-m", "tests.observe.contacts.reading_worker", fresh_url, str(scene.place.sandbox.clock.path)], cwd=ROOT)
            deadline = time.monotonic() + 60
            while worker.poll() is None and _members(scene.database) <= positions[-1] and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(dice.random() * 0.1)
            worker.kill()
            worker.wait()
            positions.append(_members(scene.database))
            with scene.database.engine.begin() as connection:  # what the passing of time would do
                connection.execute(text("update jobs set leased_until = now() - interval '1 second' where state = 'leased'"))
        assert positions == sorted(set(positions)), f"each start goes on behind the last: {positions}"
        _drained(scene)
        assert ours(scene) == theirs(scene)
        told = scene.ask(
            "select count(*) as n, count(distinct props ->> 'contact_id') as pairs from events where tenant_id = :tenant_id and name = 'contact.added'"
        )
        pairs = scene.ask("select count(*) as n from contacts where tenant_id = :tenant_id")
        assert told[0].n == told[0].pairs == pairs[0].n >= PEOPLE


def _drained(scene: Scene) -> None:
    """All jobs have ended; what the dead worker's connections still hold is passed over until the server has noticed that it is gone.

    A dead worker's last word may prolong its lease after it was let lapse: it is let lapse again.
    """
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with scene.database.engine.begin() as connection:
            connection.execute(text("update jobs set leased_until = now() - interval '1 second' where state = 'leased'"))
        scene.worker.drain()
        if not scene.ask("select from jobs where tenant_id = :tenant_id and state in ('ready', 'leased')"):
            return
        time.sleep(0.1)
    left = scene.ask("select kind, state, attempts, due_at, error from jobs where tenant_id = :tenant_id and state in ('ready', 'leased')")
    raise AssertionError(f"jobs are left at {scene.database.clock()}: {left}")


def _members(database: Database) -> int:
    """Members whose customers have been read."""
    with database.engine.connect() as connection:
        return int(connection.execute(text("select coalesce(max(done), 0) from jobs where kind = 'contacts.sync'")).scalar_one())
