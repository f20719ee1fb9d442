"""The table of materials and every statement on it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, DateTime, Row, Table, Text, Uuid

from siyu.act.materials.model import Material
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import MaterialId

materials = Table(
    "materials",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("link_url", Text),
    Column("link_title", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("archived_at", DateTime(timezone=True)),
)


def insert(tx: Tx, material: Material) -> None:
    tx.execute(
        """
        insert into materials (tenant_id, id, title, text, link_url, link_title, created_by, created_at)
        values (:tenant_id, :id, :title, :text, :link_url, :link_title, :created_by, :now)
        """,
        {
            "id": material.id,
            "title": material.title,
            "text": material.text,
            "link_url": material.link_url,
            "link_title": material.link_title,
            "created_by": material.created_by,
        },
    )


def find(tx: Tx, id: MaterialId, *, in_use: bool) -> Material | None:
    row = tx.execute(
        """
        select id, title, text, link_url, link_title, created_by, created_at, archived_at is not null as archived
        from materials
        where tenant_id = :tenant_id and id = :id and (archived_at is null or not :in_use)
        """,
        {"id": id, "in_use": in_use},
    ).first()
    return _material(row) if row else None


def page(tx: Tx, *, before: MaterialId | None, limit: int) -> Sequence[Material]:
    """Newest first, archived ones left out."""
    rows = tx.execute(
        """
        select id, title, text, link_url, link_title, created_by, created_at, archived_at is not null as archived
        from materials
        where tenant_id = :tenant_id and archived_at is null and (cast(:before as uuid) is null or id < :before)
        order by id desc
        limit :limit
        """,
        {"before": before, "limit": limit},
    )
    return [_material(row) for row in rows]


def archive(tx: Tx, id: MaterialId) -> bool:
    return tx.execute("update materials set archived_at = :now where tenant_id = :tenant_id and id = :id and archived_at is null", {"id": id}).rowcount == 1


def _material(row: Row[Any]) -> Material:
    return Material(**row._mapping)
