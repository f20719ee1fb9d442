"""A broadcast to ten thousand over HTTP, while its worker is killed again and again and a fifth of the replies are no good: nothing lost, nothing doubled."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from siyu.act import gateway
from siyu.app.worker import Worker
from siyu.infra.clock import file_clock
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.kernel.ids import CustomerId
from siyu.observe import contacts
from tests.act.gateway.conftest import KEYS, WIRED, House, connect
from tests.conftest import NOW, TestClock, make_tenant
from tests.connectors.wecom.conftest import Place, builder
from tests.connectors.wecom.neighbours import IMPATIENT

ROOT = Path(__file__).parents[3]
PEOPLE, KILLS = 10_000, 20
FAULTS = ("reset_before", "reset_after", "busy_before", "busy_after", "cut_body")
PATIENCE_SECONDS = 420
CREATE = "externalcontact/add_msg_template"


@contextmanager
def town(folder: Path) -> Iterator[Place]:
    with builder(folder) as make:
        yield make(start=NOW.isoformat(), speed=1.0, scenario={"customers": PEOPLE, "guides_per_store": 4, "staff": {"confirm_rate": 0.0}})


class Nemesis:
    """A worker that is killed at random instants of its work; another takes its place at once."""

    def __init__(self, url: str, house: House, folder: Path, seed: int) -> None:
        self._pid_file = folder / "worker.pid"
        self._arguments = [sys.executable, "-m", "tests.act.gateway.worker_process", url, house.place.address.clock_file, str(self._pid_file)]
        self._house = house
        self._random = random.Random(seed)
        self._parent: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def start(self) -> None:
        self._parent = subprocess.Popen(self._arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        quiet(self._pid_file.exists)

    def strike(self) -> None:
        """Let the worker get somewhere, and a moment more; kill it; wait for the next."""
        done, victim = self._progress(), self._pid_file.read_text()
        quiet(lambda: self._progress() != done)
        time.sleep(self._random.uniform(0, 0.3))
        os.kill(int(victim), signal.SIGKILL)
        self.kills += 1
        quiet(lambda: self._pid_file.read_text() != victim)

    def stop(self) -> None:
        """The parent first, or it would fork again."""
        if self._parent is not None:
            self._parent.kill()
            self._parent.wait()
            os.kill(int(self._pid_file.read_text()), signal.SIGKILL)

    def _progress(self) -> tuple[int, ...]:
        """People judged, calls made and tried, tasks found: whatever the worker has got done."""
        with self._house.tx() as tx:
            calls = tx.execute("select count(*), coalesce(sum(tries), 0), count(*) filter (where state = 'done') from send_calls").one()
            judged = tx.execute("select count(*) from send_intents where state <> 'planned'").scalar_one()
            return (*calls, judged)


@pytest.mark.long
def test_twenty_kills_lose_nobody_and_double_nobody(fresh_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contacts.use(keys=Secrets(KEYS), budget=IMPATIENT)
    with town(tmp_path) as place:
        database = Database(fresh_url, clock=file_clock(Path(place.address.clock_file)))
        house = House(database, make_tenant(database), TestClock(), place, Worker(database, WIRED))
        people = settle_in(house)
        for kind in FAULTS:
            place.fault(kind, CREATE, count=None, probability=0.2 / len(FAULTS))
        began = time.monotonic()
        campaign = ask(house, people)
        nemesis = Nemesis(fresh_url, house, tmp_path, seed=20)
        nemesis.start()
        try:
            while nemesis.kills < KILLS and under_way(house, campaign):
                nemesis.strike()
            quiet(lambda: not under_way(house, campaign))
            place.post("confirm")
            quiet(lambda: house.tally(campaign) == {"sent": PEOPLE})
        finally:
            nemesis.stop()
        seconds = time.monotonic() - began
        sends = house.sends()
        fired = {fault["kind"]: fault["fired"] for fault in place.get("faults")["faults"]}
        with capsys.disabled():
            sys.stdout.write(
                "\n" + json.dumps({"people": PEOPLE, "kills": nemesis.kills, "tasks": len(sends), "faults": fired, "seconds": round(seconds, 1)}) + "\n"
            )
        assert nemesis.kills == KILLS
        assert all(fired.values()), fired
        got = Counter(it["external_userid"] for send in sends for it in send["recipients"] if it["status"] == 1)
        assert len(got) == PEOPLE and set(got.values()) == {1}
        assert set(house.standing().values()) == {1}
        with house.tx() as tx:
            assert gateway.incidents(tx) == []
            assert tx.execute("select sum(used), max(used) from send_quotas where tenant_id = :tenant_id").one() == (PEOPLE, 1)
        database.close()
    contacts.use()


def settle_in(house: House) -> list[CustomerId]:
    with house.tx() as tx:
        contacts.request_sync(tx, connect(tx, house.place).id)
        gateway.set_policy(
            tx,
            gateway.Policy(
                call_size=50,
                lease_seconds=3,
                settle_seconds=4,
                absence_gap_seconds=0.5,
                look_again_seconds=0.5,
                close_after_seconds=1,
                poll_seconds=5,
                start_within_seconds=5,
            ),
        )
    house.drain()
    people = house.customers()
    assert len(people) == PEOPLE
    return people


def ask(house: House, people: list[CustomerId]) -> UUID:
    with house.tx() as tx:
        now = tx.now
    return house.ask(people, go=False, not_before=now, expires_at=now + timedelta(hours=8))


def under_way(house: House, campaign: UUID) -> bool:
    """Whether somebody has not yet got into a task."""
    return set(house.tally(campaign)) != {"task"}


def quiet(done: Callable[[], bool]) -> None:
    """Wait until it is so. Raises AssertionError when it takes too long."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < until, "it does not settle"
        time.sleep(0.05)
