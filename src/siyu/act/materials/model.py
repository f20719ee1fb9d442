"""What staff send: a text with at most one link."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from siyu.kernel.errors import NotFound, Refusal
from siyu.kernel.ids import MaterialId

TEXT_BYTES = 4000
LINK = "{link}"


class MaterialNotFound(NotFound):
    """No such material."""

    code = "material.not_found"


class BadMaterial(Refusal):
    """A title of 1 to 60 characters, a text of 1 to 4,000 bytes, a link that begins with https:// or http://."""

    code = "material.invalid"
    status = 422


@dataclass(frozen=True)
class Material:
    """`text` may hold `{link}` where the tracked link goes; with a `link_title` the link becomes a card below the text instead."""

    id: MaterialId
    title: str
    text: str
    link_url: str | None
    link_title: str | None
    created_by: str
    created_at: datetime


def check(title: str, text: str, link_url: str | None, link_title: str | None) -> None:
    """Raises BadMaterial, naming the field and why."""
    if not 1 <= len(title.strip()) <= 60:
        raise BadMaterial(field="title", reason="length", limit=60)
    if not text.strip() or len(text.encode()) > TEXT_BYTES:
        raise BadMaterial(field="text", reason="length", limit=TEXT_BYTES)
    if link_url is not None:
        parts = urlsplit(link_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or len(link_url) > 2000:
            raise BadMaterial(field="link_url", reason="address")
    if LINK in text and link_url is None:
        raise BadMaterial(field="link_url", reason="missing")
    if link_title is not None and (link_url is None or not 1 <= len(link_title.strip()) <= 60):
        raise BadMaterial(field="link_title", reason="length", limit=60)
