"""Statements on wrong secrets that were tried before anything was saved."""

from datetime import datetime

from siyu.infra.tx import Tx
from siyu.kernel.ids import uuid7


def wrong_trials(tx: Tx, corp_id: str, since: datetime) -> list[datetime]:
    """When wrong secrets were tried for this corp."""
    rows = tx.execute(
        "select tried_at from secret_trials where tenant_id = :tenant_id and corp_id = :corp_id and tried_at > :since",
        {"corp_id": corp_id, "since": since},
    )
    return [row.tried_at for row in rows]


def all_wrong_trials(tx: Tx, since: datetime) -> list[datetime]:
    """When wrong secrets were tried from this server, by whichever brand."""
    return [row.at for row in tx.execute("select at from siyu_secret_trials(:since) as t (at)", {"since": since})]


def keep_wrong_trial(tx: Tx, corp_id: str, code: int, forgotten: datetime) -> None:
    """Count a wrong secret; those tried up to `forgotten` count no more."""
    tx.execute("delete from secret_trials where tenant_id = :tenant_id and tried_at <= :forgotten", {"forgotten": forgotten})
    tx.execute(
        "insert into secret_trials (tenant_id, id, corp_id, code, tried_at) values (:tenant_id, :id, :corp_id, :code, :now)",
        {"id": uuid7(tx.now), "corp_id": corp_id, "code": code},
    )


def forget_trials(tx: Tx, corp_id: str) -> None:
    """A secret of this corp was right."""
    tx.execute("delete from secret_trials where tenant_id = :tenant_id and corp_id = :corp_id", {"corp_id": corp_id})
