"""`siyu sim --seed N` (in a checkout) runs one seed, `--seeds N` that many."""

import argparse
import sys

from tests.sim.life import run
from tests.sim.many import many


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="siyu sim", description="Simulate group sends under faults.")
    parser.add_argument("--seed", type=int, help="one seed, with its trace hash")
    parser.add_argument("--seeds", type=int, default=400, help="how many seeds (default 400)")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    chosen = parser.parse_args(arguments)
    if chosen.seed is not None:
        report = run(chosen.seed)
        words = [f"seed {report.seed}: {report.planned} planned, {report.calls} calls, {report.delivered} delivered, {report.steps} steps, trace {report.hash}"]
        words += ["faults fired: " + ", ".join(f"{kind} {count}" for kind, count in sorted(report.fired.items()))]
        words += [f"    {sentence}" for sentence in report.wrong] or ["nothing lost, nothing doubled"]
        sys.stdout.write("\n".join(words) + "\n")
        return 1 if report.wrong else 0
    total = many(range(chosen.first, chosen.first + chosen.seeds))
    sys.stdout.write(total.words() + "\n")
    return 1 if total.broken or total.never else 0


if __name__ == "__main__":
    sys.exit(main())
