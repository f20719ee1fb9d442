"""Listings that move while they are read: what stood on the page before stands on this one again."""

import threading
from collections import OrderedDict
from typing import Any

_KEPT = 1000


class Pages:
    """The last row of each page that had another after it, by its cursor; the oldest are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tails: OrderedDict[str, Any] = OrderedDict()

    def told(self, result: dict[str, Any]) -> None:
        """Remember how a page ended."""
        cursor, rows = result.get("next_cursor"), _rows(result)
        if not cursor or not rows:
            return
        with self._lock:
            self._tails[str(cursor)] = rows[-1]
            while len(self._tails) > _KEPT:
                self._tails.popitem(last=False)

    def moved(self, cursor: str, result: dict[str, Any]) -> None:
        """Put the last row of the page before in front, as when a new one came in at the head of the list meanwhile."""
        with self._lock:
            tail, rows = self._tails.get(cursor), _rows(result)
        if tail is not None and rows is not None:
            rows.insert(0, tail)


def _rows(result: dict[str, Any]) -> list[Any] | None:
    return next((value for value in result.values() if isinstance(value, list)), None)
