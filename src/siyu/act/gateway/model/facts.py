"""What the gateway tells the event log."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from siyu.act.gateway.model.actions import ActionId
from siyu.events import Fact
from siyu.kernel.ids import CustomerId, StaffId


@dataclass(frozen=True)
class Sent(Fact):
    """A member has sent a message to a customer; the event's time is the platform's. `msgid` is the platform's task."""

    name: ClassVar[str] = "message.sent"
    action_id: ActionId
    customer_id: CustomerId
    staff_id: StaffId | None
    msgid: str


@dataclass(frozen=True)
class Settled(Fact):
    """Everybody in an action has reached a final state."""

    name: ClassVar[str] = "send.settled"
    action_id: ActionId
    campaign: UUID
