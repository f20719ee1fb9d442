"""The gateway's tables and every SQL statement on them."""

from siyu.act.gateway.store import actions, bounds, calls, counts, intents, tables, tasks

__all__ = ["actions", "bounds", "calls", "counts", "intents", "tables", "tasks"]
