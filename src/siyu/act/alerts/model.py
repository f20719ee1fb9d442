"""Losses that somebody is to be told of, and the words of the message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.kernel.ids import CorpId, StaffId

Kind = Literal["by_customer", "by_staff", "left_group", "removed_from_group"]
State = Literal["sending", "sent", "failed"]
BETWEEN = timedelta(hours=1)
"""One person gets no second notice within this time."""
REPEATED_WITHIN = timedelta(hours=3, minutes=30)
"""So long a notice without an answer is sent again: WeCom drops the second of two equal messages within SAME_SECONDS."""
SAME_SECONDS = 14_400
FRESH = timedelta(days=1)
"""Losses that became known later than this after they happened are for the page, not for a message."""
TITLE_BYTES, DESCRIPTION_BYTES = 128, 512


@dataclass(frozen=True)
class Settings:
    """What is told of: losses, those from groups however they came about, and changes of the connection to WeCom."""

    by_customer: bool = True
    by_staff: bool = True
    left_group: bool = True
    connection: bool = True

    def tells(self, kind: Kind) -> bool:
        return bool(getattr(self, "left_group" if kind == "removed_from_group" else kind))


@dataclass(frozen=True)
class Note:
    """One loss for one recipient. `customer` is masked, empty for whom the member does not see any more; `group` is empty but for losses from groups."""

    recipient_id: StaffId
    member: str
    kind: Kind
    customer: str
    group: str
    at: datetime


@dataclass(frozen=True)
class Words:
    """A message in one language."""

    title: str
    nobody: str
    kinds: dict[Kind, str]
    more: str
    button: str


WORDS = {
    "zh-CN": Words(
        "客户流失提醒：{count} 位",
        "一位客户",
        {
            "by_customer": "{at} {customer} 删除了 {member}",
            "by_staff": "{at} {member} 删除了{customer}",
            "left_group": "{at} {customer} 离开了 {member} 的群「{group}」",
            "removed_from_group": "{at} {customer} 被移出 {member} 的群「{group}」",
        },
        "……共 {count} 位",
        "查看",
    ),
    "en-US": Words(
        "Customers lost: {count}",
        "a customer",
        {
            "by_customer": "{at} {customer} deleted {member}",
            "by_staff": "{at} {member} deleted {customer}",
            "left_group": "{at} {customer} left {member}'s group {group}",
            "removed_from_group": "{at} {customer} was removed from {member}'s group {group}",
        },
        "… {count} in all",
        "View",
    ),
}


@dataclass(frozen=True)
class Notice:
    """A message to one recipient about losses, or about the connected app `corp_id`; `told` counts the losses or changes in it.

    `asked_at`: when it was made. `app_id`: the app that was asked to send it and may have done so. `urgent`: not held back by quiet hours.
    """

    id: UUID
    recipient_id: StaffId
    title: str
    description: str
    button: str
    told: int
    asked_at: datetime
    corp_id: CorpId | None = None
    urgent: bool = False
    app_id: CorpId | None = None
    state: State = "sending"
    code: int = 0
    settled_at: datetime | None = None


def masked(name: str) -> str:
    """The first character of a nickname."""
    return f"{name[:1]}**" if name else ""


def worded(notes: Sequence[Note], language: str, tz: ZoneInfo) -> tuple[str, str, str]:
    """Title, description and button. As many losses as fit are told one by one, the latest first; then how many there are."""
    words = WORDS.get(language, WORDS["zh-CN"])
    lines: list[str] = []
    more = words.more.format(count=len(notes))
    for note in sorted(notes, key=lambda one: one.at, reverse=True):
        at, customer = note.at.astimezone(tz).strftime("%m-%d %H:%M"), note.customer or words.nobody
        line = words.kinds[note.kind].format(at=at, customer=customer, member=note.member[:20], group=note.group[:20])
        if len("\n".join([*lines, line, more]).encode()) > DESCRIPTION_BYTES:
            lines.append(more)
            break
        lines.append(line)
    return words.title.format(count=len(notes)), "\n".join(lines), words.button


def worth_repeating(notice: Notice, now: datetime) -> bool:
    """Whether a notice without an answer may be sent once more without being read twice."""
    return now - notice.asked_at < REPEATED_WITHIN
