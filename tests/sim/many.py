"""Many seeds at once, and what they came to together."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from tests.sim.faults import KINDS
from tests.sim.life import Report, run

STORED = Path(__file__).parent.parent / "seeds.txt"


@dataclass(frozen=True)
class Sum:
    """`never` are the kinds of fault that no run met: a "0 broken" beside them proves nothing."""

    runs: int
    broken: tuple[Report, ...]
    fired: Counter[str]
    reached: Counter[str]
    planned: int
    delivered: int
    calls: int

    @property
    def never(self) -> list[str]:
        return sorted(set(KINDS) - set(self.fired))

    def words(self) -> str:
        """What a person reads: figures first, then faults fired and states reached, then what broke and how to see it again."""
        lines = [
            f"{self.runs} seeds, {self.planned} planned, {self.calls} calls, {self.delivered} delivered",
            f"broken: {len(self.broken)} (none in {self.runs} bounds the rate by {3 / self.runs:.2%} at 95 %)",
            "faults fired: " + ", ".join(f"{kind} {count}" for kind, count in sorted(self.fired.items())),
            "states reached: " + ", ".join(f"{state} {count}" for state, count in sorted(self.reached.items())),
        ]
        if self.never:
            lines.append("never fired: " + ", ".join(self.never))
        for report in self.broken[:10]:
            lines += [f"siyu sim --seed {report.seed}", *(f"    {sentence}" for sentence in report.wrong[:5])]
        return "\n".join(lines)


def many(seeds: Iterable[int], *, processes: int | None = None) -> Sum:
    """Run the seeds on all cores; the result does not depend on how many there are."""
    wanted = sorted(set(seeds))
    workers = processes or min(os.cpu_count() or 1, 8)
    if workers == 1:
        return _sum([run(seed) for seed in wanted])
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return _sum(list(pool.map(run, wanted, chunksize=max(1, len(wanted) // (workers * 8)))))


def _sum(reports: Sequence[Report]) -> Sum:
    fired: Counter[str] = Counter()
    reached: Counter[str] = Counter()
    for report in reports:
        fired.update(report.fired)
        reached.update(report.reached)
    return Sum(
        runs=len(reports),
        broken=tuple(report for report in reports if report.wrong),
        fired=fired,
        reached=reached,
        planned=sum(report.planned for report in reports),
        delivered=sum(report.delivered for report in reports),
        calls=sum(report.calls for report in reports),
    )


def stored() -> list[int]:
    """Seeds that once failed; they are run for ever."""
    lines = STORED.read_text(encoding="utf-8").splitlines() if STORED.exists() else []
    return [int(line.split("#")[0]) for line in lines if line.split("#")[0].strip()]
