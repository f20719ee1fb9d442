"""The living brand for tests of measures."""

from tests.crowd import crowd, living

__all__ = ["crowd", "living"]
