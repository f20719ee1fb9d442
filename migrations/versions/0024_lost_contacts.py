"""Losses are found by when they happened."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "create index contacts_lost on contacts (tenant_id, ended_at desc, id desc) where relation in ('deleted_by_customer', 'deleted_by_staff')"
    )
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\ncreate index group_members_left on group_members (tenant_id, left_at) where left_at is not null"
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop index group_members_left")
    op.execute("drop index contacts_lost")
