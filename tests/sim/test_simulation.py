"""Group sends under faults: nothing lost, nothing doubled, over all stored seeds and fresh ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sim.life import Mutation, run
from tests.sim.many import many, stored
from tests.sim.mutations import MUTATIONS

ROOT = Path(__file__).parent.parent.parent


def _fresh(count: int) -> range:
    """Seeds that this commit has not met before: they follow from its hash, so that a red build can be repeated."""
    asked = os.environ.get("SIYU_SIM_FIRST")
    if asked is None:
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
        asked = str(int(commit[:8] or "0", 16))
    return range(int(asked), int(asked) + count)


@pytest.mark.long
def test_nothing_lost_nothing_doubled(capsys: pytest.CaptureFixture[str]) -> None:
    total = many([*stored(), *_fresh(int(os.environ.get("SIYU_SIM_SEEDS", "400")))])
    with capsys.disabled():
        sys.stdout.write("\n" + total.words() + "\n")
    assert not total.broken, total.words()
    assert not total.never, f"these faults never happened, so their absence proves nothing: {total.never}"
    assert total.delivered > total.runs, "a platform that delivers nothing doubles nothing"


class TestReplay:
    def test_the_same_seed_gives_the_same_trace(self) -> None:
        assert run(17).hash == run(17).hash

    def test_the_order_of_sets_plays_no_part(self) -> None:
        code = "from tests.sim.life import run; print(run(17).hash)"
        hashes = {
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": salt}, capture_output=True, text=True, check=True).stdout
            for salt in ("1", "2")
        }
        assert len(hashes) == 1

    def test_another_seed_gives_another_trace(self) -> None:
        assert run(17).hash != run(18).hash


@pytest.mark.long
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda it: it.name)
def test_a_planted_bug_is_seen(mutation: Mutation) -> None:
    for seed in range(300):
        try:
            if run(seed, mutation).wrong:
                return
        except AssertionError:
            return  # the books' own assertions saw it first
    pytest.fail(f"300 seeds did not notice: {mutation.name}")
