"""How far the replica has come."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Snapshot:
    """What one PostgreSQL snapshot sees: every committed transaction below `xmax` that was not `running`; all below `xmin` had ended."""

    xmin: int
    xmax: int
    running: frozenset[int] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Snapshot":
        """From PostgreSQL's `xmin:xmax:xip,xip`."""
        xmin, xmax, running = text.split(":")
        return cls(int(xmin), int(xmax), frozenset(int(xid) for xid in running.split(",") if xid))

    def __str__(self) -> str:
        return f"{self.xmin}:{self.xmax}:{','.join(str(xid) for xid in sorted(self.running))}"

    def sees(self, xid: int) -> bool:
        """Whether what transaction `xid` committed is in this snapshot (aborted transactions count as seen: they left nothing)."""
        return xid < self.xmax and xid not in self.running

    def covers(self, other: "Snapshot") -> bool:
        """Whether this snapshot sees all that `other` sees."""
        later = other.xmax - self.xmax
        if later > 0 and sum(self.xmax <= xid for xid in other.running) < later:
            return False
        return not any(other.sees(xid) for xid in self.running)


NOTHING = Snapshot(0, 0)


@dataclass(frozen=True)
class Cluster:
    """Whose transactions a watermark counts: another database, a restored one or a promoted standby counts anew."""

    system_identifier: int
    timeline: int
    database: int


@dataclass(frozen=True)
class Watermark:
    """The state of PostgreSQL that an answer was computed from. `as_of` is business time; `version` grows with every change of the replica."""

    as_of: datetime
    snapshot: Snapshot
    version: int
