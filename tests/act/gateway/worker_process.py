"""A worker as a process of its own, for tests that kill it: `python -m tests.act.gateway.worker_process DATABASE_URL CLOCK_FILE`."""

import sys
import threading
from dataclasses import replace
from pathlib import Path

from siyu.app.worker import Worker
from siyu.infra.clock import file_clock
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.observe import contacts
from tests.act.gateway.conftest import KEYS, WIRED


def main(url: str, clock_file: str) -> None:
    contacts.use(keys=Secrets(KEYS))
    brisk = [replace(capability, schedules=[replace(it, every_seconds=1) for it in capability.schedules if it.every_seconds]) for capability in WIRED]
    worker = Worker(Database(url, clock=file_clock(Path(clock_file))), brisk, lease_seconds=2)
    worker.run(threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
