"""Victims are recognised by what they are."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from siyu.infra import postgres
from siyu.infra.postgres import processes

WITHOUT_PTRACE = """
import ctypes, os, sys
from pathlib import Path
CAP_SYS_PTRACE, PR_CAPBSET_DROP = 19, 24
if sys.argv[1] == "first":
    assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE, 0, 0, 0) == 0
    os.execv(sys.executable, [sys.executable, "-c", sys.argv[3], "second", *sys.argv[2:]])
from siyu.infra.postgres import processes
home = Path(sys.argv[2])
pid = int((home / "data" / "postmaster.pid").read_text().split()[0])
try:
    os.stat(f"/proc/{pid}/cwd")
    print("sees everything")
except PermissionError:
    print(pid in processes.of(home / "data"), len(processes.of(home / "data")) > 3, os.access("/root", os.R_OK))
"""


@pytest.fixture
def stranger(server: postgres.Server) -> Iterator["subprocess.Popen[bytes]"]:
    """A program of somebody who just happens to sit in the data directory."""
    process = subprocess.Popen(["sleep", "600"], cwd=server.data_dir)
    yield process
    process.kill()
    process.wait()


class TestBelongs:
    def test_the_postmaster_and_its_helpers(self, server: postgres.Server) -> None:
        assert server.pid in processes.of(server.data_dir)
        assert len(processes.of(server.data_dir)) > 3

    def test_not_a_visitor(self, server: postgres.Server, stranger: "subprocess.Popen[bytes]") -> None:
        assert not processes.belongs(stranger.pid, server.data_dir)
        assert not processes.send(stranger.pid, server.data_dir, signal.SIGKILL)
        assert stranger.poll() is None

    def test_not_a_server_of_another_directory(self, server: postgres.Server, bare: Path) -> None:
        other = postgres.start(bare, settings=postgres.THROWAWAY)
        assert not processes.belongs(other.pid, server.data_dir)
        assert not set(processes.of(server.data_dir)) & set(processes.of(other.data_dir))

    def test_nobody_has_an_impossible_number(self, server: postgres.Server) -> None:
        assert not processes.belongs(2**40, server.data_dir)
        assert not processes.exists(2**40)

    @pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give a capability up")
    def test_root_without_the_right_to_watch_others_still_sees(self, served: Path, server: postgres.Server) -> None:
        done = subprocess.run([sys.executable, "-c", WITHOUT_PTRACE, "first", str(served), WITHOUT_PTRACE], capture_output=True, text=True, check=True)
        assert done.stdout == "True True True\n"

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root borrows another's eyes")
    def test_looking_as_somebody_else_leaves_other_threads_alone(self, server: postgres.Server, tmp_path: Path) -> None:
        ours = tmp_path / "ours"
        ours.touch(mode=0o600)
        ending = threading.Event()
        looker = threading.Thread(target=lambda: _look(server.data_dir, ending))
        looker.start()
        try:
            for _ in range(2000):
                ours.read_text()
        finally:
            ending.set()
            looker.join()


def _look(directory: Path, ending: threading.Event) -> None:
    while not ending.is_set():
        processes.of(directory)
