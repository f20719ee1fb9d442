"""Group sends made elsewhere, and what a reading of one changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from siyu.connectors.wecom import GroupSend, SendResult, SendTask
from siyu.events import Fact
from siyu.kernel.errors import NotFound
from siyu.kernel.ids import CorpId, IdentityId, StaffId
from siyu.kernel.text import without_nul

ChatKind = Literal["single", "group"]
CONFIRMED = 2
"""WeCom's status of a part that its member has sent."""
WAITING, SENT = 0, 1
"""WeCom's status of receivers that may still change, and of those whom it reached."""
UNCLAIMED = timedelta(hours=2)
"""How long a send made over the API may be one of ours whose msgid we have not learnt yet."""
OPEN = timedelta(days=30)
"""How long parts may still be confirmed."""


class SendNotFound(NotFound):
    """No such send, or none that this actor may see."""

    code = "send.not_found"


@dataclass(frozen=True)
class Heading:
    """A send as WeCom lists it. `creator` is a userid, empty when made over the API; `attachments`: WeCom's kinds of them."""

    msgid: str
    kind: ChatKind
    creator: str
    by_member: bool
    created_at: datetime
    text: str
    attachments: Sequence[str]


@dataclass(frozen=True)
class Receiver:
    """One receiver of a member's part: an external_userid, or the chat id of a group."""

    receiver: str
    status: int
    sent_at: datetime | None
    identity_id: IdentityId | None = None


@dataclass(frozen=True)
class Part:
    """One member's part. `settled`: nothing can change any more."""

    userid: str
    confirmed: bool
    sent_at: datetime | None
    settled: bool


@dataclass(frozen=True)
class Told:
    """What WeCom says of one send: its parts, and the receivers of those that were asked for."""

    parts: Sequence[Part]
    receivers: Mapping[str, Sequence[Receiver]]


@dataclass(frozen=True)
class Counts:
    """Members who have a part and who have confirmed it; receivers reached, still waiting, no friends any more, over their allowance."""

    members: int
    confirmed: int
    reached: int
    waiting: int
    gone: int
    full: int


@dataclass(frozen=True)
class Shown:
    """A send as a list shows it. `creator_name` is the userid of somebody outside the address book, empty when made over the API."""

    corp_id: CorpId
    heading: Heading
    creator_name: str
    read_at: datetime
    counts: Counts


@dataclass(frozen=True)
class ShownPart:
    """A member's part as a page shows it."""

    userid: str
    staff_id: StaffId | None
    name: str
    sent_at: datetime | None
    counts: Counts


@dataclass(frozen=True)
class SentElsewhere(Fact):
    """A member has sent a message that this installation did not ask for; the event's time is WeCom's."""

    name: ClassVar[str] = "message.sent_elsewhere"
    msgid: str
    staff_id: StaffId | None
    by_member: bool


def heading(send: GroupSend, kind: ChatKind) -> Heading | None:
    """A send of the API as we keep it; None without a time."""
    if send.created_at is None:
        return None
    kinds = [str(one.body()["msgtype"]) for one in send.attachments]
    return Heading(send.msgid, kind, send.creator or "", send.create_type == 1, send.created_at, without_nul(send.text), kinds)


def may_be_ours(one: Heading, now: datetime) -> bool:
    """Whether this installation may have made it and not know yet."""
    return not one.creator and not one.by_member and now < one.created_at + UNCLAIMED


def part(task: SendTask, receivers: Sequence[Receiver] | None) -> Part:
    """A member's part, with its receivers where they were asked for."""
    confirmed = task.status == CONFIRMED
    settled = confirmed and receivers is not None and all(one.status != WAITING for one in receivers)
    return Part(task.userid, confirmed, task.sent_at, settled)


def receivers(results: Sequence[SendResult]) -> list[Receiver]:
    """Receivers of the API as we keep them, each once; rows that name nobody are left out."""
    told = {id: Receiver(id, one.status, one.sent_at) for one in results if (id := one.external_userid or one.chat_id)}
    return list(told.values())


def kept(told: Told, closed: Collection[str]) -> Told:
    """The same, with parts that were settled before staying settled: their receivers were not asked for again."""
    return replace(told, parts=[replace(one, settled=True) if one.userid in closed else one for one in told.parts])


def settled(one: Heading, told: Told, now: datetime) -> bool:
    """Whether nothing about a send can change any more."""
    return now >= one.created_at + OPEN or (bool(told.parts) and all(part.settled for part in told.parts))
