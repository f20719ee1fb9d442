"""The town of readings, for group sends."""

from tests.observe.readings.conftest import client, keys, scene, town

__all__ = ["client", "keys", "scene", "town"]
