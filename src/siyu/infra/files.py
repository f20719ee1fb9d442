"""Uploaded and made files: bytes in one folder per tenant under `home/files`, names and sizes in PostgreSQL."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Table, Text, Uuid

from siyu.infra.room import PIECE, is_scarce
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.errors import NotFound, Refusal
from siyu.kernel.ids import FileId, new_id

files = Table(
    "files",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)


class FileNotFound(NotFound):
    """No such file."""

    code = "file.not_found"


class NoSpace(Refusal):
    """Less than a twentieth of the disk would stay free."""

    code = "file.no_space"
    status = 507


@dataclass(frozen=True)
class StoredFile:
    """A file as its row tells of it."""

    id: FileId
    name: str
    size_bytes: int
    created_at: datetime


class Files:
    """The folder of files of one installation."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, tenant_id: UUID, id: FileId) -> Path:
        """Where the bytes of a file lie."""
        return self.root / str(tenant_id) / str(id)[-2:] / str(id)

    def save(self, tx: Tx, name: str, source: IO[bytes]) -> StoredFile:
        """Copy a stream to disk, then say so in the transaction; whatever breaks it off leaves no bytes. Raises NoSpace when the disk is nearly full."""
        id = new_id(FileId, tx.now)
        target = self.path(tx.tenant_id, id)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _copy(source, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        stored = StoredFile(id, Path(name).name[:200], target.stat().st_size, tx.now)
        tx.execute(
            "insert into files (tenant_id, id, name, size_bytes, created_by, created_at) values (:tenant_id, :id, :name, :size, :by, :now)",
            {"id": id, "name": stored.name, "size": stored.size_bytes, "by": tx.actor.label},
        )
        return stored

    def erase(self, tx: Tx, id: FileId) -> None:
        """Forget a file and its bytes; one that is gone already is no error. The bytes go before the transaction ends: erase last."""
        tx.execute("delete from files where tenant_id = :tenant_id and id = :id", {"id": id})
        self.path(tx.tenant_id, id).unlink(missing_ok=True)

    def find(self, tx: Tx, id: FileId) -> tuple[StoredFile, Path]:
        """A file and where it lies. Raises FileNotFound."""
        row = tx.execute("select id, name, size_bytes, created_at from files where tenant_id = :tenant_id and id = :id", {"id": id}).first()
        path = self.path(tx.tenant_id, id)
        if row is None or not path.exists():
            raise FileNotFound(file_id=str(id))
        return StoredFile(FileId(row.id), row.name, row.size_bytes, row.created_at), path


def _copy(source: IO[bytes], target: Path) -> None:
    """Copy all of a stream, looking before each piece whether the disk has room for it."""
    with open(target, "wb") as out:
        more = True
        while more:
            if is_scarce(target.parent):
                raise NoSpace(free_bytes=shutil.disk_usage(target.parent).free)
            until = out.tell() + PIECE
            while more and out.tell() < until:
                more = bool(piece := source.read(1 << 20))
                out.write(piece)
