"""Keys that stay outside the database, and what is done with them: encryption of columns, blind indexes, one-way marks.

The key file `home/secret.key` holds one `id:base64` per line, 32 bytes each; the first is current, the others still read what was written before.
`SIYU_SECRET` holds the same separated by commas and goes before the file. Rotation: put a new line first, restart, re-encrypt at leisure.
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from siyu.infra.faults import NotKeys
from siyu.kernel.errors import Refusal

FILE = "secret.key"


class SecretUnreadable(Refusal):
    """A value was encrypted under a key that is not here, or was changed since; or the key itself cannot be read."""

    code = "secret.unreadable"
    status = 500


class Secrets:
    """The keyring of one installation."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """`keys`: 32 bytes by id, the current one first. Raises SecretUnreadable for an empty ring or a short key."""
        if not keys or any(len(key) != 32 or not id.isalnum() for id, key in keys.items()):
            raise SecretUnreadable(reason="a key is 32 bytes under an id of letters and digits")
        self._keys = dict(keys)
        self.current = next(iter(keys))

    def encrypt(self, plain: str, *, context: str) -> str:
        """AES-256-GCM: `key id:base64`. `context` names where the value belongs (`accounts.totp:<id>`); elsewhere it cannot be read."""
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self._derive(self.current, "column")).encrypt(nonce, plain.encode(), context.encode())
        return f"{self.current}:{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, value: str, *, context: str) -> str:
        """What `encrypt` was given. Raises SecretUnreadable for another context, an unknown key or a changed value."""
        id, _, body = value.partition(":")
        if id not in self._keys:
            raise SecretUnreadable(reason="unknown key", key_id=id)
        try:
            sealed = base64.b64decode(body, validate=True)
            return AESGCM(self._derive(id, "column")).decrypt(sealed[:12], sealed[12:], context.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error) as wrong:
            raise SecretUnreadable(reason="wrong key, context or value", key_id=id) from wrong

    def mark(self, value: str, *, context: str) -> str:
        """A blind index: HMAC-SHA-256 under the current key, `key id:hex`. Equal values of one context have equal marks and nothing else shows."""
        return self._mark(self.current, value, context)

    def marks(self, value: str, *, context: str) -> list[str]:
        """The marks under every key, for `where column = any (:marks)`."""
        return [self._mark(id, value, context) for id in self._keys]

    def _mark(self, id: str, value: str, context: str) -> str:
        digest = hmac.new(self._derive(id, "mark"), f"{context}\0{value}".encode(), hashlib.sha256)
        return f"{id}:{digest.hexdigest()}"

    def _derive(self, id: str, purpose: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"siyu {purpose}".encode()).derive(self._keys[id])


def load(home: Path, environ: Mapping[str, str] = os.environ) -> Secrets:
    """The keyring from `SIYU_SECRET`, else from `home/secret.key`, which is made with a fresh key when missing. Raises NotKeys or SecretUnreadable."""
    told = environ.get("SIYU_SECRET")
    if told:
        try:
            return Secrets(_parse(told.split(",")))
        except SecretUnreadable:
            raise NotKeys(variable="SIYU_SECRET") from None
    path = home / FILE
    if not path.exists():
        _make(path)
    return Secrets(_parse(path.read_text(encoding="ascii").splitlines()))


def _parse(lines: list[str]) -> dict[str, bytes]:
    keys = {}
    for line in filter(None, (line.strip() for line in lines)):
        id, _, body = line.partition(":")
        try:
            keys[id] = base64.b64decode(body, validate=True)
        except ValueError as wrong:
            raise SecretUnreadable(reason="a key is written as id:base64") from wrong
    return keys


def _make(path: Path) -> None:
    """Written aside with mode 0600 and linked into place, so that of several processes starting at once all use the first one's key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(f"k{secrets.token_hex(3)}:{base64.b64encode(secrets.token_bytes(32)).decode()}\n")
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    finally:
        Path(aside).unlink()
