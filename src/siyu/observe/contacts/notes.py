"""What members note about their customers beside the remark, and tags that are not of the corp's library."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from siyu.connectors.wecom import FollowTag
from siyu.kernel.text import without_nul

TagKind = Literal["personal", "strategy"]
_KINDS: Mapping[int, TagKind] = {2: "personal", 3: "strategy"}


@dataclass(frozen=True)
class OtherTag:
    """A tag that is not of the corp's library: a member's own (`personal`, without an id), or of a customer strategy."""

    kind: TagKind
    id: str
    group: str
    name: str


@dataclass(frozen=True)
class Note:
    """What a member notes about a customer, and the tags that are not of the corp's library."""

    description: str
    company: str
    mobiles: tuple[str, ...] = field(repr=False)
    other_tags: tuple[OtherTag, ...]


def other_tags(tags: Sequence[FollowTag]) -> tuple[OtherTag, ...]:
    """The tags of a relation that are not of the corp's library, in order; only the reading of one customer tells them."""
    found = {OtherTag(_KINDS[tag.type], tag.tag_id, without_nul(tag.group_name), without_nul(tag.name)) for tag in tags if tag.type in _KINDS}
    return tuple(sorted(found, key=lambda tag: (tag.kind, tag.group, tag.name, tag.id)))


def kept(known: Sequence[OtherTag], ids: Collection[str]) -> tuple[OtherTag, ...]:
    """What a reading that lists only `ids` leaves of them: it does not tell personal ones, and those of a strategy are gone with their ids."""
    return tuple(tag for tag in known if tag.kind == "personal" or tag.id in ids)
