"""Marks and relations are found by one index where there were two: each row of a first reading writes one less."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("drop index concurrently if exists identities_by_mark")
        op.execute("create unique index concurrently if not exists identities_by_mark on identities (tenant_id, value, namespace)")
        op.execute("drop index concurrently if exists contacts_by_pair")
        op.execute("create unique index concurrently if not exists contacts_by_pair on contacts (tenant_id, corp_id, external_userid, staff_id)")
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("-- squawk-ignore ban-drop-constraint\nalter table identities drop constraint identities_tenant_id_namespace_value_key")
    op.execute("-- squawk-ignore ban-drop-constraint\nalter table contacts drop constraint contacts_tenant_id_corp_id_staff_id_external_userid_key")
    op.execute("-- squawk-ignore require-concurrent-index-deletion\ndrop index identities_by_value")
    op.execute("-- squawk-ignore require-concurrent-index-deletion\ndrop index contacts_of_external")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("create index contacts_of_external on contacts (tenant_id, corp_id, external_userid)")
    op.execute("create index identities_by_value on identities (tenant_id, value)")
    op.execute(
        "alter table contacts add constraint contacts_tenant_id_corp_id_staff_id_external_userid_key unique (tenant_id, corp_id, staff_id, external_userid)"
    )
    op.execute("alter table identities add constraint identities_tenant_id_namespace_value_key unique (tenant_id, namespace, value)")
    op.execute("drop index contacts_by_pair")
    op.execute("drop index identities_by_mark")
