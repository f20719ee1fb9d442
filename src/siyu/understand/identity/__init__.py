"""Who is who: customers, found from the identities that observers saw."""

from siyu.understand.identity.model import Conflict, MergeNotFound
from siyu.understand.identity.service import (
    Resolved,
    current,
    customer_of,
    identities_of,
    identities_of_many,
    open_conflicts,
    resolve,
    undo_merge,
)

__all__ = [
    "Conflict",
    "MergeNotFound",
    "Resolved",
    "current",
    "customer_of",
    "identities_of",
    "identities_of_many",
    "open_conflicts",
    "resolve",
    "undo_merge",
]
