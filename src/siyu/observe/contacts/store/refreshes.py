"""Statements on refreshes: customers to look at again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.contacts.model import Hint, Refresh


def ask(tx: Tx, corp: CorpId, hints: Mapping[str, Sequence[Hint]], due_at: datetime) -> None:
    """Look at these customers again at `due_at`; what was asked before and is not done yet is kept beside it."""
    ordered = sorted(hints.items())
    tx.execute(
        """
        insert into contact_refreshes as r (tenant_id, corp_id, external_userid, hints, seq, due_at)
        select :tenant_id, :corp, a.external_userid, cast(a.hints as jsonb), a.asked, :due_at
        from unnest(cast(:external as text[]), cast(:hints as text[]), cast(:asked as bigint[])) as a (external_userid, hints, asked)
        on conflict (tenant_id, corp_id, external_userid) do update
        set hints = r.hints || excluded.hints, due_at = least(r.due_at, excluded.due_at), seq = r.seq + excluded.seq, attempts = 0, parked = null
        """,
        {
            "corp": corp,
            "external": [external for external, _ in ordered],
            "hints": [json.dumps([hint.stored() for hint in told]) for _, told in ordered],
            "asked": [len(told) for _, told in ordered],
            "due_at": due_at,
        },
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
