"""What somebody asks the gateway to do, and the words it sends."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from siyu.kernel.ids import CallId

ActionId = NewType("ActionId", UUID)

LINK = "{link}"
"""Where the tracked link goes in a text; a text without it gets no link."""


class Purpose(StrEnum):
    PROMOTION = "promotion"
    SERVICE = "service"


@dataclass(frozen=True)
class Card:
    """A link card below the text. `url` is where the tap leads; the call replaces it by its tracked link."""

    title: str
    url: str
    description: str = ""
    picture_url: str = ""


@dataclass(frozen=True)
class Content:
    """One text for all receivers of a task, ≤ 4,000 bytes, with at most one link: in the text, or as a card below it."""

    text: str
    card: Card | None = None
    target_url: str = ""

    @property
    def linked(self) -> bool:
        """Whether the content has a place for a marker."""
        return self.card is not None or LINK in self.text

    @property
    def leads_to(self) -> str:
        """Where the tracked link of a call sends the customer."""
        return self.card.url if self.card is not None else self.target_url


@dataclass(frozen=True)
class Action:
    """One step of one campaign for a frozen audience; `(campaign, step, round)` is its idempotency key.

    `salt` decides the arms, so campaigns that share a salt hold out the same people. Nothing is created before `not_before` or at or after `expires_at`.
    `lifts_cap` is an approved pulse: the weekly cap counts it but does not stop it.
    """

    id: ActionId
    campaign: UUID
    purpose: Purpose
    content: Content
    not_before: datetime
    expires_at: datetime
    salt: str
    holdout_bp: int = 0
    step: int = 0
    round: int = 0
    approved: bool = False
    lifts_cap: bool = False
    cost_fen: int = 0
    stopped_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.expires_at <= self.not_before:
            raise ValueError("an action expires after it may begin")

    def over(self, now: datetime) -> bool:
        """Stopped or expired: nothing new may be made for it."""
        return self.stopped_at is not None or now >= self.expires_at


def fingerprint(content: Content) -> str:
    """Equal for contents that nobody could tell apart in a list of tasks; the marker is not part of it."""
    parts = [content.text, content.target_url]
    if content.card is not None:
        parts += [content.card.title, content.card.url, content.card.description, content.card.picture_url]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:32]


def marker(call_id: CallId) -> str:
    """The token that tells the tasks of one call from all others: 16 hex digits of the call's id, hashed so that neighbours differ everywhere."""
    return hashlib.sha256(call_id.bytes).hexdigest()[:16]


def marked(content: Content, url: str) -> Content:
    """The content with the call's tracked link in its place. `url` must contain the marker."""
    card = replace(content.card, url=url) if content.card is not None else None
    return replace(content, text=content.text.replace(LINK, url), card=card)
