"""Logging harms nobody who logs."""

import subprocess
import sys

import pytest

PROGRAM = """
import logging, structlog
from siyu.infra.logging import configure
configure({format!r})
for _ in range(2000):
    structlog.get_logger().warning("disk.trouble", text="满" * 20)
    logging.getLogger("library").warning("more of it")
    try:
        1 / 0
    except ZeroDivisionError:
        structlog.get_logger().exception("and.more")
print("went on", flush=True)
"""


@pytest.mark.parametrize("format", ["console", "json"])
def test_a_full_disk_does_not_reach_who_logs(format: str) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([sys.executable, "-c", PROGRAM.format(format=format)], stdout=subprocess.PIPE, stderr=full, text=True, timeout=60, check=False)
    assert done.stdout == "went on\n"
