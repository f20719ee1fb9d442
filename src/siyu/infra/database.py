"""Connections to PostgreSQL, and the only place where a transaction begins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Literal, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from psycopg.errors import DeadlockDetected, SerializationFailure
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from siyu.infra.clock import Clock, system_clock
from siyu.infra.tx import Actor, Tx
from siyu.kernel.errors import NotFound
from siyu.kernel.ids import TenantId

Role = Literal["siyu_app", "siyu_reader", "siyu_eraser", "siyu_lookup"]

# Tables grow a thousandfold during a first import: a plan kept from the beginning, or compiled for one chunk, costs many times the work itself.
_OPTIONS = "-c plan_cache_mode=force_custom_plan -c jit=off"
_ENTER = text("select set_config('role', :role, true), set_config('siyu.tenant_id', :tenant_id, true)")
_ENTER_TENANT = text("select set_config('role', 'siyu_app', true), set_config('siyu.tenant_id', :tenant_id, true), siyu_tenant_zone(:id) as zone")


class UnknownTenant(NotFound):
    """No such tenant."""

    code = "tenant.unknown"


class Database:
    """A pool of connections as the owner; every transaction takes a lesser role and one tenant, for itself alone."""

    def __init__(self, url: str, *, clock: Clock = system_clock, pool_size: int = 8) -> None:
        self.url = url
        self.clock = clock
        self.engine: Engine = create_engine(
            url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, pool_recycle=1800, connect_args={"options": _OPTIONS}
        )

    @contextmanager
    def transaction(self, tenant_id: TenantId, actor: Actor) -> Iterator[Tx]:
        """One transaction of one tenant as the app role, committed at the end and rolled back on any exception. Raises UnknownTenant."""
        with self.engine.begin() as connection:
            yield enter(connection, tenant_id, actor, self.clock)

    @contextmanager
    def lookup(self) -> Iterator[Connection]:
        """A transaction before the tenant is known: it may only call the named look-up functions (log-in, jobs, public links)."""
        with self.engine.begin() as connection:
            connection.execute(_ENTER, {"role": "siyu_lookup", "tenant_id": ""})
            yield connection

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """A read-only, repeatable-read transaction over all tenants, for the follower and the scheduler."""
        with self.engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection, connection.begin():
            connection.execute(_ENTER, {"role": "siyu_reader", "tenant_id": ""})
            yield connection

    def founded(self) -> bool:
        """Whether the store holds siyu's tables."""
        with self.engine.connect() as connection:
            return bool(connection.execute(text("select to_regclass('tenants') is not null")).scalar_one())

    def tenants(self) -> list[TenantId]:
        """All tenants, oldest first."""
        with self.reader() as connection:
            return [TenantId(row.id) for row in connection.execute(text("select id from tenants order by id"))]

    def close(self) -> None:
        self.engine.dispose()


def enter(connection: Connection, tenant_id: TenantId, actor: Actor, clock: Clock) -> Tx:
    """Make an open transaction one of this tenant: app role, tenant setting, zone, instant."""
    zone = connection.execute(_ENTER_TENANT, {"tenant_id": str(tenant_id), "id": tenant_id}).one().zone
    if zone is None:
        raise UnknownTenant(tenant_id=str(tenant_id))
    return Tx(connection, tenant_id, actor, clock(), ZoneInfo(zone))


P = ParamSpec("P")
R = TypeVar("R")
TRIES = 5


def undone(trouble: BaseException) -> bool:
    """Whether the store took a transaction back because it stood in another's way: nothing of it is left, and the same again may well pass."""
    return isinstance(trouble, OperationalError) and isinstance(trouble.orig, DeadlockDetected | SerializationFailure)


def again(act: Callable[P, R]) -> Callable[P, R]:
    """For what is one whole transaction: try it anew when the store has undone it for another's sake."""

    @wraps(act)
    def tried(*args: P.args, **options: P.kwargs) -> R:
        for left in reversed(range(TRIES)):
            try:
                return act(*args, **options)
            except OperationalError as trouble:
                if not left or not undone(trouble):
                    raise
        raise AssertionError("unreachable")

    return tried
