"""Statements on when WeCom was last asked about one customer alone."""

from collections.abc import Collection
from datetime import datetime

from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId


def looked(tx: Tx, corp: CorpId, external_userids: Collection[str], read_at: datetime) -> None:
    """These customers were asked about at `read_at`; a later look counts."""
    tx.execute(
        """
        insert into customer_looks as l (tenant_id, corp_id, external_userid, read_at)
        select :tenant_id, :corp, e.external_userid, :read_at
        from unnest(cast(:external as text[])) as e (external_userid)
        order by 3
        on conflict (tenant_id, corp_id, external_userid) do update set read_at = excluded.read_at where l.read_at < excluded.read_at
        """,
        {"corp": corp, "external": list(external_userids), "read_at": read_at},
    )


def looked_at(tx: Tx, corp: CorpId, external_userids: Collection[str]) -> dict[str, datetime]:
    """When these customers were last asked about; those who never were are missing."""
    rows = tx.execute(
        "select external_userid, read_at from customer_looks "
        "where tenant_id = :tenant_id and corp_id = :corp and external_userid = any (cast(:external as text[]))",
        {"corp": corp, "external": list(external_userids)},
    )
    return {row.external_userid: row.read_at for row in rows}
