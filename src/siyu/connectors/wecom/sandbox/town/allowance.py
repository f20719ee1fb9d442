"""How many group sends one receiver can get, by the rule in force."""

import calendar
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from siyu.connectors.wecom.sandbox.settings import GroupSendRule


def allowance(rule: GroupSendRule, at: float, zone: ZoneInfo) -> tuple[float, int]:
    """(start of the running window, sends allowed in it). Windows are days, weeks from Monday and months of the town's calendar."""
    day = datetime.fromtimestamp(at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    month = day.replace(day=1)
    match rule:
        case "daily":
            return day.timestamp(), 1
        case "week7":
            return (day - timedelta(days=day.weekday())).timestamp(), 7
        case "month4":
            return month.timestamp(), 4
        case "month":
            return month.timestamp(), calendar.monthrange(day.year, day.month)[1]
        case "off":
            return at, 1 << 30
