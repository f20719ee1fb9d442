"""Corps and their contacts, the callback inbox, customers with their merges and conflicts, opt-outs."""

from alembic import op

from siyu.infra.migrate import lookup_function, replicate, secure

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _corps()
    _contacts()
    _callbacks()
    _customers()
    _opt_outs()


def _corps() -> None:
    op.execute(
        """
        create table corps (
            tenant_id uuid not null,
            id uuid not null,
            corp_id text not null,
            agent_id integer not null,
            name text not null,
            base_url text not null,
            secret text not null,
            callback_token text not null,
            callback_aes_key text not null,
            callback_key text not null unique,
            active boolean not null default true,
            synced_at timestamptz,
            created_at timestamptz not null,
            primary key (tenant_id, id),
            unique (tenant_id, corp_id, agent_id)
        )
        """
    )
    secure("corps")
    op.execute("grant select on corps to siyu_definer")
    lookup_function(
        """
        create function siyu_corp_by_key(p_key text) returns table (tenant_id uuid, id uuid)
        language sql stable security definer set search_path = public as $$
            select c.tenant_id, c.id from corps c where c.callback_key = p_key and c.active
        $$
        """,
        "siyu_corp_by_key(text)",
    )


def _contacts() -> None:
    op.execute(
        """
        create table contacts (
            tenant_id uuid not null,
            id uuid not null,
            corp_id uuid not null,
            staff_id uuid not null,
            external_userid text not null,
            identity_id uuid not null,
            name text not null,
            avatar text not null,
            gender smallint not null,
            unionid text,
            remark text not null,
            description text not null,
            add_way integer not null,
            state text not null,
            tags jsonb not null default '[]',
            added_at timestamptz not null,
            relation text not null check (relation in ('active', 'deleted_by_customer', 'deleted_by_staff')),
            ended_at timestamptz,
            last_talked_at timestamptz,
            revision integer not null default 1,
            updated_at timestamptz not null,
            primary key (tenant_id, id),
            unique (tenant_id, corp_id, staff_id, external_userid),
            check ((relation = 'active') = (ended_at is null))
        )
        """
    )
    op.execute("create index contacts_of_person on contacts (tenant_id, identity_id)")
    op.execute("create index contacts_of_staff on contacts (tenant_id, staff_id, relation, identity_id)")
    op.execute("create index contacts_of_external on contacts (tenant_id, corp_id, external_userid)")
    secure("contacts")
    replicate("contacts")


def _callbacks() -> None:
    op.execute(
        """
        create table callback_inbox (
            tenant_id uuid not null,
            digest bytea not null check (length(digest) = 32),
            corp_id uuid not null,
            event text not null,
            change_type text not null,
            received_at timestamptz not null,
            primary key (tenant_id, digest)
        )
        """
    )
    op.execute("create index callback_inbox_age on callback_inbox (tenant_id, received_at)")
    secure("callback_inbox")
    op.execute(
        """
        create table contact_refreshes (
            tenant_id uuid not null,
            corp_id uuid not null,
            external_userid text not null,
            hints jsonb not null default '[]',
            due_at timestamptz not null,
            attempts integer not null default 0,
            seq bigint not null default 1,
            parked text,
            primary key (tenant_id, corp_id, external_userid)
        )
        """
    )
    op.execute("create index contact_refreshes_due on contact_refreshes (tenant_id, corp_id, due_at) where parked is null")
    secure("contact_refreshes")


def _customers() -> None:
    op.execute(
        """
        create table customers (
            tenant_id uuid not null,
            id uuid not null,
            name text,
            name_source text check (name_source in ('contact', 'shop')),
            gender text check (gender in ('man', 'woman')),
            city text,
            province text,
            created_at timestamptz not null,
            merged_into uuid check (merged_into <> id),
            primary key (tenant_id, id),
            check ((name is null) = (name_source is null))
        )
        """
    )
    op.execute("create index customers_merged on customers (tenant_id, merged_into) where merged_into is not null")
    secure("customers")
    replicate("customers")
    op.execute(
        """
        create table customer_merges (
            tenant_id uuid not null,
            id uuid not null,
            survivor_id uuid not null,
            loser_id uuid not null,
            identities uuid[] not null,
            merged_at timestamptz not null,
            undone_at timestamptz,
            undone_by text,
            primary key (tenant_id, id),
            check (survivor_id <> loser_id),
            check ((undone_at is null) = (undone_by is null))
        )
        """
    )
    op.execute("create index customer_merges_of_loser on customer_merges (tenant_id, loser_id) where undone_at is null")
    op.execute("create index customer_merges_of_survivor on customer_merges (tenant_id, survivor_id) where undone_at is null")
    secure("customer_merges")
    op.execute(
        """
        create table identity_conflicts (
            tenant_id uuid not null,
            id uuid not null,
            namespace text not null,
            contradicting uuid[] not null,
            contested uuid[] not null,
            opened_at timestamptz not null,
            closed_at timestamptz,
            primary key (tenant_id, id)
        )
        """
    )
    op.execute("create unique index identity_conflicts_open on identity_conflicts (tenant_id, namespace, contradicting) where closed_at is null")
    secure("identity_conflicts")
    op.execute(
        """
        create table identity_separations (
            tenant_id uuid not null,
            a uuid not null,
            b uuid not null,
            at timestamptz not null,
            by text not null,
            primary key (tenant_id, a, b),
            check (a < b)
        )
        """
    )
    secure("identity_separations")


def _opt_outs() -> None:
    op.execute(
        """
        create table opt_outs (
            tenant_id uuid not null,
            identity_id uuid not null,
            channel text not null,
            reason text not null,
            at timestamptz not null,
            by text not null,
            primary key (tenant_id, identity_id, channel)
        )
        """
    )
    secure("opt_outs")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function siyu_corp_by_key(text)")
    for table in (
        "opt_outs",
        "identity_separations",
        "identity_conflicts",
        "customer_merges",
        "customers",
        "contact_refreshes",
        "callback_inbox",
        "contacts",
        "corps",
    ):
        op.execute(f"drop table {table}")
