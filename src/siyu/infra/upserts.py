"""Writing rows that may be there already."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from siyu.infra.tx import Tx


def upsert(tx: Tx, target: Table, rows: Sequence[Mapping[str, Any]], *, keep: Sequence[str] = ()) -> None:
    """Insert the actor's tenant's rows, each with the same columns, or overwrite those of the same primary key; columns in `keep` stay as they were."""
    if not rows:
        return
    statement = insert(target)
    fixed = {column.name for column in target.primary_key} | set(keep)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in fixed}
    keys = [column.name for column in target.primary_key]
    tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), [{"tenant_id": tx.tenant_id, **row} for row in rows])


def write_differing(tx: Tx, target: Table, rows: Sequence[Mapping[str, Any]], *, within: Sequence[str]) -> int:
    """Upsert those of `rows` that are not held just so; all of them say the same in the columns `within`, a part of the primary key. Returns how many."""
    if not rows:
        return 0
    here = [target.c[name] == rows[0][name] for name in within]
    keys = [column.name for column in target.primary_key if column.name != "tenant_id"]
    held = {tuple(row._mapping[key] for key in keys): row._mapping for row in tx.execute(select(target).where(target.c.tenant_id == tx.tenant_id, *here))}
    wanted = [row for row in rows if {"tenant_id": tx.tenant_id, **row} != dict(held.get(tuple(row[key] for key in keys), {}))]
    upsert(tx, target, wanted)
    return len(wanted)
