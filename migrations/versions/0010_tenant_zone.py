"""A brand's zone in the statement that opens its transactions."""

from alembic import op

from siyu.infra.migrate import lookup_function

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '5s'")
    lookup_function(
        "create function siyu_tenant_zone(tenant uuid) returns text language sql stable security definer set search_path = public "
        "as 'select timezone from tenants where id = tenant'",
        "siyu_tenant_zone(uuid)",
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '5s'")
    op.execute("drop function siyu_tenant_zone(uuid)")
