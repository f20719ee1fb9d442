"""When WeCom was last asked about one customer alone: only that tells personal tags."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table customer_looks (
            tenant_id uuid not null,
            corp_id uuid not null,
            external_userid text not null,
            read_at timestamptz not null,
            primary key (tenant_id, corp_id, external_userid)
        )
        """
    )
    secure("customer_looks")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table customer_looks")
