"""Contact ways and join ways as WeCom keeps them."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table contact_ways (
            tenant_id uuid not null,
            corp_id uuid not null,
            config_id text not null,
            place uuid not null,
            state text not null,
            remark text not null,
            scene bigint not null,
            qr_code text not null,
            userids jsonb not null,
            departments jsonb not null,
            skip_verify boolean not null,
            exclusive boolean not null,
            read_at timestamptz not null,
            deleted_at timestamptz,
            primary key (tenant_id, corp_id, config_id)
        )
        """
    )
    op.execute("create index contact_ways_latest on contact_ways (tenant_id, place)")
    op.execute("create index contact_ways_by_state on contact_ways (tenant_id, state)")
    secure("contact_ways")
    op.execute(
        """
        create table join_ways (
            tenant_id uuid not null,
            corp_id uuid not null,
            config_id text not null,
            place uuid not null,
            state text not null default '',
            remark text not null default '',
            qr_code text not null default '',
            chat_ids jsonb not null default '[]',
            auto_create boolean not null default false,
            base_name text not null default '',
            base_id bigint not null default 1,
            read_at timestamptz,
            deleted_at timestamptz,
            primary key (tenant_id, corp_id, config_id)
        )
        """
    )
    op.execute("create index join_ways_latest on join_ways (tenant_id, place)")
    op.execute("create index join_ways_by_state on join_ways (tenant_id, state)")
    secure("join_ways")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table join_ways")
    op.execute("drop table contact_ways")
