"""The tag library of each corp."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute(
        """
        create table tag_libraries (
            tenant_id uuid not null,
            corp_id uuid not null,
            read_at timestamptz not null,
            primary key (tenant_id, corp_id)
        )
        """
    )
    secure("tag_libraries")
    op.execute(
        """
        create table tag_groups (
            tenant_id uuid not null,
            corp_id uuid not null,
            id text not null,
            name text not null,
            place bigint not null,
            deleted_at timestamptz,
            primary key (tenant_id, corp_id, id)
        )
        """
    )
    secure("tag_groups")
    op.execute(
        """
        create table tags (
            tenant_id uuid not null,
            corp_id uuid not null,
            id text not null,
            group_id text not null,
            name text not null,
            place bigint not null,
            created_at timestamptz,
            deleted_at timestamptz,
            primary key (tenant_id, corp_id, id),
            foreign key (tenant_id, corp_id, group_id) references tag_groups (tenant_id, corp_id, id)
        )
        """
    )
    op.execute("create index tags_of_group on tags (tenant_id, corp_id, group_id)")
    op.execute("create index tags_by_id on tags (tenant_id, id)")
    secure("tags")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table tags")
    op.execute("drop table tag_groups")
    op.execute("drop table tag_libraries")
