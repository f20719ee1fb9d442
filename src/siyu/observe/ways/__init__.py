"""Contact ways and join ways as WeCom keeps them, and who came by each."""

from siyu.observe.ways.service import titles

__all__ = ["titles"]
