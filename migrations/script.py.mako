"""${message}"""

from alembic import op

from siyu.infra.migrate import replicate, secure

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
