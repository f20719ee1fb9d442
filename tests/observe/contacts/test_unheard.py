"""The receiver is off for six hours while ten thousand things change, and every callback is lost: the nightly reading makes both sides equal."""

from pathlib import Path
from random import Random

import pytest

from siyu.connectors.wecom.sandbox.clock import iso
from siyu.infra import jobs
from siyu.infra.tx import SYSTEM
from siyu.observe.albums.wiring import capability as albums_wiring
from siyu.observe.contacts.wiring import capability as contacts_wiring
from siyu.observe.groups.wiring import capability as groups_wiring
from siyu.observe.moments.wiring import capability as moments_wiring
from siyu.observe.sends.wiring import capability as sends_wiring
from siyu.observe.statistics.wiring import capability as statistics_wiring
from siyu.observe.tags.wiring import capability as tags_wiring
from siyu.observe.ways.wiring import capability as ways_wiring
from siyu.understand.identity.wiring import capability as identity_wiring
from tests.observe.contacts.scene import AES_KEY, TOKEN, Scene, staged
from tests.observe.contacts.unheard import Changes, ours, theirs

WIRINGS = (
    contacts_wiring,
    groups_wiring,
    tags_wiring,
    ways_wiring,
    moments_wiring,
    sends_wiring,
    albums_wiring,
    statistics_wiring,
    identity_wiring,
)
HOURS = 6


def nightly(scene: Scene) -> dict[str, dict[str, int]]:
    """What the schedule asks for at night, and what follows; the results by job."""
    before = {row.id for row in scene.ask("select id from jobs where tenant_id = :tenant_id")}
    with scene.database.transaction(scene.tenant, SYSTEM) as tx:
        jobs.enqueue(tx, "contacts.sync_all")
    scene.worker.drain()
    fresh = [row for row in scene.ask("select id, kind, state, result from jobs where tenant_id = :tenant_id") if row.id not in before]
    assert {row.state for row in fresh} == {"done"}, fresh
    return {row.kind: row.result for row in fresh}


@pytest.mark.parametrize(("people", "changes", "seed"), [(80, 400, 1), (80, 400, 2), pytest.param(600, 10_000, 3, marks=pytest.mark.long)])
def test_a_night_makes_both_sides_equal(fresh_url: str, tmp_path: Path, people: int, changes: int, seed: int) -> None:
    with staged(fresh_url, tmp_path, people=people, wirings=WIRINGS) as scene:
        scene.sync()
        assert ours(scene) == theirs(scene)
        dead = "http://127.0.0.1:9/callbacks/wecom/off"
        scene.place.post("callbacks", url=dead, token=TOKEN, aes_key=AES_KEY, check=False)
        lost = scene.place.fault("push_lost", count=None)
        made = Changes(scene.place.sandbox, Random(seed))
        made.make(changes, hours=HOURS)
        scene.place.post("clock", business=iso(scene.place.sandbox.clock.now() + HOURS * 3600))
        assert made.made.total() == changes and len(made.made) == 12
        assert next(fault["fired"] for fault in scene.place.get("faults")["faults"] if fault["id"] == lost) > changes / 2
        before = ours(scene)
        assert all(before[part] != rows for part, rows in theirs(scene).items())
        results = nightly(scene)
        after, truth = ours(scene), theirs(scene)
        for part, rows in truth.items():
            assert after[part] == rows, part
        assert results["contacts.sync"]["added"] and results["contacts.sync"]["lost"] and results["contacts.sync"]["changed"]
        gone = {row.userid for row in scene.ask("select userid from staff where tenant_id = :tenant_id and not active")}
        assert gone == made.left
        assert nightly(scene)["contacts.sync"] | {"members": 0} == {"members": 0, "added": 0, "lost": 0, "changed": 0}
