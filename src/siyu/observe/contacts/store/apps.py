"""Statements on corps."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, update
from sqlalchemy.exc import IntegrityError

from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.contacts.store.tables import corps


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
        select
            tenant_id, id, corp_id, agent_id, name, base_url, secret, callback_token, callback_aes_key, callback_key, active, synced_at,
            token_refusals, token_refused_code, token_refused_at, old_callback_token, old_callback_aes_key, old_keys_until,
            address_verified_at
        from corps
        where tenant_id = :tenant_id
        order by id
        """
    ).all()


def corp_names(tx: Tx) -> dict[str, str]:
    """What each corp is called here, by WeCom's id; of several apps the oldest one's name."""
    rows = tx.execute("select distinct on (corp_id) corp_id, name from corps where tenant_id = :tenant_id order by corp_id, id")
    return {row.corp_id: row.name for row in rows}


def synced(tx: Tx, corp: CorpId) -> None:
    """A full sync has come to its end."""
    tx.execute("update corps set synced_at = :now where tenant_id = :tenant_id and id = :id", {"id": corp})


def verified(tx: Tx, id: CorpId) -> None:
    """WeCom's check of our address was answered."""
    tx.execute("update corps set address_verified_at = :now where tenant_id = :tenant_id and id = :id", {"id": id})


def change_corp(tx: Tx, id: CorpId, values: Mapping[str, Any]) -> bool:
    """Write columns of a corp; False when another app of it has this agent id."""
    statement = update(corps).where(corps.c.tenant_id == tx.tenant_id, corps.c.id == id).values(**values)
    try:
        with tx.connection.begin_nested():
            tx.execute(statement)
    except IntegrityError:
        return False
    return True


def refusals(tx: Tx, id: CorpId) -> tuple[int, int]:
    """(wrong secrets in a row, code of the last or 0)."""
    row = tx.execute("select token_refusals, token_refused_code from corps where tenant_id = :tenant_id and id = :id", {"id": id}).one()
    return row.token_refusals, row.token_refused_code or 0


def refused(tx: Tx, id: CorpId, code: int) -> None:
    """Count one more wrong secret."""
    tx.execute(
        """
        update corps
        set token_refusals = token_refusals + 1, token_refused_code = :code, token_refused_at = :now
        where tenant_id = :tenant_id and id = :id
        """,
        {"id": id, "code": code},
    )


def forgive(tx: Tx, id: CorpId) -> None:
    """The secret was right, or somebody wants it tried again."""
    tx.execute(
        """
        update corps
        set token_refusals = 0, token_refused_code = null, token_refused_at = null
        where tenant_id = :tenant_id and id = :id and token_refusals > 0
        """,
        {"id": id},
    )
