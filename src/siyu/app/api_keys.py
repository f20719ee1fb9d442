"""Machines that call the API carry a key: the secret one of a source. The key is kept as a hash and looked up before the tenant is known."""

import hashlib

from sqlalchemy import text

from siyu.infra.database import Database
from siyu.infra.tx import Actor
from siyu.kernel.ids import TenantId

PERMISSIONS = frozenset({"orders.write"})


def resolve(database: Database, key: str) -> tuple[TenantId, Actor] | None:
    """Whose key this is; None for an unknown one. A source may hand in orders and nothing else."""
    with database.lookup() as connection:
        row = connection.execute(text("select * from siyu_source_by_key(:hash)"), {"hash": hashlib.sha256(key.encode()).digest()}).first()
    if row is None:
        return None
    return TenantId(row.tenant_id), Actor("api", row.source_id, row.name, "source", PERMISSIONS)
