"""The sandbox's town with a worker that reads all that is read of a corp."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from siyu.app.capabilities import CAPABILITIES
from siyu.app.worker import Worker
from tests.observe.contacts.conftest import keys
from tests.observe.contacts.scene import Scene, scene
from tests.observe.operator import TestClient, operator

__all__ = ["keys", "scene"]


KINDS = frozenset({"albums", "moments", "sends", "statistics", "ways"})
"""Capabilities whose readings follow that of contacts."""


@pytest.fixture
def looked_at() -> frozenset[str]:
    """Which of them the tests of a folder look at: the others are not read there."""
    return KINDS


@pytest.fixture
def town(scene: Scene, looked_at: frozenset[str]) -> Scene:
    """A corp of which nothing has been read yet."""
    scene.worker = Worker(scene.database, [replace(wiring, schedules=()) for wiring in CAPABILITIES if wiring.name not in KINDS - looked_at])
    return scene


@pytest.fixture
def client(town: Scene, tmp_path: Path) -> Iterator[TestClient]:
    with operator(town, tmp_path) as client:
        yield client
