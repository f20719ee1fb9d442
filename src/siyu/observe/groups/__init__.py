"""Customer groups and who is in them."""

from siyu.observe.groups.service import read_again

__all__ = ["read_again"]
