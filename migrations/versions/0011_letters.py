"""Callbacks that were taken in and wait to be read."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table callback_letters (
            tenant_id uuid not null,
            corp_id uuid not null,
            received_at timestamptz not null,
            digest bytea not null check (length(digest) = 32),
            body bytea not null,
            primary key (tenant_id, corp_id, received_at, digest)
        )
        """
    )
    secure("callback_letters")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table callback_letters")
