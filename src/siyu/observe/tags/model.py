"""Tag groups and tags, and what a reading of the whole library changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from siyu.connectors.wecom import CorpTagGroup

CEILING = 10_000
"""Tags that a corp may have in all."""
WARN_FROM = 3_000
"""The ceiling of older corps: WeCom's documents name both."""


@dataclass(frozen=True)
class Group:
    """A tag group under WeCom's id; the larger `place` comes first."""

    id: str
    name: str
    place: int
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class Tag:
    """A tag under WeCom's id, in its group; the larger `place` comes first."""

    id: str
    group_id: str
    name: str
    place: int
    created_at: datetime | None
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class TagName:
    """What a tag id says on screen."""

    group: str
    name: str


@dataclass(frozen=True)
class Shelf:
    """A group with its living tags, each with the number of customers who bear it."""

    group: Group
    tags: Sequence[tuple[Tag, int]]


@dataclass(frozen=True)
class Changes:
    """What a reading changes: the rows to write, and how many tags are new, differ, or are gone."""

    groups: Sequence[Group]
    tags: Sequence[Tag]
    added: int
    changed: int
    deleted: int


def fold(groups: Mapping[str, Group], tags: Mapping[str, Tag], listed: Sequence[CorpTagGroup], *, now: datetime) -> Changes:
    """Fold the whole library into what we hold (by id, deleted ones included): what is not listed is deleted, what is listed lives."""
    now_groups = {one.id: Group(one.id, _clean(one.name), one.order) for one in listed}
    now_tags = {tag.id: Tag(tag.id, one.id, _clean(tag.name), tag.order, tag.created_at) for one in listed for tag in one.tags}
    gone_groups = [replace(one, deleted_at=now) for one in groups.values() if one.deleted_at is None and one.id not in now_groups]
    gone_tags = [replace(one, deleted_at=now) for one in tags.values() if one.deleted_at is None and one.id not in now_tags]
    new = [one for one in now_tags.values() if one.id not in tags or tags[one.id].deleted_at is not None]
    differing = [one for one in now_tags.values() if one not in new and tags[one.id] != one]
    return Changes(
        [*(one for one in now_groups.values() if groups.get(one.id) != one), *gone_groups],
        [*new, *differing, *gone_tags],
        len(new),
        len(differing),
        len(gone_tags),
    )


def _clean(text: str) -> str:
    """PostgreSQL keeps no NUL."""
    return text.replace("\x00", "")
