"""Blocked terms 敏感词: what must not leave the house."""

from siyu.act.words.model import Hit
from siyu.act.words.service import blocked, check

__all__ = ["Hit", "blocked", "check"]
