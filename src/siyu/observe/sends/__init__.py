"""Group sends that were made elsewhere, and whom they reached."""

from siyu.observe.sends.service import own, reached

__all__ = ["own", "reached"]
