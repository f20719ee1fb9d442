"""RFM cut-offs, segments and their frozen members."""

from alembic import op

from siyu.infra.migrate import replicate, secure

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(
        """
        create table rfm_cutoffs (
            tenant_id uuid not null,
            version integer not null,
            cutoffs jsonb not null,
            created_by text not null,
            created_at timestamptz not null,
            primary key (tenant_id, version)
        )
        """
    )
    secure("rfm_cutoffs", append_only=True)
    op.execute(
        """
        create table segments (
            tenant_id uuid not null,
            id uuid not null,
            name text not null,
            filter jsonb not null,
            created_by text not null,
            created_at timestamptz not null,
            archived_at timestamptz,
            primary key (tenant_id, id)
        )
        """
    )
    secure("segments")
    op.execute(
        """
        create table segment_lists (
            tenant_id uuid not null,
            id uuid not null,
            segment_id uuid not null,
            filter jsonb not null,
            members integer not null check (members >= 0),
            hash text not null,
            as_of timestamptz not null,
            created_by text not null,
            created_at timestamptz not null,
            primary key (tenant_id, id),
            foreign key (tenant_id, segment_id) references segments (tenant_id, id)
        )
        """
    )
    op.execute("create index segment_lists_segment on segment_lists (tenant_id, segment_id, created_at desc)")
    secure("segment_lists", append_only=True)
    op.execute(
        """
        create table segment_members (
            tenant_id uuid not null,
            list_id uuid not null,
            customer_id uuid not null,
            primary key (tenant_id, list_id, customer_id),
            foreign key (tenant_id, list_id) references segment_lists (tenant_id, id)
        )
        """
    )
    secure("segment_members", append_only=True)
    replicate("segment_members", key=("tenant_id", "list_id", "customer_id"))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in ("segment_members", "segment_lists", "segments", "rfm_cutoffs"):
        op.execute(f"drop table {table}")
