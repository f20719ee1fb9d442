"""Statements on what the doctor found, and on what he compares."""

import json
from collections.abc import Sequence
from datetime import datetime

from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.contacts.findings import DOCTOR_EVENT, Finding, Standing


def standings(tx: Tx, corp: CorpId) -> list[Standing]:
    """What was found last, in no order."""
    rows = tx.execute(
        """
        select check_id, state, outcome, facts, since, checked_at
        from corp_findings
        where tenant_id = :tenant_id and corp_id = :corp
        """,
        {"corp": corp},
    )
    return [Standing(Finding(row.check_id, row.state, row.outcome, row.facts), row.since, row.checked_at) for row in rows]


def keep_findings(tx: Tx, corp: CorpId, findings: Sequence[Finding]) -> None:
    """Write an examination over the one before; `since` stays while state and outcome do."""
    tx.execute(
        """
        insert into corp_findings as f (tenant_id, corp_id, check_id, state, outcome, facts, since, checked_at)
        values (:tenant_id, :corp, :check, :state, :outcome, cast(:facts as jsonb), :now, :now)
        on conflict (tenant_id, corp_id, check_id) do update
        set state = excluded.state, outcome = excluded.outcome, facts = excluded.facts, checked_at = excluded.checked_at,
            since = case when (f.state, f.outcome) = (excluded.state, excluded.outcome) then f.since else excluded.since end
        """,
        [
            {
                "tenant_id": tx.tenant_id,
                "now": tx.now,
                "corp": corp,
                "check": one.check,
                "state": one.state,
                "outcome": one.outcome,
                "facts": json.dumps(one.facts),
            }
            for one in findings
        ],
    )


def arrived(tx: Tx, corp: CorpId, digest: bytes) -> bool:
    """Whether a callback with this digest has come in."""
    return bool(
        tx.execute(
            "select exists (select from callback_inbox where tenant_id = :tenant_id and corp_id = :corp and digest = :digest)",
            {"corp": corp, "digest": digest},
        ).scalar()
    )


def last_callback(tx: Tx, corp: CorpId) -> datetime | None:
    """When WeCom last called; None when it has not done so in the time that callbacks are kept."""
    at: datetime | None = tx.execute(
        """
        select received_at
        from callback_inbox
        where tenant_id = :tenant_id and corp_id = :corp and event not in ('', :own)
        order by received_at desc
        limit 1
        """,
        {"corp": corp, "own": DOCTOR_EVENT},
    ).scalar()
    return at


def unionids(tx: Tx, corp: CorpId) -> tuple[int, int]:
    """(relations with WeChat users that stand, those of them with a unionid)."""
    row = tx.execute(
        """
        select count(*) as contacts, count(unionid) as known
        from contacts
        where tenant_id = :tenant_id and corp_id = :corp and relation = 'active' and external_userid like 'wm%'
        """,
        {"corp": corp},
    ).one()
    return row.contacts, row.known


def listed(tx: Tx, corp: CorpId, corp_id: str) -> dict[str, int]:
    """By userid of every member we know, how many relations we believe WeCom to list: it goes on listing customers who deleted the member."""
    rows = tx.execute(
        """
        select s.userid, count(c.id) as relations
        from staff s
        left join contacts c on c.tenant_id = s.tenant_id and c.staff_id = s.id and c.corp_id = :corp and c.relation in ('active', 'deleted_by_customer')
        where s.tenant_id = :tenant_id and s.corp_id = :corp_id
        group by s.userid
        """,
        {"corp": corp, "corp_id": corp_id},
    )
    return {row.userid: row.relations for row in rows}
