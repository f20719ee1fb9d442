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
from tests.observe.imports.test_sheets import book

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
        assert done.stderr.splitlines() == [f"✗ 这不是普通文件：{path} 是设备、管道或套接字，没有可以数清的结尾；请先把它的内容存成文件 [import.not_a_file]"]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh_CN.UTF-8", "! 读取的是工作表“订单”，表头在第 2 行；没有读取:“说明”(1 行), “二月”(2 行)。要导入它们，请另存为单独的文件"),
        (
            "en_US.UTF-8",
            "! the sheet “订单” is read, its headings are in row 2; not read: “说明” (rows: 1), “二月” (rows: 2). To import those, "
            "save each as a file of its own",
        ),
    ],
)
def test_sheets_that_are_not_read_are_named(settings: dict[str, str], tmp_path: Path, language: str, told: str) -> None:
    rows: list[list[object]] = [["订单号", "付款时间", "商品", "数量", "单价", "客户编号"], ["A1", "2026-01-01", "茶", 2, 9.9, "17850"]]
    (file := tmp_path / "orders.xlsx").write_bytes(book(说明=[["导出说明"]], 订单=[["订单表"], *rows], 二月=rows))
    done = said(settings, "import", "orders", str(file), "--dry-run", language=language)
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert (done.returncode, lines[0]) == (0, told), done
    assert "orders             1" in lines


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
