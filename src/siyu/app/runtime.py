"""What every process of an installation opens first: settings, the store, the clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from siyu.infra import postgres
from siyu.infra.clock import Clock, file_clock, system_clock
from siyu.infra.database import Database
from siyu.infra.logging import configure
from siyu.infra.settings import Settings


def store_url(settings: Settings) -> str:
    """The owner's URL: the outside server's, else the embedded one's, started when it is not running. Raises PostgresRefusal."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    server = postgres.start(settings.home / "postgres")
    return server.url()


def clock_of(settings: Settings) -> Clock:
    """The sandbox's business clock in a demo, else the machine's."""
    return file_clock(settings.clock_file) if settings.clock_file else system_clock


@contextmanager
def opened(settings: Settings, *, pool_size: int = 8) -> Iterator[Database]:
    """The store of this installation, migrated by `siyu migrate` or `siyu up` beforehand."""
    configure(settings.log_format, settings.log_level)
    database = Database(store_url(settings), clock=clock_of(settings), pool_size=pool_size)
    try:
        yield database
    finally:
        database.close()


def log_folder(settings: Settings) -> Path:
    """Where the processes of `siyu up` write their logs."""
    folder = settings.home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
