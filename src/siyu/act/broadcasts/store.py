"""The table of broadcasts and every statement on it."""

import dataclasses
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Integer, Row, Table, Text, Uuid, select, update

from siyu.act.broadcasts.model import Broadcast, Purpose, State
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import BroadcastId, CustomerId, StaffId

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("segment_id", Uuid, nullable=False),
    Column("material_id", Uuid, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("holdout_bp", Integer, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("send_at", DateTime(timezone=True)),
    Column("state", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("submitted_by", Text),
    Column("approved_by", Text),
    Column("frozen_id", Uuid),
    Column("frozen_count", Integer),
    Column("starts_at", DateTime(timezone=True)),
    Column("started_at", DateTime(timezone=True)),
    Column("stopped_at", DateTime(timezone=True)),
    Column("done_at", DateTime(timezone=True)),
    Column("rejection", Text),
    Column("version", BigInteger, nullable=False, server_default="1"),
    Column("changed_by", Text),
)
_COLUMNS = [broadcasts.c[field.name] for field in dataclasses.fields(Broadcast)]


def insert(tx: Tx, broadcast: Broadcast) -> None:
    tx.connection.execute(broadcasts.insert().values(tenant_id=tx.tenant_id, **_values(broadcast)))


def save(tx: Tx, broadcast: Broadcast) -> None:
    """Write every column back; the row was locked by `find(…, lock=True)`."""
    tx.connection.execute(update(broadcasts).where(broadcasts.c.tenant_id == tx.tenant_id, broadcasts.c.id == broadcast.id).values(**_values(broadcast)))


def find(tx: Tx, id: BroadcastId, *, lock: bool = False) -> Broadcast | None:
    query = select(*_COLUMNS).where(broadcasts.c.tenant_id == tx.tenant_id, broadcasts.c.id == id)
    row = tx.connection.execute(query.with_for_update() if lock else query).first()
    return _broadcast(row) if row else None


def page(tx: Tx, *, before: UUID | None, limit: int) -> Sequence[Broadcast]:
    """Newest first."""
    query = select(*_COLUMNS).where(broadcasts.c.tenant_id == tx.tenant_id)
    if before is not None:
        query = query.where(broadcasts.c.id < before)
    return [_broadcast(row) for row in tx.connection.execute(query.order_by(broadcasts.c.id.desc()).limit(limit))]


def under_way(tx: Tx) -> Sequence[BroadcastId]:
    """Broadcasts that are being sent."""
    query = select(broadcasts.c.id).where(broadcasts.c.tenant_id == tx.tenant_id, broadcasts.c.state == State.SENDING)
    return [BroadcastId(row.id) for row in tx.connection.execute(query)]


def names(tx: Tx, customers: Collection[CustomerId]) -> dict[CustomerId, str | None]:
    """Names of customers."""
    rows = tx.execute("select id, name from customers where tenant_id = :tenant_id and id = any (cast(:ids as uuid[]))", {"ids": list(customers)})
    return {CustomerId(row.id): row.name for row in rows}


def staff_names(tx: Tx, staff: Collection[StaffId]) -> dict[StaffId, str]:
    """Names of members of staff."""
    rows = tx.execute("select id, name from staff where tenant_id = :tenant_id and id = any (cast(:ids as uuid[]))", {"ids": list(staff)})
    return {StaffId(row.id): row.name for row in rows}


def _values(broadcast: Broadcast) -> dict[str, Any]:
    return {field.name: getattr(broadcast, field.name) for field in dataclasses.fields(broadcast)}


def _broadcast(row: Row[Any]) -> Broadcast:
    values = dict(row._mapping)
    return Broadcast(**{**values, "purpose": Purpose(values["purpose"]), "state": State(values["state"])})
