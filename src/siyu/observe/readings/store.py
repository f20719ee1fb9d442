"""The table of full readings and every statement on it."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Table, Text, Uuid, select

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.readings.model import Reading, Tally

readings = Table(
    "readings",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("read_at", DateTime(timezone=True), nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("new", BigInteger),
    Column("changed", BigInteger),
    Column("gone", BigInteger),
)


def note(tx: Tx, corp: CorpId, name: str, read_at: datetime, total: int, found: Tally) -> None:
    """Keep what a reading found; the first has nothing to compare with, and one that began before the one we hold changes nothing."""
    tx.execute(
        """
        insert into readings as r (tenant_id, corp_id, object, read_at, total)
        values (:tenant_id, :corp, :object, :read_at, :total)
        on conflict (tenant_id, corp_id, object) do update
        set read_at = excluded.read_at, total = excluded.total, new = :new, changed = :changed, gone = :gone
        where r.read_at < excluded.read_at
        """,
        {"corp": corp, "object": name, "read_at": read_at, "total": total, **found.__dict__},
    )


def held(tx: Tx, corp: CorpId) -> dict[str, Reading]:
    """The last reading of each kind that has been read in full."""
    rows = tx.execute(select(readings).where(readings.c.tenant_id == tx.tenant_id, readings.c.corp_id == corp))
    return {row.object: Reading(row.read_at, row.total, None if row.new is None else Tally(row.new, row.changed, row.gone)) for row in rows}
