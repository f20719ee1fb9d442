"""Welcome messages, and what became of each welcome code."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table welcomes (
            tenant_id uuid not null,
            id uuid not null,
            version bigint not null check (version > 0),
            corp_id uuid not null,
            states text[] not null,
            text text not null check (octet_length(text) between 1 and 4000),
            link_title text,
            link_url text,
            active boolean not null,
            changed_by text not null,
            changed_at timestamptz not null,
            primary key (tenant_id, id, version),
            check ((link_title is null) = (link_url is null))
        )
        """
    )
    secure("welcomes")
    op.execute(
        """
        create table greetings (
            tenant_id uuid not null,
            job_id uuid not null,
            corp_id uuid not null,
            userid text not null,
            external_userid text not null,
            state text not null,
            happened_at timestamptz not null,
            settled_at timestamptz not null,
            outcome text not null
                check (outcome in ('sent', 'expired', 'answered_elsewhere', 'off', 'blocked', 'refused', 'unreachable', 'unknown')),
            code bigint,
            welcome_id uuid,
            welcome_version bigint,
            primary key (tenant_id, job_id),
            check ((welcome_id is null) = (welcome_version is null)),
            check (outcome <> 'sent' or welcome_id is not null)
        )
        """
    )
    secure("greetings")
    op.execute("create index greetings_by_time on greetings (tenant_id, happened_at)")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table greetings")
    op.execute("drop table welcomes")
