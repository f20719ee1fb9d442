"""Identities and what ties them; orders, refunds and products; the shops' keys; imports of files."""

from alembic import op

from siyu.infra.migrate import lookup_function, replicate, secure

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _identities()
    _orders()
    _refunds()
    _products()
    _sources()
    _imports()


def _identities() -> None:
    op.execute(
        """
        create table identities (
            tenant_id uuid not null,
            id uuid not null,
            namespace text not null,
            value text not null,
            customer_id uuid,
            verified boolean not null,
            first_seen_at timestamptz not null,
            last_seen_at timestamptz not null,
            primary key (tenant_id, id),
            unique (tenant_id, namespace, value),
            check (value <> ''),
            check (first_seen_at <= last_seen_at)
        )
        """
    )
    op.execute("create index identities_of_customer on identities (tenant_id, customer_id) where customer_id is not null")
    op.execute("create index identities_by_value on identities (tenant_id, value)")
    op.execute("create index identities_unresolved on identities (tenant_id, id) where customer_id is null")
    secure("identities")
    replicate("identities")
    op.execute(
        """
        create table identity_links (
            tenant_id uuid not null,
            a uuid not null,
            b uuid not null,
            source text not null,
            key text not null,
            seen_at timestamptz not null,
            primary key (tenant_id, a, b, source),
            check (a < b)
        )
        """
    )
    op.execute("create index identity_links_back on identity_links (tenant_id, b, a)")
    secure("identity_links")


def _orders() -> None:
    op.execute(
        """
        create table orders (
            tenant_id uuid not null,
            id uuid not null,
            shop text not null,
            order_no text not null,
            identity_id uuid,
            customer_no text,
            unionid text,
            phone text,
            customer_name text,
            city text,
            province text,
            country text,
            asserted text not null check (asserted in ('paid', 'cancelled')),
            status text not null check (status in ('paid', 'partly_refunded', 'refunded', 'cancelled', 'gift')),
            paid_at timestamptz not null,
            currency text not null,
            amount numeric not null check (amount >= 0),
            total_fen bigint not null check (total_fen >= 0),
            refunded numeric not null default 0 check (refunded >= 0),
            refunded_fen bigint not null default 0 check (refunded_fen >= 0),
            line_count integer not null,
            sale_lines integer not null,
            source text not null,
            content_hash bytea not null check (length(content_hash) = 16),
            version integer not null default 1,
            import_id uuid,
            created_at timestamptz not null,
            updated_at timestamptz not null,
            primary key (tenant_id, id),
            unique (tenant_id, shop, order_no),
            check ((sale_lines = 0) = (amount = 0))
        )
        """
    )
    op.execute("create index orders_of_person on orders (tenant_id, identity_id, paid_at desc, id desc)")
    op.execute("create index orders_by_time on orders (tenant_id, paid_at desc, id desc)")
    op.execute("create index orders_by_number on orders (tenant_id, order_no)")
    op.execute("create index orders_of_import on orders (tenant_id, import_id, identity_id) where import_id is not null")
    secure("orders")
    replicate("orders")
    op.execute(
        """
        create table order_lines (
            tenant_id uuid not null,
            order_id uuid not null,
            line_no integer not null,
            sku text not null,
            name text,
            quantity numeric not null check (quantity > 0),
            unit_price numeric not null check (unit_price >= 0),
            amount numeric not null check (amount >= 0),
            unit_cost numeric check (unit_cost >= 0),
            kind text not null check (kind in ('sale', 'gift')),
            primary key (tenant_id, order_id, line_no),
            check ((kind = 'gift') = (amount = 0))
        )
        """
    )
    secure("order_lines")
    replicate("order_lines", ("tenant_id", "order_id", "line_no"))


def _refunds() -> None:
    op.execute(
        """
        create table refunds (
            tenant_id uuid not null,
            id uuid not null,
            shop text not null,
            refund_no text not null,
            identity_id uuid,
            order_no text,
            order_id uuid,
            refunded_at timestamptz not null,
            currency text not null,
            amount numeric not null check (amount >= 0),
            amount_fen bigint not null check (amount_fen >= 0),
            matched numeric not null default 0 check (matched >= 0),
            source text not null,
            content_hash bytea not null check (length(content_hash) = 16),
            version integer not null default 1,
            import_id uuid,
            created_at timestamptz not null,
            updated_at timestamptz not null,
            primary key (tenant_id, id),
            unique (tenant_id, shop, refund_no)
        )
        """
    )
    op.execute("create index refunds_of_person on refunds (tenant_id, identity_id, refunded_at desc)")
    op.execute("create index refunds_of_order on refunds (tenant_id, order_id) where order_id is not null")
    op.execute("create index refunds_waiting on refunds (tenant_id, shop, order_no) where order_id is null and order_no is not null")
    op.execute("create index refunds_of_import on refunds (tenant_id, import_id, identity_id) where import_id is not null")
    secure("refunds")
    replicate("refunds")
    # One line of a refund may give back parts of several orders: each part is a row, and what no order explains has no order_id.
    op.execute(
        """
        create table refund_lines (
            tenant_id uuid not null,
            refund_id uuid not null,
            line_no integer not null,
            part integer not null,
            order_id uuid,
            sku text not null,
            name text,
            quantity numeric not null check (quantity >= 0),
            amount numeric not null check (amount >= 0),
            primary key (tenant_id, refund_id, line_no, part)
        )
        """
    )
    op.execute("create index refund_lines_of_order on refund_lines (tenant_id, order_id) where order_id is not null")
    secure("refund_lines")
    replicate("refund_lines", ("tenant_id", "refund_id", "line_no", "part"))


def _products() -> None:
    op.execute(
        """
        create table products (
            tenant_id uuid not null,
            shop text not null,
            sku text not null,
            name text,
            category text,
            named_at timestamptz not null,
            primary key (tenant_id, shop, sku)
        )
        """
    )
    secure("products")
    replicate("products", ("tenant_id", "shop", "sku"))


def _sources() -> None:
    op.execute(
        """
        create table sources (
            tenant_id uuid not null,
            id uuid not null,
            name text not null,
            key_hash bytea not null unique check (length(key_hash) = 32),
            key_hint text not null,
            created_by text not null,
            created_at timestamptz not null,
            revoked_at timestamptz,
            primary key (tenant_id, id),
            unique (tenant_id, name)
        )
        """
    )
    secure("sources")
    op.execute("grant select on sources to siyu_definer")
    lookup_function(
        """
        create function siyu_source_by_key(p_hash bytea) returns table (tenant_id uuid, source_id uuid, name text)
        language sql stable security definer set search_path = public as $$
            select s.tenant_id, s.id, s.name from sources s where s.key_hash = p_hash and s.revoked_at is null
        $$
        """,
        "siyu_source_by_key(bytea)",
    )


def _imports() -> None:
    op.execute(
        """
        create table imports (
            tenant_id uuid not null,
            id uuid not null,
            kind text not null check (kind in ('orders')),
            file_id uuid not null,
            file_name text not null,
            size_bytes bigint not null,
            format text not null check (format in ('csv', 'xlsx', 'parquet')),
            encoding text,
            delimiter text,
            state text not null check (state in ('uploaded', 'checking', 'checked', 'importing', 'done', 'failed', 'cancelled')),
            columns jsonb not null,
            mapping jsonb not null,
            guessed boolean not null,
            options jsonb not null,
            header_hash text not null,
            job_id uuid,
            rejected_file_id uuid,
            report jsonb,
            error jsonb,
            created_by text not null,
            created_at timestamptz not null,
            updated_at timestamptz not null,
            primary key (tenant_id, id)
        )
        """
    )
    secure("imports")
    op.execute(
        """
        create table import_mappings (
            tenant_id uuid not null,
            header_hash text not null,
            mapping jsonb not null,
            options jsonb not null,
            updated_at timestamptz not null,
            primary key (tenant_id, header_hash)
        )
        """
    )
    secure("import_mappings")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function siyu_source_by_key(bytea)")
    for table in (
        "import_mappings",
        "imports",
        "sources",
        "products",
        "refund_lines",
        "refunds",
        "order_lines",
        "orders",
        "identity_links",
        "identities",
    ):
        op.execute(f"drop table {table}")
