"""Access tokens: one per corp and app, fetched by one caller at a time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Token:
    """`expires_at`: machine seconds on the store's own clock."""

    value: str = field(repr=False)
    expires_at: float


class TokenStore(Protocol):
    """Where the tokens of all apps are kept. Share one among all threads; a store in a database can share it among processes."""

    def get(self, key: str, *, fetch: Callable[[], tuple[str, int]], stale: str | None = None) -> str:
        """The token of `key`, other than `stale`.

        `fetch` gives (token, seconds it lives) and is called by one caller at a time, and only when the stored token is missing, near its end, or
        equal to `stale` (a token the platform has just refused): a caller whose stale token was replaced meanwhile gets the new one without a call.
        """


class TokenGate(Protocol):
    """Whether the platform may be asked for a token: too many wrong secrets make it block the caller's address for an hour."""

    def enter(self) -> None:
        """Raises `Stopped` when nobody may ask."""

    def passed(self) -> None:
        """A token was given."""

    def refused(self, code: int) -> None:
        """The platform refused the credentials."""


class OpenGate:
    """Everybody may ask, however often."""

    def enter(self) -> None: ...

    def passed(self) -> None: ...

    def refused(self, code: int) -> None: ...


class MemoryTokens:
    """Tokens of one process. Renewed `margin_seconds` before their end, so that none dies on its way to the platform."""

    def __init__(self, clock: Callable[[], float], *, margin_seconds: float = 60.0) -> None:
        self._clock = clock
        self._margin = margin_seconds
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: str, *, fetch: Callable[[], tuple[str, int]], stale: str | None = None) -> str:
        if found := self._usable(key, stale):
            return found
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if found := self._usable(key, stale):
                return found
            value, seconds = fetch()
            margin = min(self._margin, seconds / 2)
            self._tokens[key] = Token(value, self._clock() + seconds - margin)
            return value

    def _usable(self, key: str, stale: str | None) -> str | None:
        token = self._tokens.get(key)
        return token.value if token and token.value != stale and self._clock() < token.expires_at else None
