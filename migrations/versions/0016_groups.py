"""Customer groups and who is in them."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table group_chats (
            tenant_id uuid not null,
            id uuid not null,
            corp_id uuid not null,
            chat_id text not null,
            name text not null default '',
            owner text not null default '',
            owner_id uuid,
            notice text not null default '',
            member_version text not null default '',
            state text not null default 'unread' check (state in ('unread', 'active', 'dismissed')),
            created_at timestamptz,
            dismissed_at timestamptz,
            read_at timestamptz,
            due_at timestamptz,
            wanted_at timestamptz,
            primary key (tenant_id, id),
            unique (tenant_id, corp_id, chat_id),
            check ((state = 'dismissed') = (dismissed_at is not null)),
            check ((state = 'unread') = (read_at is null))
        )
        """
    )
    op.execute("create index group_chats_due on group_chats (tenant_id, corp_id, due_at) where due_at is not null")
    secure("group_chats")
    op.execute(
        """
        create table group_members (
            tenant_id uuid not null,
            group_id uuid not null,
            member text not null,
            joined_at timestamptz not null,
            kind text not null check (kind in ('staff', 'customer')),
            identity_id uuid,
            name text not null,
            nickname text not null,
            unionid text,
            way bigint not null,
            state text not null,
            invited_by text not null,
            left_at timestamptz,
            ended text check (ended in ('left', 'removed', 'unknown', 'dismissed')),
            primary key (tenant_id, group_id, member, joined_at),
            foreign key (tenant_id, group_id) references group_chats (tenant_id, id),
            check ((left_at is null) = (ended is null))
        )
        """
    )
    op.execute("create index group_members_identity on group_members (tenant_id, identity_id) where identity_id is not null")
    secure("group_members")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table group_members")
    op.execute("drop table group_chats")
