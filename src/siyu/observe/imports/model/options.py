"""What the file does not say about itself."""

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from siyu.kernel.errors import Invalid

MoneyUnit = Literal["yuan", "fen"]


@dataclass(frozen=True)
class Options:
    """How to read a file. `timezone`: of times without a zone. `shift_weeks`: whole weeks by which all times are moved (a demo on old data)."""

    shop: str
    timezone: str
    day_first: bool = False
    money_unit: MoneyUnit = "yuan"
    keep_anonymous: bool = False
    shift_weeks: int = 0

    def __post_init__(self) -> None:
        if not self.shop.strip() or len(self.shop) > 60:
            raise Invalid(field="shop", reason="between 1 and 60 characters")
        if abs(self.shift_weeks) > 5200:
            raise Invalid(field="shift_weeks", reason="no more than a century")
        _ = self.tz

    @property
    def tz(self) -> ZoneInfo:
        """Raises Invalid for a zone that there is not."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise Invalid(field="timezone", reason="no such time zone") from unknown
