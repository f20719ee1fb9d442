"""What WeCom counted of members and of groups by owner, a row for each day."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table staff_days (
            tenant_id uuid not null,
            staff_id uuid not null,
            day date not null,
            requests bigint not null,
            contacts bigint not null,
            chats bigint not null,
            messages bigint not null,
            reply_rate numeric,
            first_reply_minutes numeric,
            lost bigint not null,
            primary key (tenant_id, staff_id, day)
        )
        """
    )
    op.execute("create index staff_days_by_day on staff_days (tenant_id, day)")
    secure("staff_days")
    op.execute(
        """
        create table group_owner_days (
            tenant_id uuid not null,
            staff_id uuid not null,
            day date not null,
            new_groups bigint not null,
            groups bigint not null,
            active_groups bigint not null,
            new_members bigint not null,
            members bigint not null,
            active_members bigint not null,
            messages bigint not null,
            primary key (tenant_id, staff_id, day)
        )
        """
    )
    op.execute("create index group_owner_days_by_day on group_owner_days (tenant_id, day)")
    secure("group_owner_days")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table group_owner_days")
    op.execute("drop table staff_days")
