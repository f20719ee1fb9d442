"""What every process of an installation opens first: settings, the store, the clock."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import OperationalError

from siyu.access import tenants
from siyu.access.tenants import NoTenant
from siyu.infra import postgres
from siyu.infra.clock import Clock, file_clock, system_clock
from siyu.infra.database import Database
from siyu.infra.faults import NoClock
from siyu.infra.logging import configure
from siyu.infra.settings import Settings


def store_url(settings: Settings) -> str:
    """The owner's URL: the outside server's, else the embedded one's, started when it is not running. Raises PostgresRefusal."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    server = postgres.start(settings.home / "postgres")
    return server.url()


def clock_of(settings: Settings) -> Clock:
    """The sandbox's business clock in a demo, else the machine's. Raises NoClock."""
    if settings.clock_file and not settings.clock_file.is_file():
        raise NoClock(variable="SIYU_CLOCK_FILE", given=str(settings.clock_file))
    return file_clock(settings.clock_file) if settings.clock_file else system_clock


@contextmanager
def opened(settings: Settings, *, pool_size: int = 8) -> Iterator[Database]:
    """The store of this installation, migrated by `siyu migrate` or `siyu up` beforehand: raises NoTenant when it never was, and makes none."""
    configure(settings.log_format, settings.log_level)
    if settings.database_url is None and not postgres.exists(settings.home / "postgres"):
        raise NoTenant()
    database = Database(store_url(settings), clock=clock_of(settings), pool_size=pool_size)
    try:
        with suppress(OperationalError):  # a store that is away for the moment may well be founded
            if not database.founded():
                raise NoTenant()
        yield database
    finally:
        database.close()


@contextmanager
def visited(settings: Settings) -> Iterator[Database]:
    """The store for one command, left as it was found. Raises NoTenant when no brand has been set up."""
    with left_as_found(settings), opened(settings) as database:
        if not tenants.any_tenant(database):
            raise NoTenant()
        yield database


@contextmanager
def left_as_found(settings: Settings) -> Iterator[None]:
    """An embedded server that is started inside is stopped again, unless somebody else has come to use it."""
    home = settings.home / "postgres"
    kept = settings.database_url is not None or postgres.status(home) is not None
    try:
        yield
    finally:
        if not kept:
            postgres.leave(home)


def log_folder(settings: Settings) -> Path:
    """Where the processes of `siyu up` write their logs."""
    folder = settings.home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
