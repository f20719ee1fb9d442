"""A worker of imports in a process of its own, to be killed: `python -m tests.observe.imports.worker_process URL`."""

import sys

from siyu.app.worker import Worker
from siyu.infra.database import Database
from siyu.observe.imports import running
from tests.conftest import TestClock
from tests.observe.imports.conftest import CAPABILITIES

if __name__ == "__main__":
    running.CHUNK_ORDERS = 150  # many commits to be killed between
    Worker(Database(sys.argv[1], clock=TestClock()), CAPABILITIES, lease_seconds=2).drain()
