"""What others sent to a customer is found by the customer."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "create index corp_send_receivers_reached on corp_send_receivers (tenant_id, identity_id, sent_at) where status = 1"
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop index corp_send_receivers_reached")
