"""A worker that reads a corp in small steps in a process of its own, to be killed: `python -m tests.observe.contacts.reading_worker URL CLOCK_FILE`."""

import sys
from dataclasses import replace
from pathlib import Path

from siyu.app.worker import Worker
from siyu.infra.clock import file_clock
from siyu.infra.database import Database
from siyu.observe import contacts
from siyu.observe.contacts import sync
from tests.connectors.wecom.neighbours import IMPATIENT
from tests.observe.contacts.conftest import SEALING
from tests.observe.contacts.test_unheard import WIRINGS

if __name__ == "__main__":
    contacts.use(keys=SEALING, budget=IMPATIENT)
    sync.GROUP, sync.CHUNK = 1, 5  # many commits to be killed between
    database = Database(sys.argv[1], clock=file_clock(Path(sys.argv[2])))
    Worker(database, [replace(wiring, schedules=()) for wiring in WIRINGS], lease_seconds=2).drain()
