"""Wrong secrets that were tried before anything was saved: WeCom blocks a server that tries too many, whichever brand they were for."""

from alembic import op

from siyu.infra.migrate import lookup_function, secure

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '5s'")
    op.execute(
        """
        create table secret_trials (
            tenant_id uuid not null,
            id uuid not null,
            corp_id text not null,
            code bigint not null,
            tried_at timestamptz not null,
            primary key (tenant_id, id)
        )
        """
    )
    secure("secret_trials")
    op.execute("grant select on secret_trials to siyu_definer")
    lookup_function(
        """
        create function siyu_secret_trials(p_since timestamptz) returns setof timestamptz
        language sql stable security definer set search_path = public as $$
            select t.tried_at from secret_trials t where t.tried_at > p_since
        $$
        """,
        "siyu_secret_trials(timestamptz)",
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '5s'")
    op.execute("drop function siyu_secret_trials(timestamptz)")
    op.execute("drop table secret_trials")
