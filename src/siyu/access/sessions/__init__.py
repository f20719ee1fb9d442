"""Sessions of the console: a random token in a cookie, its hash in the database, machine time throughout."""

from siyu.access.sessions.http import check_origin, cookie_name, drop_cookie, set_cookie, token_of
from siyu.access.sessions.model import CrossOrigin, Limits, NoSession, Stale, UnsafeMediaType
from siyu.access.sessions.service import actor_of, end, end_all, fresh, open, renew, resolve, sweep

__all__ = [
    "CrossOrigin",
    "Limits",
    "NoSession",
    "Stale",
    "UnsafeMediaType",
    "actor_of",
    "check_origin",
    "cookie_name",
    "drop_cookie",
    "end",
    "end_all",
    "fresh",
    "open",
    "renew",
    "resolve",
    "set_cookie",
    "sweep",
    "token_of",
]
