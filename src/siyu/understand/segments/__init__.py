"""Segments 分层: saved filters, and lists frozen from them."""

from siyu.understand.segments.model import Frozen, ListId, Segment, SegmentNotFound
from siyu.understand.segments.service import count, freeze, get, list_of, members, seen_members

__all__ = ["Frozen", "ListId", "Segment", "SegmentNotFound", "count", "freeze", "get", "list_of", "members", "seen_members"]
