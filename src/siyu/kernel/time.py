"""Instants are aware UTC; periods are half-open; a business day is a date in the brand's zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Period:
    """`[start, end)`, both aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a period needs aware instants")
        if self.end < self.start:
            raise ValueError("a period ends no earlier than it starts")

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


def business_day(instant: datetime, tz: ZoneInfo) -> date:
    """The calendar day of `instant` in the brand's zone."""
    return instant.astimezone(tz).date()


def day_start(day: date, tz: ZoneInfo) -> datetime:
    """The instant (UTC) at which `day` begins in `tz`."""
    return datetime.combine(day, time.min, tzinfo=tz).astimezone(UTC)


def day_period(day: date, tz: ZoneInfo) -> Period:
    """The 23, 24 or 25 hours of `day` in `tz`."""
    return Period(day_start(day, tz), day_start(day + timedelta(days=1), tz))


def week_start(day: date) -> date:
    """The Monday on or before `day`."""
    return day - timedelta(days=day.weekday())


def month_start(day: date) -> date:
    """The first of the month of `day`."""
    return day.replace(day=1)
