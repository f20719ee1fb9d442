"""Bytes on disk: whole or not at all, and never the last of the room."""

import io
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from siyu.infra.files import Files, NoSpace
from siyu.infra.room import PIECE
from siyu.infra.tx import Tx

Usage = namedtuple("Usage", "total used free")


class Breaking(io.RawIOBase):
    """Gives two pieces, then fails as told."""

    def __init__(self, failure: BaseException) -> None:
        self.left, self.failure = 2, failure

    def read(self, size: int = -1) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise self.failure
        return b"x" * size


def lying(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1])
def test_what_was_saved_reads_back(tx: Tx, tmp_path: Path, size: int) -> None:
    files, content = Files(tmp_path), os.urandom(min(size, 1000)) * (size // 1000 + 1)
    stored = files.save(tx, "../up/orders.csv", io.BytesIO(content[:size]))
    found, path = files.find(tx, stored.id)
    assert (found.name, found.size_bytes) == ("orders.csv", size)
    assert path.read_bytes() == content[:size]


@pytest.mark.parametrize("failure", [OSError("gone"), SystemExit(143), KeyboardInterrupt()])
def test_a_copy_that_breaks_off_leaves_nothing(tx: Tx, tmp_path: Path, failure: BaseException) -> None:
    with pytest.raises(type(failure)):
        Files(tmp_path).save(tx, "orders.csv", Breaking(failure))  # type: ignore[arg-type]
    assert lying(tmp_path) == []
    assert tx.execute("select count(*) from files where tenant_id = :tenant_id").scalar_one() == 0


def test_stops_while_a_twentieth_of_the_disk_is_free(tx: Tx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the stream is: the room is looked at again and again."""
    total = 40 * PIECE
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(total, 0, 5 * PIECE - sum(path.stat().st_size for path in lying(tmp_path))))
    with open("/dev/zero", "rb") as endless, pytest.raises(NoSpace):
        Files(tmp_path).save(tx, "zeros", endless)
    assert lying(tmp_path) == []
