"""A table to follow, with a column of every kind, and engines that follow it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from siyu import engine
from siyu.engine import Engine
from siyu.engine.follow import Follower
from siyu.engine.schema import Schema
from siyu.engine.source import Source
from siyu.infra.database import Database
from siyu.infra.migrate import replicate, secure
from siyu.infra.settings import Settings
from tests.engine.tables import OWN, TABLES, until


def prepare(database: Database) -> None:
    """Make the tables of `TABLES` that no migration makes."""
    with database.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        for table in TABLES:
            if table.name in OWN:
                connection.exec_driver_sql(OWN[table.name])
                secure(table.name)
                replicate(table.name, table.key)


@pytest.fixture
def items(database: Database) -> Database:
    """The test's database with the tables of `TABLES` in it."""
    prepare(database)
    return database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, engine_memory_mb=512)


def make_follower(database: Database, folder: Path) -> Follower:
    return Follower(folder, Schema.of(TABLES), Source(database.url), database.clock, memory_mb=512, threads=2)


@pytest.fixture
def follower(items: Database, tmp_path: Path) -> Iterator[Follower]:
    """A follower that takes a step when told to, up to date."""
    follower = make_follower(items, tmp_path / "replica")
    follower.step()
    yield follower
    follower.close()


@pytest.fixture
def running(items: Database, settings: Settings) -> Iterator[Engine]:
    """An engine in a thread of the test, up to date."""
    with engine.running(settings, items, TABLES):
        client = engine.connect(settings, TABLES)
        until(lambda: bool(client.status()["answering"]))
        yield client


Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(items: Database, settings: Settings) -> Iterator[Start]:
    """Starts an engine as a process of its own; whatever was started is killed at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        one = subprocess.Popen([sys.executable, "-m", "tests.engine.process", str(settings.home), items.url], cwd=Path(__file__).parents[2])
        started.append(one)
        return one

    yield start
    for one in started:
        one.kill()
        one.wait()
