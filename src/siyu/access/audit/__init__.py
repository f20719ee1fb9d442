"""Who did what to whom, when: an append-only log, each entry chained to the one before by its hash."""

from siyu.access.audit.kept import use
from siyu.access.audit.model import Entry, Head, Verdict
from siyu.access.audit.service import head, keep_head, page, record, verify

__all__ = ["Entry", "Head", "Verdict", "head", "keep_head", "page", "record", "use", "verify"]
