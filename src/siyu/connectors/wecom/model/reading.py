"""How fields of an answer are read: unknown ones are ignored, numbers come as text or number."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]


def instant(value: Any) -> datetime | None:
    """Unix seconds, sent as number or as text; None for missing, empty or 0."""
    seconds = int(value or 0)
    return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None


def texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value or ())
