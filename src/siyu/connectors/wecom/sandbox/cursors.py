"""Opaque cursors: a key into the rows, bound to the call it was made for."""

import base64
import hashlib
import json
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure


def seal(path: str, key: list[Any]) -> str:
    """The cursor of the row after `key`."""
    text = json.dumps(key, separators=(",", ":"))
    return base64.urlsafe_b64encode(_mark(path, text) + text.encode()).decode().rstrip("=")


def unseal(path: str, cursor: str) -> list[Any] | None:
    """The key, None for the first page. Fails with 50100 on anything else."""
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        text = raw[6:].decode()
        key = json.loads(text)
    except ValueError:
        raise Failure(50100) from None
    if raw[:6] != _mark(path, text) or not isinstance(key, list):
        raise Failure(50100)
    return key


def version(chat_id: str, number: int) -> str:
    """The member version of a group, as its detail and its callbacks tell it: opaque, too."""
    return f"{chat_id[2:10]}{number:08x}"


def _mark(path: str, text: str) -> bytes:
    return hashlib.blake2b(f"{path}\n{text}".encode(), digest_size=6).digest()
