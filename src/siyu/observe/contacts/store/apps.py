"""Statements on corps."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId


def insert_corp(tx: Tx, id: CorpId, values: Mapping[str, Any]) -> bool:
    """False when this app of this corp is there already."""
    return (
        tx.execute(
            """
            insert into corps (tenant_id, id, corp_id, agent_id, name, base_url, secret, callback_token, callback_aes_key, callback_key, created_at)
            values (:tenant_id, :id, :corp_id, :agent_id, :name, :base_url, :secret, :callback_token, :callback_aes_key, :callback_key, :now)
            on conflict (tenant_id, corp_id, agent_id) do nothing
            """,
            {"id": id, **values},
        ).rowcount
        == 1
    )


def corp_rows(tx: Tx) -> Sequence[Row[Any]]:
    """All corps with their sealed secrets, oldest first."""
    return tx.execute(
        """
        select id, corp_id, agent_id, name, base_url, secret, callback_token, callback_aes_key, callback_key, active, synced_at
        from corps
        where tenant_id = :tenant_id
        order by id
        """
    ).all()


def synced(tx: Tx, corp: CorpId) -> None:
    """A full sync has come to its end."""
    tx.execute("update corps set synced_at = :now where tenant_id = :tenant_id and id = :id", {"id": corp})
