"""Tag groups and tags, and what a reading of the whole library changes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from siyu.connectors.wecom import CorpTagGroup
from siyu.kernel.errors import Invalid, NotFound, Refusal
from siyu.kernel.ids import ContactId, CorpId, CustomerId
from siyu.kernel.text import without_nul

CEILING = 10_000
"""Tags that a corp may have in all."""
NAME_LENGTH = 30
"""Characters of a tag's or group's name."""
WARN_FROM = 3_000
"""The ceiling of older corps: WeCom's documents name both."""


@dataclass(frozen=True)
class Group:
    """A tag group under WeCom's id; the larger `place` comes first. `exclusive`: a relation bears one of its tags at most, a rule that WeCom does not know."""

    id: str
    name: str
    place: int
    deleted_at: datetime | None = None
    exclusive: bool = False


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
class Standing:
    """Where a living tag stands: the app of its corp, its group, and the group's other tags when a relation may bear only one."""

    id: str
    corp_id: CorpId
    group_id: str
    name: str
    rivals: frozenset[str]


@dataclass(frozen=True)
class Clash:
    """A relation that bears several tags of an exclusive group; `tags` by name."""

    contact_id: ContactId
    customer_id: CustomerId
    customer_name: str | None
    staff_name: str
    tags: Sequence[str]


@dataclass(frozen=True)
class Shelf:
    """A group with its living tags, each with the number of customers who bear it. `clashes`: relations that bear several although the group is exclusive."""

    group: Group
    tags: Sequence[tuple[Tag, int]]
    clashes: int = 0


@dataclass(frozen=True)
class Changes:
    """What a reading changes: the rows to write, and how many tags are new, differ, or are gone."""

    groups: Sequence[Group]
    tags: Sequence[Tag]
    added: int
    changed: int
    deleted: int


class BadTagName(Invalid):
    """A name that WeCom does not take."""

    code = "tag.bad_name"


class TagNotFound(NotFound):
    """No such tag or group any more."""

    code = "tag.not_found"


class TagNameTaken(Refusal):
    """The group, or the library for a group, has this name already."""

    code = "tag.name_taken"


class TagCeiling(Refusal):
    """There would be more tags than WeCom allows."""

    code = "tag.ceiling"


@dataclass(frozen=True)
class Added:
    """New tags in a group: one that is there by id, else by name, made when there is none."""

    names: Sequence[str]
    group_id: str = ""
    group_name: str = ""


@dataclass(frozen=True)
class Renamed:
    """Another name for a tag or a group."""

    id: str
    name: str


@dataclass(frozen=True)
class Deleted:
    """A tag, or a group with its tags, taken away and off every customer."""

    id: str
    kind: Literal["tag_ids", "group_ids"]


Wish = Added | Renamed | Deleted
_WISHES: Mapping[str, type[Wish]] = {"Added": Added, "Renamed": Renamed, "Deleted": Deleted}


def stored(wish: Wish) -> dict[str, Any]:
    """A wish as JSON values."""
    return {"act": type(wish).__name__, **asdict(wish)}


def wish(row: Mapping[str, Any]) -> Wish:
    """What `stored` gave."""
    return _WISHES[row["act"]](**{name: value for name, value in row.items() if name != "act"})


def checked_name(name: str) -> str:
    """A name as WeCom takes it. Raises BadTagName unless it has 1 to 30 characters."""
    name = without_nul(name).strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise BadTagName(name=name, length=NAME_LENGTH)
    return name


def missing(wish: Added, listed: Sequence[CorpTagGroup]) -> list[str]:
    """The names of a wish that its group does not have yet."""
    there = {tag.name for group in listed if (group.id == wish.group_id if wish.group_id else group.name == wish.group_name) for tag in group.tags}
    return [name for name in dict.fromkeys(wish.names) if name not in there]


def fold(groups: Mapping[str, Group], tags: Mapping[str, Tag], listed: Sequence[CorpTagGroup], *, now: datetime) -> Changes:
    """Fold the whole library into what we hold (by id, deleted ones included): what is not listed is deleted, what is listed lives."""
    exclusive = {id for id, one in groups.items() if one.exclusive}
    now_groups = {one.id: Group(one.id, without_nul(one.name), one.order, exclusive=one.id in exclusive) for one in listed}
    now_tags = {tag.id: Tag(tag.id, one.id, without_nul(tag.name), tag.order, tag.created_at) for one in listed for tag in one.tags}
    gone_groups = [replace(one, deleted_at=now) for one in groups.values() if one.deleted_at is None and one.id not in now_groups]
    gone_tags = [replace(one, deleted_at=now) for one in tags.values() if one.deleted_at is None and one.id not in now_tags]
    living = {id for id, one in tags.items() if one.deleted_at is None}
    new = [one for one in now_tags.values() if one.id not in living]
    differing = [one for one in now_tags.values() if one.id in living and tags[one.id] != one]
    return Changes(
        [*(one for one in now_groups.values() if groups.get(one.id) != one), *gone_groups],
        [*new, *differing, *gone_tags],
        len(new),
        len(differing),
        len(gone_tags),
    )
