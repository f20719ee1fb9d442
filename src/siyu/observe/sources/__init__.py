"""Sources 数据来源: machines and pages that hand in orders and events, known by a key."""

from siyu.observe.sources.model import Kind, Source, SourceNotFound
from siyu.observe.sources.service import get, make, revoke

__all__ = ["Kind", "Source", "SourceNotFound", "get", "make", "revoke"]
