"""The figures that decide: dated data of platform and brand, never constants in code that acts."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from siyu.kernel.time import business_day, week_start

ReceiverRule = Literal["month", "week7", "daily", "month4"]
"""How many group sends WeCom lets a customer receive, from members and apps together: as many a month as it has days (the default), 7 a week, 1 a day (both
by the corp's administrator), 4 a month (of old)."""


@dataclass(frozen=True)
class Quiet:
    """From `start` in the evening to `end` in the morning, wall clock of the brand's zone; equal times mean never."""

    start: time = time(21)
    end: time = time(9)

    @property
    def open(self) -> timedelta:
        """How much of a day is left to send in."""
        since = timedelta(hours=self.start.hour - self.end.hour, minutes=self.start.minute - self.end.minute, seconds=self.start.second - self.end.second)
        return since if since > timedelta(0) else since + timedelta(days=1)


@dataclass(frozen=True)
class Policy:
    """How the gateway behaves for one brand. Durations in seconds are machine time, since leases and time-outs belong to machines.

    `settle_seconds` must exceed client time-out + longest late apply + listing lag, or people are written to twice: 10 s + 600 s (assumed) + 60 s, and more.
    `margin` widens the span in which the list is searched, so that clocks may be wrong by an hour. `last_minute` before the quiet hours counts as quiet.
    `call_size` is far below WeCom's 10,000: small calls make small doubts. `receiver_rule` is what the corp's administrator has chosen; no call tells.
    """

    quiet: Quiet = field(default_factory=Quiet)
    promotions_a_week: int = 1
    receiver_rule: ReceiverRule = "month"
    call_size: int = 1000
    lease_seconds: float = 60.0
    start_within_seconds: float = 1.0
    settle_seconds: float = 900.0
    absences_needed: int = 2
    absence_gap_seconds: float = 60.0
    look_again_seconds: float = 20.0
    poll_seconds: float = 600.0
    close_after_seconds: float = 120.0
    settle_most_seconds: float = 3600.0
    margin: timedelta = timedelta(minutes=90)
    last_minute: timedelta = timedelta(seconds=60)
    sweep_back: timedelta = timedelta(days=7)

    def stored(self) -> dict[str, Any]:
        """As JSON: clock times as text, durations in seconds."""
        plain: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "quiet"}
        seconds = {name: value.total_seconds() for name, value in plain.items() if isinstance(value, timedelta)}
        return {**plain, **seconds, "quiet": [self.quiet.start.isoformat(), self.quiet.end.isoformat()]}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Policy":
        """What was stored; a field that a later release added has its default."""
        known: dict[str, Any] = {field.name: stored[field.name] for field in fields(cls) if field.name in stored and field.name != "quiet"}
        spans: dict[str, Any] = {name: timedelta(seconds=known[name]) for name in ("margin", "last_minute", "sweep_back") if name in known}
        quiet = Quiet(*map(time.fromisoformat, stored["quiet"])) if "quiet" in stored else Quiet()
        return cls(**{**known, **spans, "quiet": quiet})


def quiet_until(now: datetime, tz: ZoneInfo, quiet: Quiet) -> datetime | None:
    """When the quiet hours that hold at `now` end; None outside them."""
    here = now.astimezone(tz)
    clock, day = here.time(), business_day(now, tz)
    if quiet.start <= quiet.end:
        held, ends_on = quiet.start <= clock < quiet.end, day
    else:
        held = clock >= quiet.start or clock < quiet.end
        ends_on = day + timedelta(days=1) if clock >= quiet.start else day
    return datetime.combine(ends_on, quiet.end, tzinfo=tz).astimezone(now.tzinfo) if held else None


def quiet_soon(now: datetime, tz: ZoneInfo, policy: Policy) -> datetime | None:
    """As `quiet_until`, already in the last minute before the quiet hours: whatever begins then would end in them."""
    return quiet_until(now, tz, policy.quiet) or quiet_until(now + policy.last_minute, tz, policy.quiet)


def quota_window(on: date) -> date:
    """The Monday of the calendar week whose quota a message of that business day takes."""
    return week_start(on)


def allowance(rule: ReceiverRule, on: date) -> tuple[date, int]:
    """The first day of the window that holds on a business day, and how many group sends one customer can receive in it."""
    month = on.replace(day=1)
    match rule:
        case "daily":
            return on, 1
        case "week7":
            return week_start(on), 7
        case "month4":
            return month, 4
        case "month":
            return month, calendar.monthrange(on.year, on.month)[1]


def raised_settle(settle_seconds: float, late_seconds: float, most_seconds: float) -> float:
    """The settle time after a task was seen to appear `late_seconds` after its call: at least twice the latest ever seen, never lower than before.

    Above `most_seconds` a wrong clock is likelier than a slow platform.
    """
    return min(max(settle_seconds, 2 * late_seconds), max(settle_seconds, most_seconds))
