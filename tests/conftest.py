"""Real PostgreSQL for every test: migrated once, cloned per worker, rolled back or cloned anew per test."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from siyu.infra.database import Database, enter
from siyu.infra.migrate import upgrade
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import TenantId

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai
TIMEZONE = "Asia/Shanghai"

hypothesis.settings.register_profile("siyu", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("siyu")

pytest_plugins = ["tests.not_run", "tests.workers"]

MEMORY, ROOM = Path("/dev/shm"), 6 << 30


def _roomy() -> bool:
    """Whether what tests write may lie in memory: there is room, and programs start there."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return False
    room = os.statvfs(MEMORY)
    return room.f_bavail * room.f_frsize >= ROOM and not room.f_flag & os.ST_NOEXEC


if "TMPDIR" not in os.environ and _roomy():  # a database is cloned in 0.03 s there, on a slow disk in 0.4 s
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None


class TestClock:
    """Business time that stands still until a test moves it."""

    __test__ = False

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The owner's URL of a PostgreSQL server for this process: one of `SIYU_TEST_DATABASE_URL` (several by blanks), else an embedded one.

    Each worker has a server of its own: transaction ids are a whole server's, so another worker's open transaction would hold back what follows the log.
    """
    if outside := os.environ.get("SIYU_TEST_DATABASE_URL", "").split():
        number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        yield outside[number % len(outside)]
        return
    from siyu.infra import postgres

    home = Path(tempfile.mkdtemp(prefix="siyu-test-"))
    home.chmod(0o755)
    server = postgres.start(home, settings=postgres.THROWAWAY)
    yield server.url("postgres")
    postgres.erase(home)


def _admin(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """A migrated, empty database that others are cloned from."""
    name = f"template_{uuid4().hex[:12]}"
    _admin(server_url, f"create database {name}")
    with open(Path(tempfile.gettempdir()) / "siyu-tests.lock", "w") as one_at_a_time:  # roles belong to the whole server
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        upgrade(_named(server_url, name))
    yield name
    _admin(server_url, f"drop database {name} with (force)")


@pytest.fixture
def fresh_url(server_url: str, template: str) -> Iterator[str]:
    """A database of this test's own, cloned from the template: for tests that commit, follow or kill."""
    name = f"test_{uuid4().hex[:12]}"
    _admin(server_url, f"create database {name} template {template} strategy file_copy")
    yield _named(server_url, name)
    _admin(server_url, f"drop database if exists {name} with (force)")


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def database(fresh_url: str, clock: TestClock) -> Iterator[Database]:
    """A database of this test's own; what it commits stays until the test ends."""
    database = Database(fresh_url, clock=clock)
    yield database
    database.close()


def make_tenant(database: Database, *, timezone: str = TIMEZONE, name: str = "试验品牌") -> TenantId:
    """A committed tenant."""
    id = TenantId(uuid4())
    with database.engine.begin() as connection:
        connection.execute(
            text("insert into tenants (id, name, timezone, created_at) values (:id, :name, :timezone, :now)"),
            {"id": id, "name": name, "timezone": timezone, "now": database.clock()},
        )
    return id


@pytest.fixture
def tenant(database: Database) -> TenantId:
    """A committed tenant in `database`."""
    return make_tenant(database)


@pytest.fixture(scope="session")
def shared_database(server_url: str, template: str) -> Iterator[Database]:
    """One database per worker, for tests that roll back."""
    name = f"shared_{uuid4().hex[:12]}"
    _admin(server_url, f"create database {name} template {template} strategy file_copy")
    database = Database(_named(server_url, name), clock=TestClock())
    yield database
    database.close()
    _admin(server_url, f"drop database if exists {name} with (force)")


@pytest.fixture(scope="session")
def shared_tenant(shared_database: Database) -> TenantId:
    return make_tenant(shared_database)


@pytest.fixture
def tx(shared_database: Database, shared_tenant: TenantId) -> Iterator[Tx]:
    """A transaction of the system in a shared tenant, rolled back at the end."""
    with shared_database.engine.connect() as connection:
        begun = connection.begin()
        yield enter(connection, shared_tenant, SYSTEM, shared_database.clock)
        begun.rollback()


@pytest.fixture
def as_of(clock: TestClock) -> Callable[[datetime], None]:
    """Move business time."""

    def move(to: datetime) -> None:
        clock.at = to

    return move
