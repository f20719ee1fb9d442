"""What consents lend the app."""

from siyu.infra.wiring import Capability, EventType, Follower
from siyu.understand.consents import service

_FIELDS = {"channel": "where: `wecom`", "reason": "why, in the words of whoever recorded it; `deleted_us` when the customer deleted a member"}

capability = Capability(
    name="consents",
    events=[
        EventType("consent.withdrawn", "A customer wants no more messages on this channel.", "退订", _FIELDS),
        EventType("consent.given", "A customer may be written to on this channel again.", "恢复订阅", _FIELDS),
    ],
    followers=[Follower("consents", ["contact.lost", "contact.added"], service.follow)],
)
