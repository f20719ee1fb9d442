"""Notices of losses to supervisors."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table alert_settings (
            tenant_id uuid not null,
            by_customer boolean not null,
            by_staff boolean not null,
            left_group boolean not null,
            primary key (tenant_id)
        )
        """
    )
    secure("alert_settings")
    op.execute(
        """
        create table loss_notes (
            tenant_id uuid not null,
            id uuid not null,
            recipient_id uuid not null,
            member text not null,
            kind text not null check (kind in ('by_customer', 'by_staff', 'left_group')),
            customer text not null,
            group_name text not null,
            at timestamptz not null,
            primary key (tenant_id, id)
        )
        """
    )
    op.execute("create index loss_notes_of_recipient on loss_notes (tenant_id, recipient_id)")
    secure("loss_notes")
    op.execute(
        """
        create table loss_notices (
            tenant_id uuid not null,
            id uuid not null,
            recipient_id uuid not null,
            title text not null,
            description text not null,
            button text not null,
            losses bigint not null,
            asked_at timestamptz not null,
            state text not null check (state in ('sending', 'sent', 'failed')),
            code bigint not null default 0,
            settled_at timestamptz,
            primary key (tenant_id, id),
            check ((state = 'sending') = (settled_at is null))
        )
        """
    )
    op.execute("create index loss_notices_of_recipient on loss_notices (tenant_id, recipient_id, asked_at)")
    op.execute("create index loss_notices_sending on loss_notices (tenant_id, id) where state = 'sending'")
    secure("loss_notices")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table loss_notices")
    op.execute("drop table loss_notes")
    op.execute("drop table alert_settings")
