"""Signature and cipher of WeCom callbacks: SHA-1 over sorted texts, AES-256-CBC with padding to 32 bytes."""

import base64
import binascii
import hashlib
import hmac
import re
import struct
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 32
MAX_BODY = 1 << 20
"""Bytes of a pushed body; real ones are below 10 kB."""

_KEY_SHAPE = re.compile(r"[A-Za-z0-9+/]{43}")
_TOKEN_SHAPE = re.compile(r"[A-Za-z0-9]{1,32}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")


class CallbackRejected(Exception):
    """A callback that must not be believed; `reason` is a stable word for logs and counters, never a secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadKeys(ValueError):
    """Token or EncodingAESKey (`part`) do not have the shape that WeCom asks for."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


@dataclass(frozen=True)
class CallbackKeys:
    """What both sides of one callback URL share.

    `token`: up to 32 letters and digits. `aes_key`: the 43 characters shown as EncodingAESKey. `receive_id`: the corp id for an app of the corp itself.
    Raises BadKeys.
    """

    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    receive_id: str

    def __post_init__(self) -> None:
        if not _TOKEN_SHAPE.fullmatch(self.token):
            raise BadKeys("token", "the token has up to 32 letters and digits")
        if not _KEY_SHAPE.fullmatch(self.aes_key):
            raise BadKeys("aes_key", "the EncodingAESKey has 43 letters and digits")
        if not self.receive_id:
            raise BadKeys("receive_id", "the receive id is missing")

    @property
    def key(self) -> bytes:
        """The 32 bytes. The last character may carry two bits that do not count, so decoding is lenient."""
        return base64.b64decode(self.aes_key + "=")


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """40 lower-case hex digits over the base64 text as it stands in `echostr` or `Encrypt`."""
    joined = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def verify(keys: CallbackKeys, *, msg_signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
    """Compare in constant time. Raises CallbackRejected("signature")."""
    expected = signature(keys.token, timestamp, nonce, encrypted)
    if not hmac.compare_digest(expected.encode(), msg_signature.encode("utf-8", "replace")):
        raise CallbackRejected("signature")


def encrypt(keys: CallbackKeys, message: bytes, *, random16: bytes) -> str:
    """Base64 cipher text of `message`; `random16` is 16 fresh random bytes."""
    if len(random16) != 16:
        raise ValueError("random16 has 16 bytes")
    plain = random16 + struct.pack(">I", len(message)) + message + keys.receive_id.encode()
    pad = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(AES256(keys.key), CBC(keys.key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(keys: CallbackKeys, encrypted: str) -> bytes:
    """The message. Call `verify` first. Raises CallbackRejected with base64, cipher, padding, length or receive_id."""
    try:
        cipher_text = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError):
        raise CallbackRejected("base64") from None
    if not cipher_text or len(cipher_text) % 16:
        raise CallbackRejected("cipher")
    decryptor = Cipher(AES256(keys.key), CBC(keys.key[:16])).decryptor()
    padded = decryptor.update(cipher_text) + decryptor.finalize()
    pad = padded[-1]
    if not 1 <= pad <= BLOCK or pad > len(padded):
        raise CallbackRejected("padding")
    plain = padded[:-pad]
    if len(plain) < 20:
        raise CallbackRejected("length")
    (size,) = struct.unpack(">I", plain[16:20])
    if size > len(plain) - 20:
        raise CallbackRejected("length")
    message, receive_id = plain[20 : 20 + size], plain[20 + size :]
    if not hmac.compare_digest(receive_id, keys.receive_id.encode()):
        raise CallbackRejected("receive_id")
    return message


def echo(keys: CallbackKeys, *, msg_signature: str, timestamp: str, nonce: str, echostr: str) -> bytes:
    """The exact body that answers the URL check (GET). Raises CallbackRejected."""
    verify(keys, msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, encrypted=echostr)
    return decrypt(keys, echostr)


def open_push(keys: CallbackKeys, body: bytes, *, msg_signature: str, timestamp: str, nonce: str) -> bytes:
    """Decrypted XML or JSON of a push. The envelope is scanned, not parsed, so nothing in it is interpreted before the signature has been proved.

    Raises CallbackRejected with size, envelope, signature and those of `decrypt`.
    """
    encrypted = encrypted_part(body)
    verify(keys, msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, encrypted=encrypted)
    return decrypt(keys, encrypted)


def encrypted_part(body: bytes) -> str:
    """The base64 text of the one `Encrypt` element (XML, with or without CDATA) or `encrypt` member (JSON). Raises CallbackRejected."""
    if len(body) > MAX_BODY:
        raise CallbackRejected("size")
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    found = _from_json(text) if text.startswith(b"{") else _from_xml(text)
    if not _BASE64.fullmatch(found):
        raise CallbackRejected("envelope")
    return found.decode("ascii")


def _from_xml(body: bytes) -> bytes:
    if b"<!DOCTYPE" in body.upper() or b"<!ENTITY" in body.upper():
        raise CallbackRejected("doctype")
    opening, closing = b"<Encrypt>", b"</Encrypt>"
    if body.count(opening) != 1 or body.count(closing) != 1:
        raise CallbackRejected("envelope")
    start, end = body.index(opening) + len(opening), body.index(closing)
    inner = body[start:end].strip() if start <= end else b""
    if inner.startswith(b"<![CDATA[") and inner.endswith(b"]]>"):
        inner = inner[9:-3].strip()
    return inner


def _from_json(body: bytes) -> bytes:
    found = re.findall(rb'"encrypt"\s*:\s*"([^"]*)"', body)
    if len(found) != 1:
        raise CallbackRejected("envelope")
    value: bytes = found[0]
    return value.replace(b"\\/", b"/")


def envelope(*, to: str, agent_id: str, encrypted: str) -> bytes:
    """The XML body of a push, as the platform sends it."""
    return (f"<xml><ToUserName><![CDATA[{to}]]></ToUserName><AgentID><![CDATA[{agent_id}]]></AgentID><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>").encode()
