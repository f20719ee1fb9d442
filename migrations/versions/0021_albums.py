"""Products of each corp's album (商品图册) as WeCom keeps them."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table album_products (
            tenant_id uuid not null,
            corp_id uuid not null,
            product_id text not null,
            place uuid not null,
            description text not null,
            price_fen bigint not null,
            number text not null,
            picture_ids jsonb not null,
            deleted_at timestamptz,
            primary key (tenant_id, corp_id, product_id)
        )
        """
    )
    op.execute("create index album_products_latest on album_products (tenant_id, place)")
    secure("album_products")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table album_products")
