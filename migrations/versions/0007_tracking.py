"""Tracked links and who opened them."""

from alembic import op

from siyu.infra.migrate import lookup_function, replicate, secure

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(
        """
        create table links (
            tenant_id uuid not null,
            id uuid not null,
            code text not null unique check (length(code) >= 8),
            target_url text not null,
            ref text not null,
            corp_id uuid,
            created_by text not null,
            created_at timestamptz not null,
            primary key (tenant_id, id)
        )
        """
    )
    op.execute("create index links_ref on links (tenant_id, ref)")
    secure("links")
    op.execute("grant select on links to siyu_definer")
    lookup_function(
        """
        create function siyu_link_by_code(p_code text) returns table (tenant_id uuid, id uuid)
        language sql stable security definer set search_path = public as $$
            select l.tenant_id, l.id from links l where l.code = p_code
        $$
        """,
        "siyu_link_by_code(text)",
    )
    # One row per link and known visitor; strangers share a few rows, so that a link that everybody opens is not one hot row.
    op.execute(
        """
        create table link_opens (
            tenant_id uuid not null,
            id uuid not null,
            link_id uuid not null,
            visitor text not null,
            identity_id uuid,
            ref text not null,
            opens bigint not null check (opens > 0),
            first_at timestamptz not null,
            last_at timestamptz not null,
            primary key (tenant_id, id),
            unique (tenant_id, link_id, visitor)
        )
        """
    )
    op.execute("create index link_opens_ref on link_opens (tenant_id, ref)")
    secure("link_opens")
    replicate("link_opens")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function siyu_link_by_code(text)")
    op.execute("drop table link_opens")
    op.execute("drop table links")
