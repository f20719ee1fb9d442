"""The table of products and every statement on it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, DateTime, Table, Text, Uuid

from siyu.infra import arrays
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx

products = Table(
    "products",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("shop", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("name", Text),
    Column("category", Text),
    Column("named_at", DateTime(timezone=True), nullable=False),
)


def upsert(tx: Tx, shop: str, rows: Sequence[tuple[str, str | None, datetime]]) -> None:
    """Insert unknown goods, rename known ones whose name is older; rows ordered by sku."""
    tx.execute(
        """
        insert into products as p (tenant_id, shop, sku, name, named_at)
        select :tenant_id, :shop, s.sku, s.name, s.named_at
        from unnest(cast(:skus as text[]), cast(:names as text[]), cast(:named_at as timestamptz[])) as s (sku, name, named_at)
        on conflict (tenant_id, shop, sku) do update
        set name = excluded.name, named_at = excluded.named_at
        where excluded.name is not null
            and (p.name is null or (excluded.named_at, excluded.name collate "C") > (p.named_at, p.name collate "C"))
        """,
        {
            "shop": shop,
            "skus": arrays.texts([sku for sku, _, _ in rows]),
            "names": arrays.texts([name for _, name, _ in rows]),
            "named_at": arrays.instants([at for _, _, at in rows]),
        },
    )
