"""What was published in WeCom, a moment or a group send: members' parts of it, and what came of each."""

from siyu.observe.published.tables import Place, Published

__all__ = ["Place", "Published"]
