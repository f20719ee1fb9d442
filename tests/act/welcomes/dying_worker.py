"""A worker that is killed when it calls: `python -m tests.act.welcomes.dying_worker DATABASE_URL CLOCK_FILE before|after` the call has its effect."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from siyu.act.welcomes.wiring import capability
from siyu.app.worker import Worker
from siyu.connectors.wecom import Attachment, WeCom
from siyu.infra.clock import file_clock
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.observe import contacts
from tests.act.gateway.conftest import KEYS


class Before(WeCom):
    """Nothing has left."""

    def send_welcome(self, welcome_code: str, text: str = "", attachments: Sequence[Attachment] = ()) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class After(WeCom):
    """WeCom has said yes, and nobody has heard it."""

    def send_welcome(self, welcome_code: str, text: str = "", attachments: Sequence[Attachment] = ()) -> None:
        super().send_welcome(welcome_code, text, attachments)
        os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, clock_file: str, when: str) -> None:
    contacts.use(keys=Secrets(KEYS), connect={"before": Before, "after": After}[when])
    Worker(Database(url, clock=file_clock(Path(clock_file))), [capability], lease_seconds=1).drain()


if __name__ == "__main__":
    main(*sys.argv[1:])
