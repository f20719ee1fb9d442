"""Use cases of groups."""

from siyu.observe.groups.service.folding import Folded, dismiss_unlisted, due, fold, let_be, owners
from siyu.observe.groups.service.hearing import hear, read_again
from siyu.observe.groups.service.seeing import Filter, Place, by_day, get, groups_of_staff, leave_totals, page, people, request_sync

__all__ = [
    "Filter",
    "Folded",
    "Place",
    "by_day",
    "dismiss_unlisted",
    "due",
    "fold",
    "get",
    "groups_of_staff",
    "hear",
    "leave_totals",
    "let_be",
    "owners",
    "page",
    "people",
    "read_again",
    "request_sync",
]
