"""Making tenants, reading and changing them."""

from sqlalchemy import Connection

from siyu.access import audit
from siyu.access.tenants import model, store
from siyu.access.tenants.model import NoTenant, Tenant, WhichTenant
from siyu.infra.clock import Clock
from siyu.infra.database import Database, enter
from siyu.infra.tx import SYSTEM, Actor, Tx
from siyu.kernel.ids import TenantId, new_id


def any_tenant(database: Database) -> bool:
    """Whether siyu has been set up."""
    with database.lookup() as connection:
        return store.any_tenant(connection)


def the_only(database: Database) -> TenantId:
    """The tenant of an installation that has one. Raises NoTenant or WhichTenant."""
    ids = database.tenants() if database.founded() else []
    if len(ids) > 1:
        raise WhichTenant(count=len(ids))
    if not ids:
        raise NoTenant()
    return ids[0]


def create(connection: Connection, clock: Clock, *, name: str, timezone: str, actor: Actor = SYSTEM, first: bool = False) -> Tx | None:
    """A new tenant in an open transaction of the owner, which is the new tenant's from here on.

    `first`: only when there is none yet, else None; of several at once one succeeds. Raises Invalid for a bad name or zone.
    """
    name, timezone = model.brand_name(name), model.zone(timezone)
    if first:
        store.lock_first(connection)
        if store.any_tenant(connection):
            return None
    now = clock()
    id = new_id(TenantId, now)
    store.insert(connection, id, name, timezone, now)
    return enter(connection, id, actor, lambda: now)


def get(tx: Tx) -> Tenant:
    """The acting tenant."""
    return store.get(tx)


def change(tx: Tx, *, name: str | None = None, timezone: str | None = None, margin_rate_bp: int | None = None, approval_above: int | None = None) -> Tenant:
    """Change what is given. Another zone moves the borders of all business days from now on. Raises Invalid."""
    settings = {} if margin_rate_bp is None else {"margin_rate_bp": model.margin_rate(margin_rate_bp)}
    settings |= {} if approval_above is None else {"approval_above": model.approval_above(approval_above)}
    name = None if name is None else model.brand_name(name)
    timezone = None if timezone is None else model.zone(timezone)
    before = store.get(tx)
    store.update(tx, name=name, timezone=timezone, settings=settings)
    after = store.get(tx)
    changed = {
        field: [getattr(before, field), getattr(after, field)]
        for field in ("name", "timezone", "margin_rate_bp", "approval_above")
        if getattr(before, field) != getattr(after, field)
    }
    if changed:
        audit.record(tx, "tenant.changed", f"tenant:{tx.tenant_id}", changed)
    return after
