"""The web server is killed with signal 9 under load, again and again: whatever it acknowledged is in the log, once."""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from siyu.app.up import free_port
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import TenantId
from siyu.observe import sources
from tests.conftest import make_tenant

LINES, PATIENCE_SECONDS = 6, 60


class Senders:
    """Who sends without end, half of them batches. `acknowledged`: ids of events that were answered; `open`: of those of which nobody knows."""

    def __init__(self, address: str, key: str) -> None:
        self.acknowledged: list[str] = []
        self.open: list[list[str]] = []
        self._address, self._key = address, key
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(LINES)]

    @contextmanager
    def sending(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def _send(self, line: int) -> None:
        with httpx.Client(base_url=self._address, headers={"authorization": f"Bearer {self._key}"}, trust_env=False, timeout=20) as http:
            number = 0
            while not self._stop.is_set():
                ids = [f"{line}-{number}-{place}" for place in range(20 if line % 2 else 1)]
                number += 1
                if not self.hand_in(http, ids):
                    self.open.append(ids)
                    time.sleep(0.02)

    def hand_in(self, http: httpx.Client, ids: list[str]) -> bool:
        """Whether these were acknowledged."""
        batch = [{"type": "track", "userId": f"u{id[-1]}", "event": "Seen", "messageId": id} for id in ids]
        try:
            answer = http.post("/v1/track", json=batch[0]) if len(batch) == 1 else http.post("/v1/batch", json={"batch": batch})
        except httpx.HTTPError:
            return False
        assert answer.status_code == 200, answer.text
        self.acknowledged += ids
        return True


def serve(url: str, home: Path, port: int) -> "subprocess.Popen[bytes]":
    """`siyu serve`, once it answers."""
    settings = {"SIYU_DATABASE_URL": url, "SIYU_HOME": str(home), "SIYU_PORT": str(port), "SIYU_LOG_LEVEL": "error"}
    process = subprocess.Popen([sys.executable, "-m", "siyu.app.cli", "serve"], env={**os.environ, **settings})
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.options(f"http://127.0.0.1:{port}/v1/track", trust_env=False).status_code == 204:
                return process
        except httpx.HTTPError:
            time.sleep(0.05)
    process.kill()
    raise AssertionError("siyu serve did not come up")


@pytest.mark.long
@pytest.mark.parametrize("kills", [20])
def test_every_acknowledged_event_is_there_once(fresh_url: str, tmp_path: Path, kills: int) -> None:
    dice, port = random.Random(kills), free_port()
    with closing(Database(fresh_url)) as database:
        tenant = make_tenant(database)
        with database.transaction(tenant, SYSTEM) as tx:
            _, key = sources.make(tx, "后台")
        senders = Senders(f"http://127.0.0.1:{port}", key)
        process = serve(fresh_url, tmp_path, port)
        reached = [0]
        with senders.sending():
            for _ in range(kills):
                deadline = time.monotonic() + PATIENCE_SECONDS
                while len(senders.acknowledged) < reached[-1] + 100 and time.monotonic() < deadline:
                    time.sleep(0.01)
                time.sleep(dice.random() * 0.3)
                process.kill()
                process.wait()
                reached.append(len(senders.acknowledged))
                process = serve(fresh_url, tmp_path, port)
        assert reached == sorted(set(reached)), f"each start takes more: {reached}"
        assert senders.open, "nobody was in the middle of sending when it was killed"
        sent_again = [id for ids in senders.open for id in ids]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"authorization": f"Bearer {key}"}, trust_env=False, timeout=20) as http:
            for ids in senders.open:
                assert senders.hand_in(http, ids)
        process.terminate()
        process.wait()
        kept = Counter(row.key for row in ask(database, tenant, "select key from events where tenant_id = :tenant_id and name = 'Seen'"))
        assert set(sent_again) <= set(senders.acknowledged) == set(kept)
        assert set(kept.values()) == {1}
        (counted,) = ask(database, tenant, "select sum(events) as events from received_names where tenant_id = :tenant_id")
        assert counted.events == len(kept)


def ask(database: Database, tenant: TenantId, statement: str) -> list[Any]:
    with database.transaction(tenant, SYSTEM) as tx:
        return list(tx.execute(statement))
