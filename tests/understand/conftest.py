"""The living brand for tests of what is understood."""

from tests.crowd import crowd, living

__all__ = ["crowd", "living"]
