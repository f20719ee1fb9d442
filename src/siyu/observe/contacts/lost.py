"""Losses: which are asked for, one as a list shows it, and how many there are by what they share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from siyu.kernel.ids import CustomerId, StaffId
from siyu.kernel.time import Period
from siyu.observe.contacts.model import Side


@dataclass(frozen=True)
class Losses:
    """Which losses are meant; None does not narrow. `state`: of the contact way, empty for relations that came without one.

    `returned`: those after which the two added each other again, or those after which they did not.
    """

    period: Period | None = None
    by: Side | None = None
    staff_id: StaffId | None = None
    add_way: int | None = None
    state: str | None = None
    returned: bool | None = None


@dataclass(frozen=True)
class Loss:
    """A relation that ended. `customer_id` is None when the actor does not see the customer, who then has no name here either.

    `returned_at`: when the two added each other again, None while they have not.
    """

    id: UUID
    customer_id: CustomerId | None
    name: str | None
    staff_id: StaffId
    staff_name: str
    by: Side
    added_at: datetime
    ended_at: datetime
    returned_at: datetime | None
    add_way: int
    state: str

    @property
    def days_kept(self) -> int:
        """Whole days (24 h) between adding and losing."""
        return (self.ended_at - self.added_at).days


@dataclass(frozen=True)
class LossCount:
    """How many losses share a value: a side, a member's id, a way or a state, as text; `name` is the member's."""

    value: str
    losses: int
    name: str | None = None


@dataclass(frozen=True)
class LossTotals:
    """Losses counted, the most frequent values first. `returned`: after so many of them the two added each other again.

    `median_days_kept`: half were lost within so many whole days; None without losses.
    """

    losses: int
    returned: int
    median_days_kept: int | None
    by: Sequence[LossCount]
    staff: Sequence[LossCount]
    add_ways: Sequence[LossCount]
    states: Sequence[LossCount]
