"""Runs contestants one after another, each in a process of its own, and prints medians side by side."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[1]
THREADS, MEMORY = 2, "4GB"
_FIGURES = ("rows", "seconds", "first_seconds", "peak_mib", "whole_seconds")
Answer = TypeVar("Answer")
Contestant = Callable[[Path], tuple[int, Sequence[float], Any]]
"""Given the folder with the data: rows read, seconds of the work itself each time it was done, and the answer that must be equal for all."""


def main(
    name: str,
    prepare: Callable[[Path, int], AbstractContextManager[None]],
    contestants: Mapping[str, Contestant],
    *,
    ours: str,
    about: str,
    limits: Mapping[str, float],
    factor: int = 1,
    megabytes: int | None = None,
) -> None:
    """The command line of one bench. `ours` is compared with the fastest of the others.

    `limits` of ours: `ratio` to the fastest, `seconds` per data set, `peak_mib`. `megabytes`: size of one data set, when ours may be run alone on many.
    """
    parser = argparse.ArgumentParser(prog=f"siyu bench {name}", description=about)
    parser.add_argument("--factor", type=int, default=factor, help="the data set so many times over")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="end with one JSON object on the last line")
    if megabytes:
        parser.add_argument("--big-mb", type=int, help=f"{ours} alone, once, on as many data sets as make so many megabytes")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        _run_one(contestants[given.one], given.folder)
        return
    if megabytes and given.big_mb:
        given.factor, given.runs, contestants = -(-given.big_mb // megabytes), 1, {ours: contestants[ours]}
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as scratch, prepare(folder := Path(scratch), given.factor):
        found = {one: [_spawn(name, one, folder) for _ in range(given.runs)] for one in contestants}
    _tell(name, about, found, ours=ours, limits=limits, runs=given.runs, factor=given.factor, as_json=given.json)


def timed(work: Callable[[], Answer]) -> tuple[list[float], Answer]:
    """Ask a question twice: at first expressions are compiled and pages read, from then on it is as in a service that runs."""
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        answer = work()
        seconds.append(time.perf_counter() - began)
    return seconds, answer


def _run_one(contestant: Contestant, folder: Path) -> None:
    rows, seconds, answer = contestant(folder)
    sys.stdout.write(
        json.dumps({"rows": rows, "first_seconds": seconds[0], "seconds": seconds[-1], "peak_mib": _peak_mib(), "answer": answer}, default=str) + "\n"
    )


def _peak_mib() -> float:
    """The most memory this process ever held. The kernel's other figure, ru_maxrss, starts with what the parent held."""
    line = next(line for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _spawn(name: str, one: str, folder: Path) -> dict[str, Any]:
    began = time.monotonic()
    command = [sys.executable, "-m", f"bench.{name}", "--one", one, "--folder", str(folder)]
    process = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}, check=False, text=True)
    if process.returncode:
        raise SystemExit(f"{one} failed with status {process.returncode}")
    return {**json.loads(process.stdout.splitlines()[-1]), "whole_seconds": time.monotonic() - began}


def _tell(
    name: str, about: str, found: Mapping[str, list[dict[str, Any]]], *, ours: str, limits: Mapping[str, float], runs: int, factor: int, as_json: bool
) -> None:
    answers = {json.dumps(run["answer"], sort_keys=True) for runs_of in found.values() for run in runs_of}
    middle = {one: {key: statistics.median(run[key] for run in runs_of) for key in _FIGURES} for one, runs_of in found.items()}
    ratios = {one: middle[ours]["seconds"] / middle[one]["seconds"] for one in middle if one != ours}
    write = sys.stdout.write
    write(f"{about}\n{runs} runs each, medians; data x{factor}; {THREADS} threads, {MEMORY}\n")
    write(f"{'':18}{'rows/s':>14}{'seconds':>10}{'at first':>10}{'peak MiB':>10}{'process s':>11}{'ours/it':>9}\n")
    for one, row in middle.items():
        write(f"{one:18}{row['rows'] / row['seconds']:>14,.0f}{row['seconds']:>10.3f}{row['first_seconds']:>10.3f}{row['peak_mib']:>10.0f}")
        write(f"{row['whole_seconds']:>11.2f}{(f'{ratios[one]:.2f}' if one in ratios else ''):>9}\n")
    same = len(answers) == 1
    write(f"answers {'equal' if same else 'DIFFER'}; fastest peer: {max(ratios, key=lambda one: ratios[one], default='none')}\n")
    reached = {"seconds": middle[ours]["seconds"] / factor, "peak_mib": middle[ours]["peak_mib"], "ratio": max(ratios.values(), default=0.0)}
    for limit, most in limits.items():
        write(f"limit {limit} {most:g}: {reached[limit]:.2f}, {'kept' if reached[limit] <= most else 'BROKEN'}\n")
    if as_json:
        whole = {"bench": name, "factor": factor, "runs": runs, "equal": same, "ratios": ratios, "limits": limits, "reached": reached, "medians": middle}
        write(json.dumps(whole) + "\n")
    if not same:
        raise SystemExit(1)
