"""How full the disk is, told without writing."""

import errno
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from siyu.infra import room
from siyu.infra.room import LEAST, PIECE, Level, Room, is_full

Usage = namedtuple("Usage", "total used free")
TOTAL = 1 << 34


@pytest.mark.parametrize(("free", "level"), [(TOTAL // 20 + PIECE, "ok"), (TOTAL // 20 + PIECE - 1, "low"), (LEAST, "low"), (LEAST - 1, "full"), (0, "full")])
def test_the_level_follows_what_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(TOTAL, TOTAL - free, free))
    assert Room(tmp_path / "not" / "made" / "yet").level() == level


def test_what_could_not_be_written_counts_for_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(TOTAL, 0, TOTAL))
    one = Room(tmp_path)
    one.lacked()
    assert one.level() == "full"
    monkeypatch.setattr(room, "FRESH_SECONDS", 0)
    assert one.level() == "ok"


def test_a_full_disk_is_known_behind_the_error_that_came_of_it() -> None:
    def follow() -> None:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError:
            raise RuntimeError("the connection is closed")  # noqa: B904 (as a rollback on a dead connection does)

    with pytest.raises(RuntimeError) as closed:
        follow()
    assert is_full(closed.value)
    assert not is_full(OSError(errno.EACCES, "Permission denied")) and not is_full(RuntimeError("x")) and not is_full(None)
