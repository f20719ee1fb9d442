"""Days as WeCom counted them, and their sums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from siyu.connectors.wecom import Behaviour, OwnerFigures
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import StaffId
from siyu.kernel.time import business_day, day_start

CHINA = ZoneInfo("Asia/Shanghai")
"""The zone of WeCom's days."""
KEPT_DAYS = 179
"""How far back WeCom tells: 180 days, less one for a day that ends while we ask."""
SPAN_DAYS = 30
"""Days of one call at most."""
CORRECTED_DAYS = 3
"""Days before the last reading that are read again: WeCom may have corrected them."""
LONGEST = 180
"""Days of one question at most."""


class BadDays(Invalid):
    """No period of days, or one that is too long."""

    code = "statistics.bad_days"


@dataclass(frozen=True)
class StaffDay:
    """One member on one day. `requests`: asked by the member; `contacts`: new ones; `lost`: customers who deleted or blocked the member.

    `reply_rate` in per cent and `first_reply_minutes` are None when no customer wrote.
    """

    staff_id: StaffId
    day: date
    requests: int
    contacts: int
    chats: int
    messages: int
    reply_rate: Decimal | None
    first_reply_minutes: Decimal | None
    lost: int


@dataclass(frozen=True)
class OwnerDay:
    """The groups of one owner on one day; `groups` and `members` are those at its end, `active` ones those with messages."""

    staff_id: StaffId
    day: date
    new_groups: int
    groups: int
    active_groups: int
    new_members: int
    members: int
    active_members: int
    messages: int


@dataclass(frozen=True)
class Days:
    """First and last day, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days < LONGEST:
            raise BadDays(first=self.first.isoformat(), last=self.last.isoformat(), longest=LONGEST)

    def each(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def spans(self) -> list["Days"]:
        """The same days as questions that WeCom answers."""
        days = self.each()
        return [Days(days[start], days[min(start + SPAN_DAYS, len(days)) - 1]) for start in range(0, len(days), SPAN_DAYS)]


def wanted(now: datetime, last_read_at: datetime | None) -> Days:
    """The days to ask for: all that WeCom tells of, or those since the last reading began and a few that may have been corrected."""
    yesterday = business_day(now, CHINA) - timedelta(days=1)
    first = yesterday - timedelta(days=KEPT_DAYS - 1)
    if last_read_at is not None:
        first = max(first, business_day(last_read_at, CHINA) - timedelta(days=CORRECTED_DAYS + 1))
    return Days(first, yesterday)


def begins(day: date) -> datetime:
    """The instant by which WeCom is asked for a day."""
    return day_start(day, CHINA)


def staff_days(staff_id: StaffId, told: Iterable[Behaviour]) -> list[StaffDay]:
    """Days of one member as we keep them; rows without a day are left out."""
    return [
        StaffDay(staff_id, business_day(one.day, CHINA), one.requests, one.contacts, one.chats, one.messages, one.reply_rate, one.first_reply_minutes, one.lost)
        for one in told
        if one.day is not None
    ]


def owner_day(staff_id: StaffId, day: date, told: OwnerFigures) -> OwnerDay:
    """A day of one owner as we keep it."""
    return OwnerDay(staff_id, day, **told.figures.__dict__)


@dataclass(frozen=True)
class Totals:
    """Days of members added up; rates are weighted by chats and None where nobody wrote."""

    requests: int = 0
    contacts: int = 0
    chats: int = 0
    messages: int = 0
    reply_rate: Decimal | None = None
    first_reply_minutes: Decimal | None = None
    lost: int = 0


@dataclass(frozen=True)
class GroupTotals:
    """Days of owners added up; `groups` and `members` are those at the end of the last day."""

    new_groups: int = 0
    groups: int = 0
    active_groups: int = 0
    new_members: int = 0
    members: int = 0
    active_members: int = 0
    messages: int = 0


@dataclass(frozen=True)
class Sums:
    """The figures of a period: of each day, of each member, and of all."""

    by_day: Sequence[tuple[date, Totals]]
    by_staff: Sequence[tuple[StaffId, Totals]]
    total: Totals


@dataclass(frozen=True)
class GroupSums:
    """The same of groups, by owner."""

    by_day: Sequence[tuple[date, GroupTotals]]
    by_owner: Sequence[tuple[StaffId, GroupTotals]]
    total: GroupTotals
