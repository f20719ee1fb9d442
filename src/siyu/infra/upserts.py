"""Writing rows that may be there already."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
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
