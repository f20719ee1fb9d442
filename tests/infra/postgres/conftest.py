"""Servers of these tests' own, each in a directory of its own that any user may enter; gone at the end whatever happened."""

import subprocess
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
def mould() -> Iterator[Path]:
    """A home with a stopped cluster, to be copied: four times quicker than making one."""
    with tempfile.TemporaryDirectory(prefix="siyu-postgres-") as directory:
        Path(directory).chmod(0o755)
        postgres.start(Path(directory, "home"), settings=postgres.THROWAWAY)
        postgres.stop(Path(directory, "home"))
        yield Path(directory, "home")


@pytest.fixture
def home(bare: Path, mould: Path) -> Path:
    """A home whose server was stopped."""
    bare.mkdir()
    bare.chmod(0o755)
    parts = [str(part) for part in mould.iterdir() if part.name != "software"]
    subprocess.run(["cp", "--archive", *parts, str(bare)], check=True)
    subprocess.run(["cp", "--archive", "--link", str(mould / "software"), str(bare)], check=True)
    return bare


@pytest.fixture(scope="module")
def served() -> Iterator[Path]:
    """The home of a running server that the tests of a module share; whoever stops it starts it again."""
    with tempfile.TemporaryDirectory(prefix="siyu-postgres-") as directory:
        Path(directory).chmod(0o755)
        postgres.start(Path(directory, "home"), settings={"shared_buffers": "64MB"})
        yield Path(directory, "home")
        postgres.erase(Path(directory, "home"))


@pytest.fixture
def server(served: Path) -> postgres.Server:
    return postgres.start(served)
