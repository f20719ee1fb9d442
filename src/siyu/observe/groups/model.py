"""Customer groups, the stays of people in them, and how what WeCom says is folded into what we hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar, Literal

from siyu.connectors.wecom import GroupChat, GroupMember
from siyu.events import Fact
from siyu.kernel.errors import NotFound
from siyu.kernel.ids import CorpId, CustomerId, GroupId, IdentityId, StaffId
from siyu.kernel.text import without_nul

Kind = Literal["staff", "customer"]
State = Literal["unread", "active", "dismissed"]
End = Literal["left", "removed", "unknown", "dismissed"]
OUTSIDE = 2
"""WeCom's type of members who are no staff."""
CAUGHT_UP = timedelta(minutes=1)
"""When WeCom's reading calls have certainly caught up with its callbacks."""
QUITS: Mapping[str, End] = {"0": "left", "1": "removed"}
"""QuitScene of the callback: by himself, or by the owner or a manager."""


class GroupNotFound(NotFound):
    """No such group, or none that this actor may see."""

    code = "group.not_found"


@dataclass(frozen=True)
class Seen:
    """One stay as WeCom has just told it. `way`: 1 invited, 2 by an invitation link, 3 by the group's code, 0 not told. `state`: of that code."""

    member: str
    joined_at: datetime
    kind: Kind
    name: str
    nickname: str
    unionid: str | None
    way: int
    state: str
    invited_by: str

    @property
    def key(self) -> tuple[str, datetime]:
        return (self.member, self.joined_at)


@dataclass(frozen=True)
class Stay:
    """One person's stay in a group from joining to leaving. `identity_id`: where it is somebody whom we know. `ended` is `unknown` until a callback tells."""

    seen: Seen
    identity_id: IdentityId | None
    left_at: datetime | None = None
    ended: End | None = None


@dataclass(frozen=True)
class Change:
    """What became of one stay: the row to write and what to say about it."""

    after: Stay
    joined: bool = False
    left: bool = False


@dataclass(frozen=True)
class Quit:
    """What a callback says of somebody who is gone: whether he went or was removed, and when."""

    member: str
    at: datetime
    ended: End


@dataclass(frozen=True)
class Heading:
    """What WeCom tells of a group besides its members; `owner` is a userid, `version` changes with the members."""

    name: str
    owner: str
    notice: str
    version: str
    created_at: datetime | None


@dataclass(frozen=True)
class Held:
    """A group while WeCom's word is folded into it. `read_at`: when the latest reading began that was folded."""

    id: GroupId
    heading: Heading
    state: State
    read_at: datetime | None


@dataclass(frozen=True)
class Group:
    """A group as a list shows it. `strangers`: customers in it who are nobody's contact. Joined and left count customers, today in the brand's zone."""

    id: GroupId
    corp_id: CorpId
    chat_id: str
    name: str
    owner_id: StaffId | None
    owner_name: str
    state: State
    notice: str
    created_at: datetime | None
    dismissed_at: datetime | None
    read_at: datetime
    members: int
    customers: int
    strangers: int
    joined_today: int
    left_today: int


@dataclass(frozen=True)
class Person:
    """One stay as a list shows it; `customer_id` where the actor may see the customer, `contact` whether anybody of ours is friends with him."""

    member: str
    kind: Kind
    name: str
    nickname: str
    customer_id: CustomerId | None
    contact: bool
    joined_at: datetime
    way: int
    state: str
    invited_by: str
    left_at: datetime | None
    ended: End | None


@dataclass(frozen=True)
class DayWay:
    """Customers who joined a group by one way on a day of the brand's zone, and those who came by it and left on that day."""

    day: date
    way: int
    joined: int
    left: int


@dataclass(frozen=True)
class LeaveCount:
    """Leaves that share a group, an owner or a way; `name` is empty where the value says all."""

    value: str
    name: str
    leaves: int


@dataclass(frozen=True)
class LeaveTotals:
    """Leaves in all and by value, the most frequent first."""

    leaves: int
    groups: Sequence[LeaveCount]
    owners: Sequence[LeaveCount]
    ways: Sequence[LeaveCount]


@dataclass(frozen=True)
class Joined(Fact):
    """A customer came into a group; the event's time is WeCom's `join_time`."""

    name: ClassVar[str] = "group.joined"
    group_id: GroupId
    group_name: str
    way: int
    state: str
    invited_by: str


@dataclass(frozen=True)
class Left(Fact):
    """A customer is in a group no more."""

    name: ClassVar[str] = "group.left"
    group_id: GroupId
    group_name: str
    way: int
    ended: End


def seen(member: GroupMember) -> Seen | None:
    """A member of the API as we compare it; None without a time of joining."""
    if member.joined_at is None:
        return None
    return Seen(
        member=without_nul(member.userid),
        joined_at=member.joined_at,
        kind="customer" if member.type == OUTSIDE else "staff",
        name=without_nul(member.name),
        nickname=without_nul(member.nickname),
        unionid=member.unionid,
        way=member.join_scene,
        state=without_nul(member.state),
        invited_by=without_nul(member.invitor),
    )


def listed(chat: GroupChat) -> list[Seen]:
    """Everybody in a group, each once."""
    return list({found.key: found for member in chat.members if (found := seen(member))}.values())


def heading(chat: GroupChat) -> Heading:
    """What the API tells of a group besides its members."""
    return Heading(without_nul(chat.name), without_nul(chat.owner), without_nul(chat.notice), without_nul(chat.version), chat.created_at)


def differs(before: Heading, after: Heading) -> bool:
    """Whether anything is new about a group but who is in it."""
    return replace(before, version=after.version) != after


def fold(held: Iterable[Stay], listed: Sequence[Seen], known: Mapping[str, IdentityId], *, read_at: datetime, now: datetime) -> list[Change]:
    """Fold a full list of members, asked for at `read_at`, into the stays that we hold; `known`: identities of members.

    Who is listed no more has left, how is unknown until a callback tells. A stay that has ended is open again when it is listed after all, unless a
    callback ended it so lately that the list may be older.
    """
    now_in = {one.key: one for one in listed}
    latest = {one.member: one.joined_at for one in sorted(listed, key=lambda one: one.joined_at)}
    changes = []
    for stay in held:
        told = now_in.pop(stay.seen.key, None)
        if told is None:
            if stay.left_at is None:
                back = latest.get(stay.seen.member, now)
                changes.append(Change(replace(stay, left_at=max(stay.seen.joined_at, min(back, now)), ended="unknown"), left=True))
            continue
        if stay.left_at is not None and stay.ended in ("left", "removed") and read_at < stay.left_at + CAUGHT_UP:
            continue
        after = Stay(told, known.get(told.member, stay.identity_id))
        if after != stay:
            changes.append(Change(after))
    return changes + [Change(Stay(one, known.get(one.member)), joined=True) for one in now_in.values()]


def dismissed(held: Iterable[Stay], *, now: datetime) -> list[Change]:
    """The group is no more: whoever was in it is out."""
    return [Change(replace(stay, left_at=max(stay.seen.joined_at, now), ended="dismissed"), left=True) for stay in held if stay.left_at is None]


def quit(held: Iterable[Stay], told: Quit) -> Change | None:
    """What a callback says of a leaver, put onto the stay that it ended; None when that is known already, or nobody here had come by then."""
    stays = [stay for stay in held if stay.seen.member == told.member and stay.seen.joined_at <= told.at]
    stay = max(stays, key=lambda one: one.seen.joined_at, default=None)
    if stay is None or stay.ended in ("left", "removed"):
        return None
    return Change(replace(stay, left_at=told.at, ended=told.ended), left=stay.left_at is None)
