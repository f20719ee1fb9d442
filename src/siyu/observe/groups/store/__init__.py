"""Tables of groups and every statement on them."""

from siyu.observe.groups.store.folding import ask, claim, drop, due, end_group, let_be, owners, stays, unlisted, write, write_group
from siyu.observe.groups.store.leaves import leave_totals
from siyu.observe.groups.store.reading import Filter, Place, by_day, counts, get, page, people

__all__ = [
    "Filter",
    "Place",
    "ask",
    "by_day",
    "claim",
    "counts",
    "drop",
    "due",
    "end_group",
    "get",
    "leave_totals",
    "let_be",
    "owners",
    "page",
    "people",
    "stays",
    "unlisted",
    "write",
    "write_group",
]
