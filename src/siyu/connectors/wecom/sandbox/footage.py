"""How long a recording plays, read from its own headers."""

import struct

_FRAME_SECONDS = 0.02
_FRAME_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6)
"""By frame type of AMR; anything else is a frame without data."""


def voice_seconds(content: bytes) -> float:
    """Of an AMR file: one frame is 20 ms."""
    at, frames = len(b"#!AMR\n"), 0
    while at < len(content):
        kind = content[at] >> 3 & 0x0F
        at += _FRAME_BYTES[kind] if kind < len(_FRAME_BYTES) else 1
        frames += 1
    return frames * _FRAME_SECONDS


def film_seconds(content: bytes) -> float | None:
    """Of an MP4 file; None when it does not say."""
    film = _box(content, b"moov")
    header = _box(film, b"mvhd") if film is not None else None
    layout = ">12xII" if header and header[0] == 0 else ">20xIQ"
    if header is None or len(header) < struct.calcsize(layout):
        return None
    scale, duration = struct.unpack_from(layout, header)
    return duration / scale if scale else None


def _box(content: bytes, name: bytes) -> bytes | None:
    """What is in the first box of this name."""
    at = 0
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        head = 8
        if size == 1 and at + 16 <= len(content):
            (size,), head = struct.unpack_from(">Q", content, at + 8), 16
        size = size or len(content) - at
        if size < head:
            return None
        if kind == name:
            return content[at + head : at + size]
        at += size
    return None
