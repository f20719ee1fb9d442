"""Decrypted callback bodies as flat events, parsed without trusting them."""

import hashlib
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from siyu.connectors.wecom.crypto import MAX_BODY, CallbackRejected

Value = str | tuple[str, ...] | Mapping[str, "Value"] | tuple[Mapping[str, "Value"], ...]

_MAX_DEPTH = 8
_LONGEST_NAME = 64
_NUMBER = re.compile(r"[0-9]{1,11}")
"""Seconds of an instant that a calendar can hold."""


@dataclass(frozen=True)
class Event(Mapping[str, Value]):
    """One callback. Missing and empty elements mean the same, so `text` never raises; unknown elements are kept.

    `digest` is the SHA-256 of the decrypted body: the key for dropping repeats, since each repeat is encrypted anew.
    """

    elements: Mapping[str, Value]
    digest: bytes

    def __getitem__(self, name: str) -> Value:
        return self.elements[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.elements)

    def __len__(self) -> int:
        return len(self.elements)

    def text(self, name: str) -> str:
        value = self.elements.get(name, "")
        return value if isinstance(value, str) else ""

    @property
    def route(self) -> tuple[str, str]:
        """(Event or InfoType, ChangeType): ChangeType alone is not unique. Of a name that is too long to be one, its beginning with … after it."""
        return _named(self.text("Event") or self.text("InfoType")), _named(self.text("ChangeType"))

    @property
    def created_at(self) -> datetime | None:
        """CreateTime (own apps) or TimeStamp (third-party apps), None when missing or unreadable."""
        stamp = self.text("CreateTime") or self.text("TimeStamp")
        return datetime.fromtimestamp(int(stamp), UTC) if _NUMBER.fullmatch(stamp) else None


def parse(body: bytes) -> Event:
    """Decrypted XML to an event: repeated elements become tuples, nested ones mappings. Raises CallbackRejected with size, doctype, xml or depth."""
    if len(body) > MAX_BODY:
        raise CallbackRejected("size")
    upper = body.upper()
    if b"<!DOCTYPE" in upper or b"<!ENTITY" in upper or b"\x00" in body:
        raise CallbackRejected("doctype")
    try:
        root = ElementTree.fromstring(body.decode("utf-8-sig"))
    except (ElementTree.ParseError, UnicodeDecodeError, ValueError):
        raise CallbackRejected("xml") from None
    return Event(_children(root, 1), hashlib.sha256(body).digest())


def _named(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"


def _children(node: ElementTree.Element, depth: int) -> Mapping[str, Value]:
    if depth > _MAX_DEPTH:
        raise CallbackRejected("depth")
    found: dict[str, list[str | Mapping[str, Value]]] = {}
    for child in node:
        value: str | Mapping[str, Value] = _children(child, depth + 1) if len(child) else (child.text or "").strip()
        found.setdefault(child.tag, []).append(value)
    return {name: _joined(values) for name, values in found.items()}


def _joined(values: list[str | Mapping[str, Value]]) -> Value:
    if len(values) == 1:
        return values[0]
    texts = tuple(value for value in values if isinstance(value, str))
    return texts if len(texts) == len(values) else tuple(value for value in values if not isinstance(value, str))


def listed(value: Value) -> tuple[str, ...]:
    """A list of ids, whether it came as repeated elements, as one comma-joined text, or as one wrapping element with items."""
    if isinstance(value, str):
        return tuple(part for part in value.split(",") if part)
    if isinstance(value, tuple):
        return tuple(part for part in value if isinstance(part, str))
    return tuple(part for inner in value.values() for part in listed(inner))
