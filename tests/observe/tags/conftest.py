"""The sandbox's town with a worker that reads the tag library as well."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from siyu.app.worker import Worker
from siyu.observe.contacts.wiring import capability as contacts_wiring
from siyu.observe.tags.wiring import capability as tags_wiring
from siyu.understand.identity.wiring import capability as identity_wiring
from tests.observe.contacts.conftest import keys
from tests.observe.contacts.scene import Scene, scene
from tests.observe.operator import TestClient, operator

__all__ = ["keys", "scene"]


@pytest.fixture
def town(scene: Scene) -> Scene:
    """A corp whose contacts and tags have been read once."""
    scene.worker = Worker(scene.database, [replace(wiring, schedules=()) for wiring in (contacts_wiring, tags_wiring, identity_wiring)])
    scene.sync()
    return scene


@pytest.fixture
def client(town: Scene, tmp_path: Path) -> Iterator[TestClient]:
    with operator(town, tmp_path) as client:
        yield client
