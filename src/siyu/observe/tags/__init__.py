"""The tag library of each corp, as WeCom keeps it."""

from siyu.observe.tags.model import TagName
from siyu.observe.tags.service import names

__all__ = ["TagName", "names"]
