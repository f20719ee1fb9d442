"""Group sends that were made elsewhere, and moments, as WeCom keeps them: whose part was what, whom it reached, who answered."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table corp_sends (
            tenant_id uuid not null,
            corp_id uuid not null,
            msgid text not null,
            kind text not null check (kind in ('single', 'group')),
            creator text not null,
            by_member boolean not null,
            created_at timestamptz not null,
            text text not null,
            attachments jsonb not null,
            settled boolean not null,
            read_at timestamptz not null,
            primary key (tenant_id, corp_id, msgid)
        )
        """
    )
    op.execute("create index corp_sends_latest on corp_sends (tenant_id, created_at, msgid)")
    secure("corp_sends")
    op.execute(
        """
        create table corp_send_parts (
            tenant_id uuid not null,
            corp_id uuid not null,
            msgid text not null,
            userid text not null,
            staff_id uuid,
            confirmed boolean not null,
            sent_at timestamptz,
            settled boolean not null,
            primary key (tenant_id, corp_id, msgid, userid),
            foreign key (tenant_id, corp_id, msgid) references corp_sends (tenant_id, corp_id, msgid) on delete cascade
        )
        """
    )
    secure("corp_send_parts")
    op.execute(
        """
        create table corp_send_receivers (
            tenant_id uuid not null,
            corp_id uuid not null,
            msgid text not null,
            userid text not null,
            receiver text not null,
            status bigint not null,
            sent_at timestamptz,
            identity_id uuid,
            primary key (tenant_id, corp_id, msgid, userid, receiver),
            foreign key (tenant_id, corp_id, msgid, userid) references corp_send_parts (tenant_id, corp_id, msgid, userid) on delete cascade
        )
        """
    )
    secure("corp_send_receivers")
    op.execute(
        """
        create table corp_moments (
            tenant_id uuid not null,
            corp_id uuid not null,
            moment_id text not null,
            creator text not null,
            by_member boolean not null,
            created_at timestamptz not null,
            everybody boolean not null,
            text text not null,
            pictures bigint not null,
            video boolean not null,
            link_title text not null,
            link_url text not null,
            settled boolean not null,
            read_at timestamptz not null,
            gone_at timestamptz,
            primary key (tenant_id, corp_id, moment_id)
        )
        """
    )
    op.execute("create index corp_moments_latest on corp_moments (tenant_id, created_at, moment_id)")
    secure("corp_moments")
    op.execute(
        """
        create table corp_moment_parts (
            tenant_id uuid not null,
            corp_id uuid not null,
            moment_id text not null,
            userid text not null,
            staff_id uuid,
            published boolean not null,
            primary key (tenant_id, corp_id, moment_id, userid),
            foreign key (tenant_id, corp_id, moment_id) references corp_moments (tenant_id, corp_id, moment_id)
        )
        """
    )
    secure("corp_moment_parts")
    op.execute(
        """
        create table corp_moment_reactions (
            tenant_id uuid not null,
            corp_id uuid not null,
            moment_id text not null,
            userid text not null,
            kind text not null check (kind in ('like', 'comment')),
            who text not null,
            at timestamptz not null,
            by_staff boolean not null,
            identity_id uuid,
            primary key (tenant_id, corp_id, moment_id, userid, kind, who, at),
            foreign key (tenant_id, corp_id, moment_id, userid) references corp_moment_parts (tenant_id, corp_id, moment_id, userid)
        )
        """
    )
    secure("corp_moment_reactions")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    for table in ("corp_moment_reactions", "corp_moment_parts", "corp_moments", "corp_send_receivers", "corp_send_parts", "corp_sends"):
        op.execute(f"drop table {table}")
