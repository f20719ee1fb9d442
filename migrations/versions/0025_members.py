"""Whether members may serve customers, and when the address book was read."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("alter table staff add column status bigint, add column serves boolean, add column licensed boolean not null default true")
    op.execute(
        """
        create table address_books (
            tenant_id uuid not null,
            corp_id text not null,
            read_at timestamptz not null,
            primary key (tenant_id, corp_id)
        )
        """
    )
    secure("address_books")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table address_books")
    op.execute("alter table staff drop column status, drop column serves, drop column licensed")
