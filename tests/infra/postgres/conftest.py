"""Servers of these tests' own, each in a directory of its own that any user may enter; gone at the end whatever happened."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from siyu.infra import postgres


@pytest.fixture
def bare() -> Iterator[Path]:
    """A place for a server that does not exist yet."""
    with tempfile.TemporaryDirectory(prefix="siyu-postgres-") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory, "home")
        postgres.erase(Path(directory, "home"))


@pytest.fixture(scope="session")
def served() -> Iterator[Path]:
    """One home that the tests share, each of which leaves it whole: making a cluster is the expensive part."""
    with tempfile.TemporaryDirectory(prefix="siyu-postgres-") as directory:
        Path(directory).chmod(0o755)
        postgres.start(Path(directory, "home"), settings=postgres.THROWAWAY)
        yield Path(directory, "home")
        postgres.erase(Path(directory, "home"))


@pytest.fixture
def server(served: Path) -> postgres.Server:
    """The server of the shared home, running."""
    return postgres.start(served)


@pytest.fixture
def home(served: Path) -> Iterator[Path]:
    """The shared home, its server stopped."""
    postgres.stop(served)
    yield served
    postgres.stop(served)
