"""Who came under a state is counted by indexes, built while others read and write."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("drop index concurrently if exists contacts_by_state")
        op.execute("create index concurrently if not exists contacts_by_state on contacts (tenant_id, state, staff_id) where state <> ''")
        op.execute("drop index concurrently if exists group_members_by_state")
        op.execute("create index concurrently if not exists group_members_by_state on group_members (tenant_id, state) where state <> ''")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop index group_members_by_state")
    op.execute("drop index contacts_by_state")
