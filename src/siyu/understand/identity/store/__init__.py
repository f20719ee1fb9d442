"""The tables of customers, merges, conflicts and separations, and every statement on them. `identities.customer_id` is written here and nowhere else."""

from siyu.understand.identity.store.belonging import assign, count_unresolved, current, customer_of, identities_of, insert_customers, unresolved, vouched
from siyu.understand.identity.store.conflicts import keep_conflicts, open_conflicts
from siyu.understand.identity.store.describing import describe
from siyu.understand.identity.store.merges import find_merge, merge, past_merges, separate, undo
from siyu.understand.identity.store.tables import customer_merges, customers, identity_conflicts, identity_separations
from siyu.understand.identity.store.walking import lock, reach

__all__ = [
    "assign",
    "count_unresolved",
    "current",
    "customer_merges",
    "customer_of",
    "customers",
    "describe",
    "find_merge",
    "identities_of",
    "identity_conflicts",
    "identity_separations",
    "insert_customers",
    "keep_conflicts",
    "lock",
    "merge",
    "open_conflicts",
    "past_merges",
    "reach",
    "separate",
    "undo",
    "unresolved",
    "vouched",
]
