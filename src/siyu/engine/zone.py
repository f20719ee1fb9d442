"""Instants on the brand's wall clock, fast."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import ibis
from ibis.expr.types import TimestampValue

from siyu.infra.tx import Tx

_FIRST_YEAR, _LAST_YEAR = 2000, 2050


def _one(of: Any) -> Any: ...


def _two(of: Any, and_of: Any) -> Any: ...


_epoch_us = ibis.udf.scalar.builtin(_one, name="epoch_us", signature=(("timestamp('UTC')",), "int64"))
_make_timestamp = ibis.udf.scalar.builtin(_one, name="make_timestamp", signature=(("int64",), "timestamp"))
_timezone = ibis.udf.scalar.builtin(_two, name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp"))


def local_time(tx: Tx, instant: TimestampValue) -> TimestampValue:
    """What the clock on the brand's wall shows at `instant`: `.date()` of it is the business day. Exact from 2000 to 2050.

    A zone without clock changes is an addition, eight times as fast (measured) as asking the calendar of every row.
    """
    offset = _fixed_offset_micros(tx.tz)
    return _timezone(tx.tz.key, instant) if offset is None else _make_timestamp(_epoch_us(instant) + offset)


@cache
def _fixed_offset_micros(zone: ZoneInfo) -> int | None:
    """The zone's distance from UTC when it never changes, as China's since 1991."""
    first, days = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), (_LAST_YEAR - _FIRST_YEAR) * 366
    offsets = {(first + timedelta(days=day)).astimezone(zone).utcoffset() for day in range(days)}
    only = offsets.pop()
    return only // timedelta(microseconds=1) if only is not None and not offsets else None
