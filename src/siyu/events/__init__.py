"""The event log: what happened, when, through whom. Facts enter here, once per key."""

from siyu.events.model import Event, Fact
from siyu.events.pouring import Drop, known, pour
from siyu.events.store import EARLIEST, append, append_many, backlog, follow, key_hash, park, position, read

__all__ = [
    "EARLIEST",
    "Drop",
    "Event",
    "Fact",
    "append",
    "append_many",
    "backlog",
    "follow",
    "key_hash",
    "known",
    "park",
    "position",
    "pour",
    "read",
]
