"""The table of album products and every statement on it."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Row, Table, Text, Uuid, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.infra.upserts import upsert
from siyu.kernel.ids import CorpId
from siyu.observe.albums.model import Held, Product, Shown

album_products = Table(
    "album_products",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("product_id", Text, primary_key=True),
    Column("place", Uuid, nullable=False),
    Column("description", Text, nullable=False),
    Column("price_fen", BigInteger, nullable=False),
    Column("number", Text, nullable=False),
    Column("picture_ids", JSONB, nullable=False),
    Column("deleted_at", DateTime(timezone=True)),
)


def held(tx: Tx, corp: CorpId, ids: Collection[str]) -> dict[str, Held]:
    """Those of these products that we hold, deleted ones included."""
    mine = (album_products.c.tenant_id == tx.tenant_id, album_products.c.corp_id == corp, album_products.c.product_id.in_(sorted(ids)))
    return {row.product_id: Held(_product(row), row.deleted_at is not None) for row in tx.execute(select(album_products).where(*mine))}


def write(tx: Tx, corp: CorpId, products: Sequence[Product], places: Sequence[UUID]) -> None:
    """Insert or overwrite listed products; those that are there keep their places."""
    rows = [{"corp_id": corp, "place": place, **one.__dict__, "deleted_at": None} for one, place in zip(products, places, strict=True)]
    upsert(tx, album_products, rows, keep=["place"])


def end_unlisted(tx: Tx, corp: CorpId, listed: Collection[str]) -> int:
    """Mark products that a full list did not hold as deleted; returns how many."""
    return tx.execute(
        """
        update album_products
        set deleted_at = :now
        where tenant_id = :tenant_id and corp_id = :corp and deleted_at is null and product_id <> all (cast(:listed as text[]))
        """,
        {"corp": corp, "listed": list(listed)},
    ).rowcount


def page(tx: Tx, *, q: str | None, apps: Collection[CorpId] | None, deleted: bool, before: UUID | None, limit: int) -> list[Shown]:
    """Products, the latest known first, with `place` below `before`. `q`: part of description or number."""
    columns = album_products.c
    statement = select(album_products).where(columns.tenant_id == tx.tenant_id, columns.deleted_at.is_not(None) if deleted else columns.deleted_at.is_(None))
    if q:
        statement = statement.where(or_(columns.description.icontains(q, autoescape=True), columns.number.icontains(q, autoescape=True)))
    if apps is not None:
        statement = statement.where(columns.corp_id.in_(apps))
    if before:
        statement = statement.where(columns.place < before)
    rows = tx.execute(statement.order_by(columns.place.desc()).limit(limit))
    return [Shown(CorpId(row.corp_id), row.place, _product(row), row.deleted_at) for row in rows]


def _product(row: Row[Any]) -> Product:
    return Product(row.product_id, row.description, row.price_fen, row.number, row.picture_ids)
