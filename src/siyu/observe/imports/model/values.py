"""Cells as people and programs write them, read as numbers, times and identifiers. None: cannot be read."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

Text = TypeVar("Text")
Value = TypeVar("Value")

DECIMALS = 10
"""More digits behind the point than this are rounded away."""
_QUANTUM = Decimal(1).scaleb(-DECIMALS)
_PLAIN = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,10})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_COMMA = re.compile(r"[+-]?\d+,\d{1,2}")
_MONEY = re.compile(r"[¥￥$£€元\s]|CNY|RMB|人民币", re.IGNORECASE)
_MISSING = frozenset({"", "null", "none", "nan", "n/a", "#n/a", "\\n", "-", "--", "—", "无", "空"})
FORMULA_ERRORS = frozenset(
    ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!")
)
"""What a spreadsheet shows, and saves, where a formula came to nothing."""
_FLOATED = re.compile(r"(\d+)\.0+")
_EXPONENT = re.compile(r"\d(?P<fraction>[.,]\d+)?[eE]\+\d{2,3}")

_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]*(.*))?", re.DOTALL)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:[T,\s]+(.*))?", re.DOTALL)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T\s]?(\d{2})(\d{2})(\d{2})?)?")
_WORDED = re.compile(r"(?:[A-Za-z]{3,9},?\s+)?(?:(\d{1,2})[\s-]+([A-Za-z]{3,9})|([A-Za-z]{3,9})\s+(\d{1,2}))[\s,-]+(\d{4})(?:[,\s]+(.*))?", re.DOTALL)
_CLOCK = re.compile(
    r"(上午|下午|晚上|凌晨|中午)?\s*(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})(?:\.(\d{1,9}))?)?[秒分]?\s*(am|pm)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_MONTHS = {name: number for number, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")


class Memo(dict[Text, Value], Generic[Text, Value]):
    """Remembers what texts were read as: columns repeat themselves. Forgets everything when it grows beyond `limit`."""

    def __init__(self, read: Callable[[Text], Value], *, limit: int = 100_000) -> None:
        super().__init__()
        self.read = read
        self.limit = limit

    def __missing__(self, text: Text) -> Value:
        if len(self) >= self.limit:
            self.clear()
        value = self[text] = self.read(text)
        return value


def number(text: str) -> Decimal | None:
    """`1,234.50`, `¥12.5`, `(3.00)`, `１２`, `1e-3`, `12,5`; exact up to ten decimals."""
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    value = _exact(text)
    return None if value is None else Decimal(format(_kept(value), "f"))


def rounded(text: str) -> bool:
    """Whether `number` keeps less than was written, noise of binary fractions aside: what 15 digits do not show is noise."""
    value = None if not text or _PLAIN.fullmatch(text) else _exact(text)
    return value is not None and _kept(value) != value and Decimal(format(value, ".15g")) != _kept(value)


def _kept(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    return value.quantize(_QUANTUM) if isinstance(exponent, int) and exponent < -DECIMALS else value


def _exact(text: str) -> Decimal | None:
    bare = _MONEY.sub("", unicodedata.normalize("NFKC", text)).replace("−", "-")
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1]
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    elif _COMMA.fullmatch(bare):
        bare = bare.replace(",", ".")
    try:
        value = Decimal(bare)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value.adjusted() <= 17 else None


def identifier(text: str) -> str:
    """An identifier without blanks around it; `17850.0` of a table that took it for a number is `17850`; empty when missing."""
    bare = text.strip()
    if bare.lower() in _MISSING:
        return ""
    floated = _FLOATED.fullmatch(bare)
    return floated[1] if floated else bare


def spoilt(text: str, *, strict: bool) -> bool:
    """Whether an identifier has become a number as spreadsheets shorten it: `1.23457E+17` stands for a million order numbers.

    Without `strict` a digit alone before the exponent may be meant: a product may be called `5E+05`.
    """
    match = _EXPONENT.fullmatch(text.strip())
    return match is not None and (strict or match["fraction"] is not None)


def local_time(text: str, *, day_first: bool) -> datetime | None:
    """A date or time in any usual writing. Naive when the text names no zone; epoch seconds and milliseconds are UTC."""
    bare = unicodedata.normalize("NFKC", text).strip()
    if not bare:
        return None
    try:
        return _year_first(bare) or _year_last(bare, day_first) or _worded(bare) or _numeric(bare)
    except (ValueError, OverflowError):
        return None


def instant(text: str, *, tz: ZoneInfo, day_first: bool, shift_weeks: int = 0) -> datetime | None:
    """The same as an instant (UTC): naive times are of `tz`, moved by whole weeks of the calendar before that."""
    local = local_time(text, day_first=day_first)
    if local is None:
        return None
    try:
        local += timedelta(weeks=shift_weeks)
        return (local if local.tzinfo else local.replace(tzinfo=tz)).astimezone(UTC)
    except OverflowError:
        return None


def _year_first(text: str) -> datetime | None:
    if match := _YEAR_FIRST.fullmatch(text):
        return _at(int(match[1]), int(match[2]), int(match[3]), match[4])
    if match := _COMPACT.fullmatch(text):
        if not "1990" <= match[1] <= "2099":
            return None
        return datetime(int(match[1]), int(match[2]), int(match[3]), int(match[4] or 0), int(match[5] or 0), int(match[6] or 0))  # noqa: DTZ001 (naive: the brand's zone)
    return None


def _year_last(text: str, day_first: bool) -> datetime | None:
    match = _YEAR_LAST.fullmatch(text)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    if len(match[3]) == 2:
        year += 1900 if year >= 70 else 2000
    day, month = (first, second) if day_first else (second, first)
    return _at(year, month, day, match[4])


def _worded(text: str) -> datetime | None:
    match = _WORDED.fullmatch(text)
    if match is None:
        return None
    month = _MONTHS.get((match[2] or match[3])[:3].lower())
    return None if month is None else _at(int(match[5]), month, int(match[1] or match[4]), match[6])


def _numeric(text: str) -> datetime | None:
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC) + timedelta(milliseconds=int(text[10:] or 0))
    if _SERIAL.fullmatch(text) and 30_000 <= float(text) < 80_000:  # days since 1899-12-30, as spreadsheets count
        return datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86_400))  # noqa: DTZ001 (naive: the brand's zone)
    return None


def _at(year: int, month: int, day: int, clock: str | None) -> datetime | None:
    if clock is None or not clock.strip():
        midnight = date(year, month, day)
        return datetime(midnight.year, midnight.month, midnight.day)  # noqa: DTZ001 (naive: the brand's zone)
    match = _CLOCK.fullmatch(clock.strip())
    if match is None:
        return None
    hour = int(match[2])
    half = (match[6] or "").lower() or {"下午": "pm", "晚上": "pm", "上午": "am", "凌晨": "am"}.get(match[1] or "", "")
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    micros = int((match[5] or "0")[:6].ljust(6, "0"))
    local = datetime(year, month, day, hour, int(match[3]), int(match[4] or 0), micros)  # noqa: DTZ001 (naive: the brand's zone)
    zone = (match[7] or "").upper()
    if not zone:
        return local
    if zone in ("Z", "UTC", "GMT"):
        return local.replace(tzinfo=UTC)
    return datetime.fromisoformat(f"{local.isoformat()}{zone[:3]}:{zone[-2:]}")
