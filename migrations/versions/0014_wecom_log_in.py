"""The corps by which one may log in, before the tenant is known."""

from alembic import op

from siyu.infra.migrate import lookup_function

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '5s'")
    lookup_function(
        """
        create function siyu_corps_to_log_in() returns table (tenant_id uuid, id uuid, name text)
        language sql stable security definer set search_path = public as $$
            select c.tenant_id, c.id, c.name from corps c where c.active order by c.id
        $$
        """,
        "siyu_corps_to_log_in()",
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '5s'")
    op.execute("drop function siyu_corps_to_log_in()")
