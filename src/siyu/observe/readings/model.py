"""Kinds of objects that are read in full, and what the last reading of each found."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from siyu.kernel.errors import NotFound


class KindNotFound(NotFound):
    """Nothing of this name is read from WeCom."""

    code = "reading.unknown_kind"


@dataclass(frozen=True)
class Kind:
    """One kind of object of a corp and the job that reads all of it, with `corp_id` as parameter. `follows`: the job runs after each reading of contacts."""

    name: str
    job: str
    follows: bool = True


@dataclass(frozen=True)
class Tally:
    """What a full reading found otherwise than we held it: objects that were new to us, that differed, and that are no more."""

    new: int = 0
    changed: int = 0
    gone: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.new + other.new, self.changed + other.changed, self.gone + other.gone)


@dataclass(frozen=True)
class Reading:
    """The last full reading that came to its end: when it began, how many objects there were, what it mended; None for the first, which had nothing to mend."""

    read_at: datetime
    total: int
    mended: Tally | None


KEPT = timedelta(days=180)
"""How far back the first reading of things that are listed by time goes."""
AGAIN = timedelta(days=30)
"""How far back later ones go: until then parts of them may still change."""
SPAN = timedelta(days=29)
"""What is asked for at once: WeCom lists 30 days at most."""


def spans(now: datetime, last: Reading | None) -> list[tuple[datetime, datetime]]:
    """What to ask for of things that WeCom lists by time, in spans that it takes, oldest first: half a year the first time, then a month before the last."""
    start = max(now - KEPT, (last.read_at if last else now - KEPT) - AGAIN)
    edges = [start]
    while edges[-1] < now:
        edges.append(min(edges[-1] + SPAN, now))
    return list(pairwise(edges))
