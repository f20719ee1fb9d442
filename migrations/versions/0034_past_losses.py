"""Losses that came to an end: customers who were added again by the member whom they, or who, had deleted."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table past_losses (
            tenant_id uuid not null,
            id uuid not null,
            staff_id uuid not null,
            identity_id uuid not null,
            relation text not null check (relation in ('deleted_by_customer', 'deleted_by_staff')),
            added_at timestamptz not null,
            ended_at timestamptz not null,
            returned_at timestamptz not null,
            add_way bigint not null,
            state text not null,
            primary key (tenant_id, id),
            unique (tenant_id, staff_id, identity_id, added_at),
            check (returned_at > added_at)
        )
        """
    )
    op.execute("create index past_losses_ended on past_losses (tenant_id, ended_at desc, id desc)")
    secure("past_losses")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table past_losses")
