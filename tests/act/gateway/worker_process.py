"""Workers for tests that kill them: `python -m tests.act.gateway.worker_process DATABASE_URL CLOCK_FILE PID_FILE`.

The process that is started reads the code once and forks; its child, named by `PID_FILE`, works. A new one is forked whenever it has been killed.
"""

import os
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
from tests.connectors.wecom.neighbours import IMPATIENT


def work(url: str, clock_file: str) -> None:
    contacts.use(keys=Secrets(KEYS), budget=IMPATIENT)
    brisk = [replace(capability, schedules=[replace(it, every_seconds=1) for it in capability.schedules if it.every_seconds]) for capability in WIRED]
    Worker(Database(url, clock=file_clock(Path(clock_file))), brisk, lease_seconds=2).run(threading.Event())


def main(url: str, clock_file: str, pid_file: str) -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        child = os.fork()
        if not child:
            work(url, clock_file)
            os._exit(0)
        named = Path(f"{pid_file}.new")
        named.write_text(str(child))
        named.rename(pid_file)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
