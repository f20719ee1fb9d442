"""What the customer list can be narrowed to; saved, it is a segment."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args
from uuid import UUID

from siyu.kernel.errors import Invalid, NotFound
from siyu.understand.lifecycle import STAGES
from siyu.understand.rfm import NAMES

ContactState = Literal["yes", "no", "lost"]
Sort = Literal["last_paid_at", "revenue", "orders", "created_at"]
SORTS: tuple[Sort, ...] = get_args(Sort)


class CustomerNotFound(NotFound):
    """No such customer, or none that this account may see."""

    code = "customer.not_found"


@dataclass(frozen=True)
class Filter:
    """All that is given must hold; nothing given means everybody. `q`: part of the name, or a whole order or customer number. `rfm`: `R-F`, scores 1..5.

    `contact`: friend of a member of staff, never, or lost. `ordered`: ever paid. `list_id`: member of a frozen list.
    """

    q: str | None = None
    stage: str | None = None
    rfm: str | None = None
    rfm_name: str | None = None
    city: str | None = None
    staff_id: UUID | None = None
    contact: ContactState | None = None
    ordered: Literal["yes", "no"] | None = None
    list_id: UUID | None = None

    def __post_init__(self) -> None:
        """Raises Invalid, naming the field."""
        if self.stage is not None and self.stage not in {stage.key for stage in STAGES}:
            raise Invalid(field="stage", reason="unknown")
        if self.rfm_name is not None and self.rfm_name not in {name.key for name in NAMES}:
            raise Invalid(field="rfm_name", reason="unknown")
        if self.rfm is not None and self.cell is None:
            raise Invalid(field="rfm", reason="R-F, each 1 to 5")
        if self.q is not None and len(self.q) > 100:
            raise Invalid(field="q", reason="too long")

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
        """What `given` told. Raises Invalid for an unknown key."""
        unknown = set(given) - set(cls.__dataclass_fields__)
        if unknown:
            raise Invalid(field=sorted(unknown)[0], reason="unknown")
        values: dict[str, Any] = {key: UUID(value) if key in {"staff_id", "list_id"} and value else value or None for key, value in given.items()}
        return cls(**values)
