"""统计: groups and the work of members, by day."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from siyu.connectors.wecom.model.reading import Json, instant


@dataclass(frozen=True)
class GroupFigures:
    """Counts of a span; `groups` and `members` are those at its end, `active` ones those with messages."""

    new_groups: int
    groups: int
    active_groups: int
    new_members: int
    members: int
    active_members: int
    messages: int

    @classmethod
    def read(cls, row: Json) -> "GroupFigures":
        names = ("new_chat_cnt", "chat_total", "chat_has_msg", "new_member_cnt", "member_total", "member_has_msg", "msg_total")
        return cls(*(int(row.get(name) or 0) for name in names))


@dataclass(frozen=True)
class OwnerFigures:
    """The groups of one owner."""

    owner: str
    figures: GroupFigures


@dataclass(frozen=True)
class DayFigures:
    """One day, named by its beginning in China."""

    day: datetime | None
    figures: GroupFigures


@dataclass(frozen=True)
class Behaviour:
    """How members talked with customers on one day. `reply_rate` in per cent and `first_reply_minutes` are None when no customer wrote.

    `requests`: asked by members; `contacts`: new ones; `lost`: customers who deleted or blocked a member.
    """

    day: datetime | None
    requests: int
    contacts: int
    chats: int
    messages: int
    reply_rate: Decimal | None
    first_reply_minutes: Decimal | None
    lost: int

    @classmethod
    def read(cls, row: Json) -> "Behaviour":
        def exact(name: str) -> Decimal | None:
            return Decimal(str(row[name])) if row.get(name) is not None else None

        return cls(
            day=instant(row.get("stat_time")),
            requests=int(row.get("new_apply_cnt") or 0),
            contacts=int(row.get("new_contact_cnt") or 0),
            chats=int(row.get("chat_cnt") or 0),
            messages=int(row.get("message_cnt") or 0),
            reply_rate=exact("reply_percentage"),
            first_reply_minutes=exact("avg_reply_time"),
            lost=int(row.get("negative_feedback_cnt") or 0),
        )
