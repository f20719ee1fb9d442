"""Handovers of customer groups."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table group_handovers (
            tenant_id uuid not null,
            id uuid not null,
            corp_id uuid not null,
            kind text not null check (kind in ('in_service', 'resigned')),
            giver_id uuid not null,
            taker_id uuid not null,
            reason text not null,
            created_by text not null,
            created_at timestamptz not null,
            primary key (tenant_id, id),
            check (giver_id <> taker_id)
        )
        """
    )
    secure("group_handovers")
    op.execute(
        """
        create table handed_groups (
            tenant_id uuid not null,
            handover_id uuid not null,
            chat_id text not null,
            corp_id uuid not null,
            group_id uuid not null,
            state text not null check (state in ('planned', 'asking', 'waiting', 'done', 'failed', 'stopped')),
            code bigint not null default 0,
            asked_at timestamptz,
            look_at timestamptz,
            settled_at timestamptz,
            primary key (tenant_id, handover_id, chat_id),
            foreign key (tenant_id, handover_id) references group_handovers (tenant_id, id),
            check ((state in ('planned', 'stopped')) = (asked_at is null)),
            check ((state in ('done', 'failed', 'stopped')) = (settled_at is not null))
        )
        """
    )
    op.execute("create unique index handed_groups_once on handed_groups (tenant_id, corp_id, chat_id) where state in ('planned', 'asking', 'waiting')")
    op.execute("create index handed_groups_past on handed_groups (tenant_id, corp_id, chat_id, settled_at) where state = 'done'")
    op.execute("create index handed_groups_due on handed_groups (tenant_id, look_at) where state = 'waiting'")
    op.execute("create index group_handovers_of_giver on group_handovers (tenant_id, giver_id)")
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\ncreate index group_chats_of_owner on group_chats (tenant_id, owner_id) where state = 'active'"
    )
    secure("handed_groups")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop index group_chats_of_owner")
    op.execute("drop table handed_groups")
    op.execute("drop table group_handovers")
