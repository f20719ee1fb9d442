"""What a fact is before it enters the log, and an event once it is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from siyu.kernel.ids import EventId, IdentityId
from siyu.kernel.money import plain


@dataclass(frozen=True)
class Fact:
    """Something that happened. Subclasses name themselves in the past tense and hold what the catalogue declares:

    `@dataclass(frozen=True) class Paid(Fact): name = "order.paid"; order_id: OrderId; revenue_fen: Fen`
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1

    def props(self) -> dict[str, Any]:
        """Fields as JSON values: ids and dates as text, decimals as text with all their digits."""
        return {name: _plain(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Event:
    """One row of the log. `occurred_at` is when it happened, `recorded_at` when siyu took it in, both business time."""

    id: EventId
    identity_id: IdentityId | None
    name: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    source: str
    key: str
    props: Mapping[str, Any]


def _plain(value: Any) -> Any:
    if isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
