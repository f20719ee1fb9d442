"""When each kind of object was last read from WeCom in full, and what that mended."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table readings (
            tenant_id uuid not null,
            corp_id uuid not null,
            object text not null,
            read_at timestamptz not null,
            total bigint not null,
            new bigint,
            changed bigint,
            gone bigint,
            primary key (tenant_id, corp_id, object)
        )
        """
    )
    secure("readings")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table readings")
