"""Events come in over HTTP: public write keys beside secret ones, what names came, which were declared, which messages are parked and why."""

from alembic import op

from siyu.infra.migrate import OWN_TENANT, lookup_function, secure

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():  # whom nobody vouches for waits for no customer
        op.execute("create index concurrently if not exists identities_waiting on identities (tenant_id, id) where customer_id is null and verified")
        op.execute("drop index concurrently if exists identities_unresolved")
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    _sources()
    _names()
    _parked()
    # Whose row it is, is asked once for a statement and not for each of its thousands of rows.
    once = "tenant_id = (select nullif(current_setting('siyu.tenant_id', true), '')::uuid)"
    op.execute(f"alter policy own_tenant on events with check ({once})")
    op.execute(f"alter policy own_tenant on event_keys using ({once}) with check ({once})")


def _sources() -> None:
    op.execute("alter table sources add column kind text not null default 'secret' check (kind in ('secret', 'public'))")
    _source_by_key("s.key_hash = p_hash and s.revoked_at is null and s.kind = 'secret'")
    lookup_function(
        """
        create function siyu_source_by_write_key(p_hash bytea) returns table (tenant_id uuid, source_id uuid, name text, kind text)
        language sql stable security definer set search_path = public as $$
            select s.tenant_id, s.id, s.name, s.kind from sources s where s.key_hash = p_hash and s.revoked_at is null
        $$
        """,
        "siyu_source_by_write_key(bytea)",
    )


def _source_by_key(condition: str) -> None:
    """Orders come in by secret keys alone."""
    lookup_function(
        f"""
        create or replace function siyu_source_by_key(p_hash bytea) returns table (tenant_id uuid, source_id uuid, name text)
        language sql stable security definer set search_path = public as $$
            select s.tenant_id, s.id, s.name from sources s where {condition}
        $$
        """,
        "siyu_source_by_key(bytea)",
    )


def _names() -> None:
    op.execute(
        """
        create table received_names (
            tenant_id uuid not null,
            name text not null,
            source_id uuid not null,
            slot bigint not null,
            events bigint not null,
            first_at timestamptz not null,
            last_at timestamptz not null,
            samples text[] not null,
            primary key (tenant_id, name, source_id, slot)
        ) with (fillfactor = 50)
        """
    )
    secure("received_names")
    op.execute(
        """
        create table declared_names (
            tenant_id uuid not null,
            name text not null,
            meaning text not null,
            fields jsonb not null,
            declared_by text not null,
            declared_at timestamptz not null,
            primary key (tenant_id, name)
        )
        """
    )
    secure("declared_names")


def _parked() -> None:
    op.execute(
        """
        create table parked_messages (
            tenant_id uuid not null,
            id uuid not null,
            source_id uuid not null,
            hash uuid not null,
            kind text,
            reason text not null,
            body text not null,
            sent_at text,
            received_at timestamptz not null,
            primary key (tenant_id, id),
            unique (tenant_id, hash)
        )
        """
    )
    secure("parked_messages")
    op.execute("create index parked_messages_by_age on parked_messages (tenant_id, received_at)")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop index identities_waiting")
    op.execute("create index identities_unresolved on identities (tenant_id, id) where customer_id is null")
    op.execute(f"alter policy own_tenant on events with check ({OWN_TENANT})")
    op.execute(f"alter policy own_tenant on event_keys using ({OWN_TENANT}) with check ({OWN_TENANT})")
    for table in ("parked_messages", "declared_names", "received_names"):
        op.execute(f"drop table {table}")
    op.execute("drop function siyu_source_by_write_key(bytea)")
    # The release before knows secret keys only: a key that browsers hold must open nothing there.
    op.execute("alter table sources no force row level security")
    op.execute("update sources set revoked_at = now() where kind = 'public' and revoked_at is null")
    op.execute("alter table sources force row level security")
    _source_by_key("s.key_hash = p_hash and s.revoked_at is null")
    op.execute("alter table sources drop column kind")
