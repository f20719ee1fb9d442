"""Statements on merges and separations."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, IdentityId
from siyu.understand.identity.model import PastMerge


def merge(tx: Tx, merges: Sequence[PastMerge]) -> None:
    """Record merges and let the losers point to their survivors."""
    if not merges:
        return
    tx.execute(
        """
        insert into customer_merges (tenant_id, id, survivor_id, loser_id, identities, merged_at)
        select :tenant_id, m.id, m.survivor_id, m.loser_id, array(select cast(jsonb_array_elements_text(m.identities) as uuid)), :now
        from jsonb_to_recordset(cast(:rows as jsonb)) as m (id uuid, survivor_id uuid, loser_id uuid, identities jsonb)
        """,
        {
            "rows": json.dumps(
                [
                    {
                        "id": str(one.id),
                        "survivor_id": str(one.survivor_id),
                        "loser_id": str(one.loser_id),
                        "identities": sorted(str(id) for id in one.identities),
                    }
                    for one in merges
                ]
            )
        },
    )
    tx.execute(
        """
        update customers c
        set merged_into = m.survivor_id
        from unnest(cast(:losers as uuid[]), cast(:survivors as uuid[])) as m (loser_id, survivor_id)
        where c.tenant_id = :tenant_id and c.id = m.loser_id
        """,
        {"losers": [one.loser_id for one in merges], "survivors": [one.survivor_id for one in merges]},
    )


def undo(tx: Tx, merges: Sequence[PastMerge]) -> None:
    """Mark merges as undone and let their losers stand for themselves again."""
    if not merges:
        return
    tx.execute(
        "update customer_merges set undone_at = :now, undone_by = :by where tenant_id = :tenant_id and id = any (cast(:ids as uuid[]))",
        {"ids": [one.id for one in merges], "by": tx.actor.label},
    )
    tx.execute(
        "update customers set merged_into = null where tenant_id = :tenant_id and id = any (cast(:losers as uuid[]))",
        {"losers": [one.loser_id for one in merges]},
    )


def past_merges(tx: Tx, survivors: Collection[CustomerId]) -> list[PastMerge]:
    """Merges into these customers, and into those that were merged into them, as far as not undone."""
    rows = tx.execute(
        """
        with recursive past (id, survivor_id, loser_id, identities) as (
            select m.id, m.survivor_id, m.loser_id, m.identities
            from customer_merges m
            where m.tenant_id = :tenant_id and m.undone_at is null and m.survivor_id = any (cast(:survivors as uuid[]))
            union all
            select m.id, m.survivor_id, m.loser_id, m.identities
            from past p
            join customer_merges m on m.tenant_id = :tenant_id and m.undone_at is null and m.survivor_id = p.loser_id
        )
        select id, survivor_id, loser_id, identities from past
        """,
        {"survivors": list(survivors)},
    )
    return [_merge(row) for row in rows]


def find_merge(tx: Tx, id: UUID) -> PastMerge | None:
    """A merge that was not undone."""
    row = tx.execute(
        "select id, survivor_id, loser_id, identities from customer_merges where tenant_id = :tenant_id and id = :id and undone_at is null", {"id": id}
    ).first()
    return _merge(row) if row else None


def separate(tx: Tx, pairs: Iterable[tuple[IdentityId, IdentityId]]) -> None:
    """A person said that these do not belong together, whatever links say."""
    ordered = sorted({(min(pair), max(pair)) for pair in pairs})
    tx.execute(
        """
        insert into identity_separations (tenant_id, a, b, at, by)
        select :tenant_id, p.a, p.b, :now, :by
        from unnest(cast(:a as uuid[]), cast(:b as uuid[])) as p (a, b)
        on conflict do nothing
        """,
        {"by": tx.actor.label, "a": [a for a, _ in ordered], "b": [b for _, b in ordered]},
    )


def _merge(row: Row[Any]) -> PastMerge:
    return PastMerge(row.id, CustomerId(row.survivor_id), CustomerId(row.loser_id), frozenset(map(IdentityId, row.identities)))
