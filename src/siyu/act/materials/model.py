"""What staff send: a text with at most one link."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from siyu.kernel.errors import NotFound, Refusal
from siyu.kernel.ids import MaterialId

TEXT_BYTES = 4000
"""What WeCom takes in the text of one group send."""
LINK = "{link}"
LINK_BYTES = 100
"""Room in the text for the tracked link that takes the place of `{link}`."""
CARD_TITLE_BYTES = 128
"""What WeCom takes in the title of a link card."""
_PLACEHOLDER = re.compile(r"[{｛]\s*[\w.\-]{1,40}\s*[}｝]")


class MaterialNotFound(NotFound):
    """No such material."""

    code = "material.not_found"


class BadMaterial(Refusal):
    """A title of 1 to 60 characters, a text of 1 to 4,000 bytes, a link that begins with https:// or http:// and has its place."""

    code = "material.invalid"
    status = 422


class UnknownPlaceholder(Refusal):
    """Customers would read `found` as it stands: in a material nothing but `{link}` is replaced."""

    code = "material.unknown_placeholder"
    status = 422


@dataclass(frozen=True)
class Material:
    """`text` may hold `{link}` where the tracked link goes; with a `link_title` the link becomes a card below the text instead.

    `archived`: taken out of the library; nothing new can be made of it.
    """

    id: MaterialId
    title: str
    text: str
    link_url: str | None
    link_title: str | None
    created_by: str
    created_at: datetime
    archived: bool = False


def check(title: str, text: str, link_url: str | None, link_title: str | None) -> None:
    """Raises BadMaterial, naming the field and why, and UnknownPlaceholder. Whether the link leads to a web address is for `tracking.safe` to say."""
    if not 1 <= len(title.strip()) <= 60:
        raise BadMaterial(field="title", reason="length", limit=60)
    if not text.strip() or len(text.replace(LINK, "x" * LINK_BYTES).encode()) > TEXT_BYTES:
        raise BadMaterial(field="text", reason="length", limit=TEXT_BYTES)
    if found := [*placeholders(text, (LINK,)), *placeholders(link_title or "")]:
        raise UnknownPlaceholder(found=found)
    if link_url is None and (LINK in text or link_title is not None):
        raise BadMaterial(field="link_url", reason="missing")
    if link_url is not None and LINK not in text and link_title is None:
        raise BadMaterial(field="text", reason="link")
    if link_title is not None:
        check_card_title(link_title)


def placeholders(text: str, replaced: Collection[str] = ()) -> list[str]:
    """What looks like a placeholder, `{name}` or `｛客户｝`, and is none of those that are replaced; each once, in order."""
    return [found for found in dict.fromkeys(_PLACEHOLDER.findall(text)) if found not in replaced]


def check_card_title(link_title: str) -> None:
    """Raises BadMaterial unless WeCom takes it on a link card."""
    if not link_title.strip() or len(link_title.encode()) > CARD_TITLE_BYTES:
        raise BadMaterial(field="link_title", reason="length", limit=CARD_TITLE_BYTES)
