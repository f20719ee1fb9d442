"""Tags that staff put on customers from here, and tag groups of which a relation bears one tag at most."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("alter table tag_groups add column exclusive boolean not null default false")
    op.execute(
        """
        create table markings (
            tenant_id uuid not null,
            id uuid not null,
            add_tags jsonb not null,
            remove_tags jsonb not null,
            created_by text not null,
            created_at timestamptz not null,
            primary key (tenant_id, id)
        )
        """
    )
    secure("markings")
    op.execute(
        """
        create table marked_relations (
            tenant_id uuid not null,
            marking_id uuid not null,
            place bigint not null,
            customer_id uuid not null,
            contact_id uuid,
            state text not null check (state in ('planned', 'done', 'unchanged', 'refused')),
            reason text,
            code bigint not null default 0,
            settled_at timestamptz,
            primary key (tenant_id, marking_id, place),
            foreign key (tenant_id, marking_id) references markings (tenant_id, id),
            check (contact_id is not null or state = 'refused'),
            check ((state = 'refused') = (reason is not null)),
            check ((state = 'planned') = (settled_at is null))
        )
        """
    )
    op.execute("create index marked_relations_planned on marked_relations (tenant_id, marking_id, place) where state = 'planned'")
    secure("marked_relations")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop table marked_relations")
    op.execute("drop table markings")
    op.execute("alter table tag_groups drop column exclusive")
