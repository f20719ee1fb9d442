"""Moments, and what a reading of one changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from siyu.connectors.wecom import Moment, MomentReaction, MomentReactions
from siyu.events import Fact
from siyu.kernel.errors import NotFound
from siyu.kernel.ids import CorpId, IdentityId, StaffId
from siyu.kernel.text import without_nul

ReactionKind = Literal["like", "comment"]
LIVELY = timedelta(days=14)
"""How long parts and reactions of a moment are read again."""


class MomentNotFound(NotFound):
    """No such moment, or none that this actor may see."""

    code = "moment.not_found"


@dataclass(frozen=True)
class Heading:
    """A moment as WeCom lists it. `creator` is a userid, empty when made over the API; `everybody`: not only customers with some tags."""

    moment_id: str
    creator: str
    by_member: bool
    created_at: datetime
    everybody: bool
    text: str
    pictures: int
    video: bool
    link_title: str
    link_url: str


@dataclass(frozen=True)
class Part:
    """One member's part."""

    userid: str
    published: bool


@dataclass(frozen=True)
class Reaction:
    """A like or a comment; `who` is an external_userid, or the userid of a colleague."""

    kind: ReactionKind
    who: str
    at: datetime
    by_staff: bool
    identity_id: IdentityId | None = None


@dataclass(frozen=True)
class Told:
    """What WeCom says of one moment: its parts, and the reactions under those that are published."""

    parts: Sequence[Part]
    reactions: Mapping[str, Sequence[Reaction]]


@dataclass(frozen=True)
class Counts:
    """Members who have a part and who have published it; likes and comments of customers."""

    members: int
    published: int
    likes: int
    comments: int


@dataclass(frozen=True)
class Shown:
    """A moment as a list shows it."""

    corp_id: CorpId
    heading: Heading
    creator_name: str
    read_at: datetime
    gone_at: datetime | None
    counts: Counts


@dataclass(frozen=True)
class ShownPart:
    """A member's part as a page shows it."""

    userid: str
    staff_id: StaffId | None
    name: str
    published: bool
    counts: Counts


@dataclass(frozen=True)
class Liked(Fact):
    """A customer liked a moment; the event's time is WeCom's."""

    name: ClassVar[str] = "moment.liked"
    moment_id: str
    staff_id: StaffId | None


@dataclass(frozen=True)
class Commented(Fact):
    """A customer commented on a moment; WeCom does not tell the words."""

    name: ClassVar[str] = "moment.commented"
    moment_id: str
    staff_id: StaffId | None


FACTS: Mapping[ReactionKind, type[Liked] | type[Commented]] = {"like": Liked, "comment": Commented}


def heading(moment: Moment) -> Heading | None:
    """A moment of the API as we keep it; None without a time."""
    if moment.created_at is None:
        return None
    title, url = (moment.link.title, moment.link.url) if moment.link else ("", "")
    return Heading(
        moment.moment_id,
        moment.creator or "",
        moment.create_type == 1,
        moment.created_at,
        moment.everybody,
        without_nul(moment.text),
        len(moment.image_ids),
        bool(moment.video_id),
        without_nul(title),
        without_nul(url),
    )


def reactions(told: MomentReactions) -> list[Reaction]:
    """Reactions of the API as we keep them, each once; rows that name nobody or no time are left out."""
    found = [
        Reaction(kind, one.external_userid or one.userid, one.at, not one.external_userid)
        for kind, rows in _by_kind(told)
        for one in rows
        if one.at and (one.external_userid or one.userid)
    ]
    return list(dict.fromkeys(found))


def settled(one: Heading, now: datetime) -> bool:
    """Whether a moment is too old for anybody to answer it."""
    return now >= one.created_at + LIVELY


def _by_kind(told: MomentReactions) -> Sequence[tuple[ReactionKind, Sequence[MomentReaction]]]:
    return (("like", told.likes), ("comment", told.comments))
