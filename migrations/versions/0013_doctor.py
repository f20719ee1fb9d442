"""Corps that may be changed: refused secrets, callback keys that are being replaced, and what the doctor found."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COLUMNS = {
    "token_refusals": "bigint not null default 0",
    "token_refused_code": "bigint",
    "token_refused_at": "timestamptz",
    "old_callback_token": "text",
    "old_callback_aes_key": "text",
    "old_keys_until": "timestamptz",
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '5s'")
    for name, kind in COLUMNS.items():
        op.execute(f"alter table corps add column {name} {kind}")
    op.execute(
        """
        create table corp_findings (
            tenant_id uuid not null,
            corp_id uuid not null,
            check_id text not null,
            state text not null check (state in ('ok', 'warning', 'error', 'skipped')),
            outcome text not null,
            facts jsonb not null,
            since timestamptz not null,
            checked_at timestamptz not null,
            primary key (tenant_id, corp_id, check_id)
        )
        """
    )
    secure("corp_findings")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '5s'")
    op.execute("drop table corp_findings")
    for name in COLUMNS:
        op.execute(f"alter table corps drop column {name}")
