"""What an identity is."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from siyu.kernel.ids import CustomerId, IdentityId

Mark: TypeAlias = tuple[str, str]
"""(namespace, value)."""


@dataclass(frozen=True)
class Identity:
    """One mark and what is known of it. `customer_id` is None until `understand.identity` resolved it."""

    id: IdentityId
    namespace: str
    value: str
    customer_id: CustomerId | None
    verified: bool
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class Sighting:
    """A mark and the first and last instant at which a source saw it (business time, may lie in the past)."""

    mark: Mark
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Link:
    """Two identities that one source asserted together; `key` says where (an order number, a contact)."""

    a: IdentityId
    b: IdentityId
    key: str
    seen_at: datetime


def gather(sightings: list[Sighting]) -> dict[Mark, Sighting]:
    """One sighting per mark, over the whole time it was seen, in the order of marks (so that two writers lock in the same order)."""
    spans: dict[Mark, Sighting] = {}
    for one in sightings:
        known = spans.get(one.mark)
        spans[one.mark] = one if known is None else Sighting(one.mark, min(known.first_at, one.first_at), max(known.last_at, one.last_at))
    return dict(sorted(spans.items()))
