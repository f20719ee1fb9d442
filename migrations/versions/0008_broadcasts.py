"""Materials and broadcasts."""

from alembic import op

from siyu.infra.migrate import replicate, secure

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(
        """
        create table materials (
            tenant_id uuid not null,
            id uuid not null,
            title text not null,
            text text not null check (octet_length(text) <= 4000),
            link_url text,
            link_title text,
            created_by text not null,
            created_at timestamptz not null,
            archived_at timestamptz,
            primary key (tenant_id, id)
        )
        """
    )
    secure("materials")
    op.execute(
        """
        create table broadcasts (
            tenant_id uuid not null,
            id uuid not null,
            name text not null,
            segment_id uuid not null,
            material_id uuid not null,
            purpose text not null check (purpose in ('promotion', 'service')),
            holdout_bp integer not null check (holdout_bp between 0 and 5000),
            horizon_days integer not null check (horizon_days between 1 and 60),
            send_at timestamptz,
            state text not null check (state in ('draft', 'awaiting_approval', 'scheduled', 'sending', 'done', 'stopped')),
            created_by text not null,
            created_at timestamptz not null,
            submitted_by text,
            approved_by text,
            frozen_id uuid,
            frozen_count integer,
            starts_at timestamptz,
            started_at timestamptz,
            stopped_at timestamptz,
            done_at timestamptz,
            rejection text,
            primary key (tenant_id, id),
            foreign key (tenant_id, material_id) references materials (tenant_id, id),
            check (state in ('draft', 'stopped') or frozen_id is not null)
        )
        """
    )
    op.execute("create index broadcasts_state on broadcasts (tenant_id, state)")
    secure("broadcasts")
    replicate("broadcasts")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop table broadcasts")
    op.execute("drop table materials")
