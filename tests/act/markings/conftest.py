"""The sandbox's town, its contacts and tags read once, with a worker that marks as well, and the brand's operator."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from siyu.act.markings.wiring import capability as markings_wiring
from siyu.app.worker import Worker
from siyu.observe.contacts.wiring import capability as contacts_wiring
from siyu.observe.tags.wiring import capability as tags_wiring
from siyu.understand.identity.wiring import capability as identity_wiring
from tests.crowd import crowd, living
from tests.observe.contacts.conftest import keys
from tests.observe.contacts.scene import Scene, scene
from tests.observe.operator import TestClient, operator

__all__ = ["crowd", "keys", "living", "scene"]


@pytest.fixture
def town(scene: Scene) -> Scene:
    """A corp whose contacts and tags have been read."""
    capabilities = (contacts_wiring, tags_wiring, identity_wiring, markings_wiring)
    scene.worker = Worker(scene.database, [replace(wiring, schedules=()) for wiring in capabilities])
    scene.sync()
    return scene


@pytest.fixture
def client(town: Scene, tmp_path: Path) -> Iterator[TestClient]:
    with operator(town, tmp_path) as client:
        yield client
