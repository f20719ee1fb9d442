"""How questions and answers travel over the local socket.

Frames of one kind byte, four bytes of length, and the payload: `J` a JSON object, `A` a piece of an Arrow IPC stream. A client sends one `J`; the owner
replies with one `J`, for questions then `A` pieces, and a last `J` that ends or breaks off the answer. A client that hangs up cancels.
"""

import hashlib
import io
import json
import os
import socket
import struct
import tempfile
from pathlib import Path
from typing import Any, cast

_HEAD = struct.Struct(">cI")
_LONGEST_PATH = 100
_PIECE = 1 << 20


class Broken(Exception):
    """The other side hung up in the middle."""


def address(home: Path) -> Path:
    """The socket of the engine of `home`: beside its replica, or in a private folder for temporary files when that path is too long for a socket."""
    path = home.resolve() / "replica" / "engine.sock"
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        return path
    mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"siyu-{os.geteuid()}" / f"{mark}.sock"


def listen(path: Path) -> socket.socket:
    """A listening socket that only this user can reach. Raises PermissionError when somebody else owns the folder."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.parent.stat().st_uid != os.geteuid():
        raise PermissionError(f"{path.parent} belongs to somebody else")
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(128)
    return listener


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one JSON frame."""
    payload = json.dumps(message, ensure_ascii=False).encode()
    connection.sendall(_HEAD.pack(b"J", len(payload)) + payload)


def receive(connection: socket.socket) -> dict[str, Any]:
    """Take one JSON frame. Raises Broken."""
    kind, payload = frame(connection)
    if kind != b"J":
        raise Broken("a JSON frame was expected")
    return parse(payload)


def parse(payload: bytes) -> dict[str, Any]:
    """The message of a `J` frame."""
    return cast(dict[str, Any], json.loads(payload))


def frame(connection: socket.socket) -> tuple[bytes, bytes]:
    """Take one frame. Raises Broken."""
    kind, length = _HEAD.unpack(_exactly(connection, _HEAD.size))
    return kind, _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < length:
        piece = connection.recv(min(_PIECE, length - len(pieces)))
        if not piece:
            raise Broken("hung up")
        pieces += piece
    return bytes(pieces)


class Pieces(io.RawIOBase):
    """A file to write an Arrow stream to, which goes out as `A` frames."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        for start in range(0, len(view), _PIECE):
            piece = view[start : start + _PIECE]
            self._connection.sendall(_HEAD.pack(b"A", len(piece)))
            self._connection.sendall(piece)
        return len(view)
