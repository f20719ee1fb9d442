"""The event log: what happened, when, through whom. Facts enter here, once per key."""

from siyu.events.model import Event, Fact
from siyu.events.store import append, append_many, backlog, follow, park, position, read

__all__ = ["Event", "Fact", "append", "append_many", "backlog", "follow", "park", "position", "read"]
