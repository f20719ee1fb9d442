"""Whether a person wants to hear from us."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from siyu.events import Fact
from siyu.kernel.ids import CustomerId

Channel = Literal["wecom"]
DELETED_US = "deleted_us"
"""Reason of the opt-out that deleting a member stands for. It ends when the customer adds one of us again; every other waits for a word."""


@dataclass(frozen=True)
class Withdrawn(Fact):
    """A customer wants no more messages on this channel."""

    name: ClassVar[str] = "consent.withdrawn"
    channel: Channel
    reason: str


@dataclass(frozen=True)
class Given(Fact):
    """A customer may be written to on this channel again."""

    name: ClassVar[str] = "consent.given"
    channel: Channel
    reason: str


@dataclass(frozen=True)
class OptOut:
    """Since when, why and through whom a customer is not written to."""

    customer_id: CustomerId
    channel: Channel
    reason: str
    at: datetime
    by: str
