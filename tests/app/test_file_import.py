"""`siyu import orders` in a shell of its own, on what is no file, and ended in the midst."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from siyu.infra.database import Database
from siyu.kernel.ids import TenantId
from tests.app.test_wrong_settings import said

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(database: Database, tenant: TenantId, tmp_path: Path) -> dict[str, str]:
    """A brand with its own home."""
    return {"SIYU_HOME": str(tmp_path / "home"), "SIYU_DATABASE_URL": database.url}


def test_a_device_and_a_pipe_are_refused(settings: dict[str, str], tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    for path in (Path("/dev/zero"), pipe):
        done = said(settings, "import", "orders", str(path), language="zh_CN.UTF-8")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.splitlines() == [f"✗ 这不是普通文件：{path} 是设备、管道或套接字,没有可以数清的结尾;请先把它的内容存成文件 [import.not_a_file]"]


def test_told_to_end_while_it_copies_it_leaves_no_bytes(settings: dict[str, str], tmp_path: Path) -> None:
    with open(tmp_path / "large.csv", "wb") as large:
        large.truncate(4 << 30)  # a hole: it costs no room here
    files = Path(settings["SIYU_HOME"]) / "files"
    command = [sys.executable, "-m", "siyu.app.cli", "import", "orders", large.name]
    with subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as copying:
        while copying.poll() is None and not any(path.is_file() for path in files.rglob("*")):
            time.sleep(0.01)
        copying.send_signal(signal.SIGTERM)
        assert copying.wait(30) == 128 + signal.SIGTERM, copying.communicate()
    assert [path for path in files.rglob("*") if path.is_file()] == []
