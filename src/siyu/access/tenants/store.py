"""The table of tenants and every statement on it."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, DateTime, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from siyu.access.tenants.model import APPROVAL_ABOVE, Tenant
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import TenantId

tenants = Table(
    "tenants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)


def any_tenant(connection: Connection) -> bool:
    """Whether there is a tenant at all, asked before any is known."""
    return bool(connection.execute(text("select siyu_any_tenant()")).scalar())


def insert(connection: Connection, id: TenantId, name: str, timezone: str, now: datetime) -> None:
    """Add a tenant as itself: from here on the transaction is the new tenant's."""
    connection.execute(text("select set_config('role', 'siyu_app', true), set_config('siyu.tenant_id', :id, true)"), {"id": str(id)})
    connection.execute(
        text("insert into tenants (id, name, timezone, created_at) values (:id, :name, :timezone, :now)"),
        {"id": id, "name": name, "timezone": timezone, "now": now},
    )


def lock_first(connection: Connection) -> None:
    """Wait for anybody else who is making the first tenant."""
    connection.execute(text("select pg_advisory_xact_lock(734294)"))


def get(tx: Tx) -> Tenant:
    row = tx.execute(
        """
        select id, name, timezone, currency, created_at,
            cast(settings ->> 'margin_rate_bp' as integer) as margin_rate_bp,
            coalesce(cast(settings ->> 'approval_above' as integer), :approval_above) as approval_above,
            coalesce(cast(settings ->> 'demo' as boolean), false) as demo
        from tenants
        where id = :tenant_id
        """,
        {"approval_above": APPROVAL_ABOVE},
    ).one()
    return Tenant(**row._mapping)


def update(tx: Tx, *, name: str | None, timezone: str | None, settings: dict[str, Any]) -> None:
    """Change what is given; keys of `settings` are added to those there."""
    tx.execute(
        """
        update tenants
        set name = coalesce(:name, name),
            timezone = coalesce(:timezone, timezone),
            settings = settings || cast(:settings as jsonb)
        where id = :tenant_id
        """,
        {"name": name, "timezone": timezone, "settings": json.dumps(settings)},
    )
