"""Markings that take back what another one did: each relation keeps which tags were put on it and taken off."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("alter table markings add column undoes uuid")
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\ncreate unique index markings_undone on markings (tenant_id, undoes) where undoes is not null"
    )
    op.execute("alter table marked_relations add column put_on jsonb not null default '[]', add column taken_off jsonb not null default '[]'")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("alter table marked_relations drop column put_on, drop column taken_off")
    op.execute("drop index markings_undone")
    op.execute("alter table markings drop column undoes")
