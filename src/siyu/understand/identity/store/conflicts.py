"""Statements on conflicts."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from siyu.infra.tx import Tx
from siyu.kernel.ids import IdentityId
from siyu.understand.identity.model import Conflict


def keep_conflicts(tx: Tx, among: Collection[IdentityId], conflicts: Mapping[UUID, Conflict]) -> None:
    """Open those conflicts that are not open yet, under the given ids, and close those among these identities that are none any more."""
    tx.execute(
        """
        update identity_conflicts c
        set closed_at = :now
        where c.tenant_id = :tenant_id
            and c.closed_at is null
            and c.contradicting[1] = any (cast(:among as uuid[]))
            and not exists (
                select from jsonb_to_recordset(cast(:rows as jsonb)) as n (namespace text, contradicting text)
                where n.namespace = c.namespace and cast(n.contradicting as uuid[]) = c.contradicting
            )
        """,
        {"among": list(among), "rows": _conflicts(conflicts)},
    )
    if conflicts:
        tx.execute(
            """
            insert into identity_conflicts as c (tenant_id, id, namespace, contradicting, contested, opened_at)
            select :tenant_id, n.id, n.namespace, cast(n.contradicting as uuid[]), cast(n.contested as uuid[]), :now
            from jsonb_to_recordset(cast(:rows as jsonb)) as n (id uuid, namespace text, contradicting text, contested text)
            on conflict (tenant_id, namespace, contradicting) where closed_at is null do update
            set contested = excluded.contested
            where c.contested <> excluded.contested
            """,
            {"rows": _conflicts(conflicts)},
        )


def open_conflicts(tx: Tx, limit: int) -> list[tuple[UUID, Conflict, datetime]]:
    """Conflicts that wait for a person, oldest first."""
    rows = tx.execute(
        """
        select id, namespace, contradicting, contested, opened_at
        from identity_conflicts
        where tenant_id = :tenant_id and closed_at is null
        order by opened_at, id
        limit :limit
        """,
        {"limit": limit},
    )
    return [(row.id, Conflict(row.namespace, tuple(row.contradicting), tuple(row.contested)), row.opened_at) for row in rows]


def _conflicts(conflicts: Mapping[UUID, Conflict]) -> str:
    return json.dumps(
        [
            {"id": str(id), "namespace": one.namespace, "contradicting": _array(one.contradicting), "contested": _array(one.contested)}
            for id, one in conflicts.items()
        ]
    )


def _array(ids: Sequence[IdentityId]) -> str:
    return "{" + ",".join(str(id) for id in ids) + "}"
