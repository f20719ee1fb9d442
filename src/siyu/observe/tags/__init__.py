"""The tag library of each corp, as WeCom keeps it."""

from siyu.observe.tags.model import Standing, TagName
from siyu.observe.tags.service import names, standings

__all__ = ["Standing", "TagName", "names", "standings"]
