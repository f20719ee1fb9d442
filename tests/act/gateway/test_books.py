"""The books in PostgreSQL and the books in a dictionary are the same books: one simulation, run on both, leaves the same trace."""

from typing import Any

import pytest

from siyu.infra.database import Database
from tests.act.gateway.postgres import books_in
from tests.conftest import make_tenant
from tests.sim import check
from tests.sim import life as sim
from tests.sim.books import DictBooks
from tests.sim.life import Mutation, Report


def _run(seed: int, books: type[DictBooks], monkeypatch: pytest.MonkeyPatch) -> tuple[Report, dict[str, Any]]:
    """The report of a run, and where everything stood at its end."""
    left: dict[str, Any] = {}

    def reckon(kept: Any, *facts: Any) -> list[str]:
        if hasattr(kept, "load"):
            kept.load()
        left["intents"] = {key: (it.state, it.reason, it.arm, it.quota_on, it.sent_at, it.sent_by, it.call_id) for key, it in kept.intents.items()}
        left["calls"] = {id: (it.state, it.code, it.tries, it.epoch, it.msgid) for id, it in kept.calls.items()}
        left["tasks"] = {id: (it.state, it.reason, it.standing, it.made_at) for id, it in kept.tasks.items()}
        left["quota"] = {slot: used for slot, used in kept.quota.items() if used}
        return check.check(kept, *facts)

    with monkeypatch.context() as patch:
        patch.setattr(sim, "check", reckon)
        return sim.run(seed, Mutation("none", books=books)), left


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 4, 7, 11, 17])
def test_both_books_tell_the_same_story(seed: int, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, in_memory = _run(seed, DictBooks, monkeypatch)
    stored, in_postgres = _run(seed, books_in(database, make_tenant(database)), monkeypatch)
    assert stored.wrong == ()
    assert in_postgres == in_memory
    assert stored.hash == kept.hash
