"""The supervisor: who is started by it does not outlive it."""

import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from siyu.app.up import free_port, is_free

SUPERVISOR = """
import sys, threading
from pathlib import Path
from siyu.app.processes import Process, Processes
processes = Processes([Process("server", ["http.server", sys.argv[1], "--bind", "127.0.0.1", "--directory", sys.argv[2]])], Path(sys.argv[2]))
processes.start()
sys.stdin.read()
processes.stop()
"""
PATIENCE_SECONDS = 30


def until_answered(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with closing(urllib.request.urlopen(f"http://127.0.0.1:{port}/")):
                return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def until_free(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_free(port):
        assert time.monotonic() < deadline, "somebody stayed behind"
        time.sleep(0.05)


@pytest.mark.parametrize("ended", ["killed", "stopped"])
def test_nobody_outlives_the_supervisor(tmp_path: Path, ended: str) -> None:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", SUPERVISOR, str(port), str(tmp_path)], stdin=subprocess.PIPE) as supervisor:
        until_answered(port)
        if ended == "killed":
            supervisor.kill()
        else:
            supervisor.communicate()
        until_free(port)
