"""What the customer list can be narrowed to; saved, it is a segment."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args
from uuid import UUID

from siyu.kernel.errors import Invalid, NotFound
from siyu.understand.lifecycle import STAGES
from siyu.understand.rfm import NAMES

ContactState = Literal["yes", "no", "lost"]
YesNo = Literal["yes", "no"]
Direction = Literal["asc", "desc"]
Sort = Literal["last_paid_at", "revenue", "orders", "created_at"]
SORTS: tuple[Sort, ...] = get_args(Sort)
IDS = ("staff_id", "segment_id", "list_id")
COUNTS = ("orders_min", "paid_within", "first_paid_within", "added_within", "lost_within")
_CHOICES: dict[str, frozenset[str]] = {
    "stage": frozenset(stage.key for stage in STAGES),
    "rfm_name": frozenset(name.key for name in NAMES),
    "contact": frozenset(get_args(ContactState)),
    "ordered": frozenset(get_args(YesNo)),
}


class CustomerNotFound(NotFound):
    """No such customer, or none that this account may see."""

    code = "customer.not_found"


@dataclass(frozen=True)
class Filter:
    """All that is given must hold; nothing given means everybody.

    `q`: part of the name or of a member's remark, or a whole order number, shop customer number or phone.
    `rfm`: `R-F`, scores 1..5. `contact`: friend of a member of staff (yes),
    never (no), or no longer (lost). `ordered`: ever paid. `segment_id`: fits that segment now. `list_id`: member of a frozen list. `orders_min`: paid orders.
    `…_within`: last paid, first paid, became a friend, or deleted a member in the last so many business days, today among them.
    """

    q: str | None = None
    stage: str | None = None
    rfm: str | None = None
    rfm_name: str | None = None
    city: str | None = None
    staff_id: UUID | None = None
    contact: str | None = None
    ordered: str | None = None
    segment_id: UUID | None = None
    list_id: UUID | None = None
    orders_min: int | None = None
    paid_within: int | None = None
    first_paid_within: int | None = None
    added_within: int | None = None
    lost_within: int | None = None

    def __post_init__(self) -> None:
        """Raises Invalid, naming the field."""
        for name, known in _CHOICES.items():
            if getattr(self, name) is not None and getattr(self, name) not in known:
                raise Invalid(field=name, reason="unknown")
        for name in COUNTS:
            if getattr(self, name) is not None and not 1 <= getattr(self, name) <= 10_000:
                raise Invalid(field=name, reason="1 to 10000")
        if self.rfm is not None and self.cell is None:
            raise Invalid(field="rfm", reason="R-F, each 1 to 5")
        for name in ("q", "city"):
            if len(getattr(self, name) or "") > 100:
                raise Invalid(field=name, reason="too long")

    @property
    def cell(self) -> tuple[int, int] | None:
        """The RFM cell asked for."""
        r, dash, f = (self.rfm or "").partition("-")
        return (int(r), int(f)) if dash and r in set("12345") and f in set("12345") else None

    @property
    def everybody(self) -> bool:
        """Whether nothing is asked for."""
        return not self.given()

    def given(self) -> dict[str, Any]:
        """The keys asked for, as JSON values: what a segment keeps."""
        return {key: str(value) if isinstance(value, UUID) else value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def of(cls, given: dict[str, Any]) -> "Filter":
        """What `given` told, numbers and ids as text or not; empty values count as not given. Raises Invalid, naming the key."""
        values: dict[str, Any] = {}
        for key, value in given.items():
            if key not in cls.__dataclass_fields__:
                raise Invalid(field=key, reason="unknown")
            if value is None or value == "":
                continue
            try:
                values[key] = UUID(str(value)) if key in IDS else int(value) if key in COUNTS else str(value)
            except (TypeError, ValueError, OverflowError) as broken:
                raise Invalid(field=key, reason="not an id" if key in IDS else "not a number") from broken
        return cls(**values)
