"""素材: the bytes of uploaded files, beside the books, erased when their time is over."""

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from siyu.connectors.wecom.sandbox.books import Books
from siyu.connectors.wecom.sandbox.draws import Draws

Purpose = Literal["message", "moment", "album", "permanent"]
"""What an upload is for: each takes its own media only."""


@dataclass(frozen=True)
class NewMedia:
    """`over_at`: business seconds, None for what stays."""

    kind: str
    purpose: Purpose
    name: str
    agent_id: int
    created_at: float
    over_at: float | None


class MediaShelf:
    """One file per medium in a folder of the sandbox's home; what it is stands in the books."""

    def __init__(self, books: Books, folder: Path, draws: Draws) -> None:
        self._books = books
        self._folder = folder
        self._draws = draws

    def put(self, db: sqlite3.Connection, new: NewMedia, content: bytes) -> str:
        """Keep a file; its media_id."""
        media_id = self._draws.letters(43, "media", self._books.serial("media"))
        self._folder.mkdir(exist_ok=True)
        (self._folder / media_id).write_bytes(content)
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        row = (media_id, new.kind, new.purpose, new.name, len(content), md5, new.agent_id, new.created_at, new.over_at)
        db.execute("insert into media values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return media_id

    def content(self, media_id: str, first: int, count: int) -> bytes:
        """`count` bytes from `first`. Raises FileNotFoundError when it was erased."""
        with (self._folder / media_id).open("rb") as file:
            file.seek(first)
            return file.read(count)

    def erase(self, media_id: str) -> None:
        (self._folder / media_id).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Erase files of which the books know nothing: left by uploads that were killed half way."""
        with self._books.read() as db:
            known = {row["media_id"] for row in db.execute("select media_id from media")}
        for file in self._folder.iterdir() if self._folder.exists() else ():
            if file.name not in known:
                file.unlink()
