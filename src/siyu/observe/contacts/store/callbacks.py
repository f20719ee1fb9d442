"""Statements on the inbox of callbacks and on refreshes."""

import json
from collections.abc import Iterable
from datetime import datetime

from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.contacts.model import Hint, Refresh


def take(tx: Tx, corp: CorpId, digest: bytes, event: str, change_type: str) -> bool:
    """Enter a callback; False when the same body came before."""
    return (
        tx.execute(
            """
            insert into callback_inbox (tenant_id, digest, corp_id, event, change_type, received_at)
            values (:tenant_id, :digest, :corp, :event, :change_type, :now)
            on conflict do nothing
            """,
            {"corp": corp, "digest": digest, "event": event[:100], "change_type": change_type[:100]},
        ).rowcount
        == 1
    )


def forget(tx: Tx, before: datetime, limit: int) -> int:
    """Drop the oldest inbox rows received before an instant; returns how many went."""
    return tx.execute(
        """
        delete from callback_inbox
        where tenant_id = :tenant_id
            and digest in (select digest from callback_inbox where tenant_id = :tenant_id and received_at < :before order by received_at limit :limit)
        """,
        {"before": before, "limit": limit},
    ).rowcount


def ask(tx: Tx, corp: CorpId, external_userid: str, hint: Hint, due_at: datetime) -> None:
    """Look at this customer again at `due_at`; what was asked before and is not done yet is kept beside it."""
    tx.execute(
        """
        insert into contact_refreshes as r (tenant_id, corp_id, external_userid, hints, due_at)
        values (:tenant_id, :corp, :external, jsonb_build_array(cast(:hint as jsonb)), :due_at)
        on conflict (tenant_id, corp_id, external_userid) do update
        set hints = r.hints || excluded.hints, due_at = least(r.due_at, excluded.due_at), seq = r.seq + 1, attempts = 0, parked = null
        """,
        {"corp": corp, "external": external_userid, "hint": json.dumps(hint.stored()), "due_at": due_at},
    )


def due(tx: Tx, corp: CorpId, *, until: datetime, limit: int) -> list[Refresh]:
    """Lease refreshes that are due. A worker that dies leaves them due again at `until`."""
    rows = tx.execute(
        """
        update contact_refreshes r
        set due_at = :until, attempts = r.attempts + 1
        from (
            select external_userid
            from contact_refreshes
            where tenant_id = :tenant_id and corp_id = :corp and due_at <= :now and parked is null
            order by due_at, external_userid
            limit :limit
            for update skip locked
        ) d
        where r.tenant_id = :tenant_id and r.corp_id = :corp and r.external_userid = d.external_userid
        returning r.external_userid, r.seq, r.attempts, r.hints
        """,
        {"corp": corp, "until": until, "limit": limit},
    )
    return [Refresh(row.external_userid, row.seq, row.attempts, tuple(Hint.read(hint) for hint in row.hints)) for row in rows]


def settle(tx: Tx, corp: CorpId, done: Iterable[tuple[str, int]]) -> None:
    """Refreshes that are done go, unless something new was asked of them meanwhile: those are due at once."""
    keys = list(done)
    params = {"corp": corp, "external": [external for external, _ in keys], "seqs": [seq for _, seq in keys]}
    tx.execute(
        """
        delete from contact_refreshes r
        using unnest(cast(:external as text[]), cast(:seqs as bigint[])) as d (external_userid, seq)
        where r.tenant_id = :tenant_id and r.corp_id = :corp and r.external_userid = d.external_userid and r.seq = d.seq
        """,
        params,
    )
    tx.execute(
        """
        update contact_refreshes r
        set due_at = :now
        from unnest(cast(:external as text[]), cast(:seqs as bigint[])) as d (external_userid, seq)
        where r.tenant_id = :tenant_id and r.corp_id = :corp and r.external_userid = d.external_userid and r.seq <> d.seq
        """,
        params,
    )


def put_off(tx: Tx, corp: CorpId, external_userid: str, *, due_at: datetime | None, parked: str | None) -> None:
    """Try a refresh again at `due_at`, or park it with a reason for a person to see."""
    tx.execute(
        """
        update contact_refreshes
        set due_at = coalesce(:due_at, due_at), parked = :parked
        where tenant_id = :tenant_id and corp_id = :corp and external_userid = :external
        """,
        {"corp": corp, "external": external_userid, "due_at": due_at, "parked": parked},
    )


def waiting(tx: Tx, corp: CorpId) -> bool:
    """Whether refreshes are due and not parked."""
    return bool(
        tx.execute(
            "select exists (select from contact_refreshes where tenant_id = :tenant_id and corp_id = :corp and parked is null and due_at <= :now)",
            {"corp": corp},
        ).scalar()
    )
