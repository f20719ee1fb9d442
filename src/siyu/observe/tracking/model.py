"""Tracked links: a short code that leads to a target, and who opened it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlsplit

from siyu.events import Fact
from siyu.kernel.errors import Invalid, NotFound
from siyu.kernel.ids import IdentityId, LinkId

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CODE_LENGTH = 10
LONGEST = 2048
"""Bytes of a target: the most that WeCom takes in a link card."""


class UnsafeTarget(Invalid):
    """A link may only lead to an ordinary web address; `reason` says what is wrong."""

    code = "link.unsafe_target"


class LinkNotFound(NotFound):
    """No such link."""

    code = "link.not_found"


@dataclass(frozen=True)
class Link:
    """A tracked link. `ref` is whatever the maker wants opens counted by: a call's marker, a broadcast, a material."""

    id: LinkId
    code: str
    target_url: str
    ref: str
    url: str


@dataclass(frozen=True)
class Opens:
    """How often links of one ref were opened: all opens, by how many known people, first and last."""

    ref: str
    opens: int
    people: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Opener:
    """A known person who opened links of one ref."""

    ref: str
    identity_id: IdentityId
    opens: int
    first_at: datetime


@dataclass(frozen=True)
class Opened(Fact):
    """A known person opened a tracked link for the first time."""

    name: ClassVar[str] = "link.opened"
    link_id: LinkId
    ref: str


def code(id: LinkId) -> str:
    """A code from the random tail of an id: 62 random bits leave 2^59 codes of ten letters and digits, not to be guessed."""
    number = id.int & ((1 << 62) - 1)
    letters = ""
    for _ in range(CODE_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        letters += ALPHABET[digit]
    return letters


def safe(target: str) -> str:
    """The target, if a browser may be sent there. Raises UnsafeTarget for other schemes, missing hosts, log-in data, control characters."""
    if len(target.encode()) > LONGEST:
        raise UnsafeTarget(field="target_url", reason="longer than 2048 bytes")
    if any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in target):
        raise UnsafeTarget(field="target_url", reason="holds blanks, control characters or backslashes")
    try:
        parts = urlsplit(target)
        host, _ = parts.hostname, parts.port
    except ValueError as wrong:
        raise UnsafeTarget(field="target_url", reason="no web address") from wrong
    if parts.scheme.lower() not in ("http", "https"):
        raise UnsafeTarget(field="target_url", reason="neither http nor https")
    if not host:
        raise UnsafeTarget(field="target_url", reason="names no host")
    if parts.username or parts.password:
        raise UnsafeTarget(field="target_url", reason="holds log-in data")
    return target
