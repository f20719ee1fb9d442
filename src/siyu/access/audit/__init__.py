"""Who did what to whom, when: an append-only log, each entry chained to the one before by its hash."""

from siyu.access.audit.model import Entry, Verdict
from siyu.access.audit.service import page, record, verify

__all__ = ["Entry", "Verdict", "page", "record", "verify"]
