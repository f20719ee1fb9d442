"""When WeCom's check of a callback address was last answered."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '5s'")
    op.execute("alter table corps add column address_verified_at timestamptz")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '5s'")
    op.execute("alter table corps drop column address_verified_at")
