"""The town of readings, for ways."""

import pytest

from tests.observe.readings.conftest import client, keys, scene, town

__all__ = ["client", "keys", "scene", "town"]


@pytest.fixture
def looked_at() -> frozenset[str]:
    return frozenset({"ways"})
