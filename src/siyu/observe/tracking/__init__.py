"""Short links whose opens are counted."""

from siyu.observe.tracking.model import Link, LinkNotFound, Opener, Opens, UnsafeTarget, safe
from siyu.observe.tracking.service import create_link, openers_of, opens_of

__all__ = ["Link", "LinkNotFound", "Opener", "Opens", "UnsafeTarget", "create_link", "openers_of", "opens_of", "safe"]
