"""The marks by which somebody was seen; who is behind them is decided in `understand.identity`."""

from siyu.observe.identities import namespaces
from siyu.observe.identities.model import Identity, Link, Mark, Sighting
from siyu.observe.identities.service import contacts_of, find, link_many, partners, seen, seen_many, table

__all__ = ["Identity", "Link", "Mark", "Sighting", "contacts_of", "find", "link_many", "namespaces", "partners", "seen", "seen_many", "table"]
