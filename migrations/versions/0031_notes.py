"""What members note of their customers: company and phones, and tags that are not of the corp's library."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        "alter table contacts add column company text not null default '', add column mobiles text not null default '', "
        "add column other_tags jsonb not null default '[]'"
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("alter table contacts drop column company, drop column mobiles, drop column other_tags")
