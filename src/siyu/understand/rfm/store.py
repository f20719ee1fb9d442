"""The brand's cut-offs, every version kept."""

import json
from decimal import Decimal

from sqlalchemy import Column, DateTime, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.understand.rfm.model import Cutoffs

rfm_cutoffs = Table(
    "rfm_cutoffs",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("cutoffs", JSONB, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)


def latest(tx: Tx) -> Cutoffs:
    """The cut-offs in force; quintiles when nobody ever edited them."""
    row = tx.execute("select cutoffs from rfm_cutoffs where tenant_id = :tenant_id order by version desc limit 1").scalar()
    if row is None:
        return Cutoffs()
    return Cutoffs(row["mode"], row["measure"], tuple(row["r"]), tuple(row["f"]), tuple(Decimal(bound) for bound in row["m"]))


def append(tx: Tx, cutoffs: Cutoffs) -> int:
    """A new version; its number."""
    return int(
        tx.execute(
            """
            insert into rfm_cutoffs (tenant_id, version, cutoffs, created_by, created_at)
            select :tenant_id, coalesce(max(version), 0) + 1, cast(:cutoffs as jsonb), :by, :now
            from rfm_cutoffs
            where tenant_id = :tenant_id
            returning version
            """,
            {"cutoffs": json.dumps(cutoffs.plain()), "by": tx.actor.label},
        ).scalar_one()
    )
