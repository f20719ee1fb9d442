"""Runs contestants one after another, each in a process of its own, and prints medians side by side."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
THREADS, MEMORY = 2, "4GB"
Contestant = Callable[[Path], tuple[int, float, Any]]
"""Given the folder with the data: rows read, seconds of the work itself, and the answer that must be equal for all."""


def main(name: str, prepare: Callable[[Path, int], None], contestants: Mapping[str, Contestant], *, ours: str, about: str, factor: int = 1) -> None:
    """The command line of one bench. `ours` is compared with the fastest of the others."""
    parser = argparse.ArgumentParser(prog=f"siyu bench {name}", description=about)
    parser.add_argument("--factor", type=int, default=factor, help="the data set so many times over")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="end with one JSON object on the last line")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        _run_one(contestants[given.one], given.folder)
        return
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as scratch:
        folder = Path(scratch)
        prepare(folder, given.factor)
        found = {one: [_spawn(name, one, folder) for _ in range(given.runs)] for one in contestants}
    _tell(name, about, found, ours=ours, runs=given.runs, factor=given.factor, as_json=given.json)


def _run_one(contestant: Contestant, folder: Path) -> None:
    rows, seconds, answer = contestant(folder)
    sys.stdout.write(json.dumps({"rows": rows, "seconds": seconds, "peak_mib": _peak_mib(), "answer": answer}, default=str) + "\n")


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


def _tell(name: str, about: str, found: Mapping[str, list[dict[str, Any]]], *, ours: str, runs: int, factor: int, as_json: bool) -> None:
    answers = {json.dumps(run["answer"], sort_keys=True) for runs_of in found.values() for run in runs_of}
    middle = {
        one: {key: statistics.median(run[key] for run in runs_of) for key in ("rows", "seconds", "peak_mib", "whole_seconds")} for one, runs_of in found.items()
    }
    fastest = min((one for one in middle if one != ours), key=lambda one: middle[one]["seconds"])
    ratios = {one: middle[ours]["seconds"] / middle[one]["seconds"] for one in middle if one != ours}
    write = sys.stdout.write
    write(f"{about}\n{runs} runs each, medians; data x{factor}; {THREADS} threads, {MEMORY}\n")
    write(f"{'':18}{'rows/s':>14}{'seconds':>10}{'peak MiB':>10}{'process s':>11}{'ours/it':>9}\n")
    for one, row in middle.items():
        ratio = f"{ratios[one]:.2f}" if one in ratios else ""
        write(f"{one:18}{row['rows'] / row['seconds']:>14,.0f}{row['seconds']:>10.3f}{row['peak_mib']:>10.0f}{row['whole_seconds']:>11.2f}{ratio:>9}\n")
    same = len(answers) == 1
    write(f"answers {'equal' if same else 'DIFFER'}; fastest peer: {fastest}\n")
    if as_json:
        write(json.dumps({"bench": name, "factor": factor, "runs": runs, "equal": same, "ratios": ratios, "medians": middle}) + "\n")
    if not same:
        raise SystemExit(1)
