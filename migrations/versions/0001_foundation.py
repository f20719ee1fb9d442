"""Roles, tenants, jobs, schedules, files, idempotency keys, the event log."""

from alembic import op

from siyu.infra.migrate import lookup_function, secure

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _roles()
    _helpers()
    _tenants()
    _jobs()
    _files()
    _keys()
    _events()


def _roles() -> None:
    for role in ("siyu_app", "siyu_reader", "siyu_eraser", "siyu_lookup", "siyu_definer"):
        # Roles belong to the whole server: another database may be migrated at the same time, and no lock of ours reaches there.
        op.execute(
            f"""
            do $$ begin
                for attempt in 1..20 loop
                    begin
                        if not exists (select from pg_roles where rolname = '{role}') then create role {role} nologin; end if;
                        if not pg_has_role(current_user, '{role}', 'member') or (select not rolsuper from pg_roles where rolname = current_user) then
                            execute format('grant {role} to %I', current_user);
                        end if;
                        exit;
                    exception when duplicate_object or unique_violation or internal_error then
                        if attempt = 20 then raise; end if;
                        perform pg_sleep(0.1);
                    end;
                end loop;
            end $$
            """
        )
        op.execute(f"grant usage on schema public to {role}")
    op.execute("grant create on schema public to siyu_definer")


def _helpers() -> None:
    op.execute(
        """
        create function siyu_touch() returns trigger language plpgsql as $$
        begin
            new.xid := pg_current_xact_id();
            return new;
        end $$
        """
    )
    op.execute(
        """
        create table replica_tombstones (
            table_name text not null,
            key jsonb not null,
            xid xid8 not null default pg_current_xact_id(),
            id bigint generated always as identity primary key
        )
        """
    )
    op.execute("create index replica_tombstones_xid on replica_tombstones (xid)")
    op.execute("grant insert on replica_tombstones to siyu_app, siyu_eraser")
    op.execute("grant select on replica_tombstones to siyu_reader")
    op.execute(
        """
        create function siyu_bury() returns trigger language plpgsql as $$
        begin
            insert into replica_tombstones (table_name, key)
            select tg_argv[0], (select jsonb_object_agg(e.key, e.value) from jsonb_each(to_jsonb(gone)) e where e.key = any (tg_argv[1:]))
            from gone;
            return null;
        end $$
        """
    )


def _tenants() -> None:
    op.execute(
        """
        create table tenants (
            id uuid primary key,
            name text not null,
            timezone text not null,
            currency text not null default 'CNY',
            settings jsonb not null default '{}',
            created_at timestamptz not null
        )
        """
    )
    secure("tenants", tenant="id")
    lookup_function(
        "create function siyu_any_tenant() returns boolean language sql stable security definer set search_path = public "
        "as 'select exists (select from tenants)'",
        "siyu_any_tenant()",
    )
    op.execute("grant select on tenants to siyu_definer")


def _jobs() -> None:
    op.execute(
        """
        create table jobs (
            tenant_id uuid not null,
            id uuid not null,
            kind text not null,
            params jsonb not null,
            key text,
            title text,
            visible boolean not null default false,
            due_at timestamptz not null,
            state text not null default 'ready' check (state in ('ready', 'leased', 'done', 'failed', 'cancelled')),
            epoch bigint not null default 0,
            holder text,
            leased_until timestamptz,
            attempts integer not null default 0,
            cancel_requested boolean not null default false,
            checkpoint jsonb not null default '{}',
            done bigint not null default 0,
            total bigint,
            failed bigint not null default 0,
            result jsonb,
            error jsonb,
            created_by text not null,
            created_at timestamptz not null,
            started_at timestamptz,
            finished_at timestamptz,
            primary key (tenant_id, id)
        )
        """
    )
    op.execute("create unique index jobs_key on jobs (tenant_id, kind, key) where key is not null")
    op.execute("create index jobs_due on jobs (due_at) where state = 'ready'")
    op.execute("create index jobs_leased on jobs (leased_until) where state = 'leased'")
    secure("jobs")
    op.execute("grant select, update on jobs to siyu_definer")
    lookup_function(
        """
        create function siyu_claim_job(p_now timestamptz, p_holder text, p_lease_seconds integer, p_kinds text[], p_alone text[])
        returns table (tenant_id uuid, id uuid, kind text, params jsonb, checkpoint jsonb, epoch bigint, attempts integer, created_by text)
        language sql volatile security definer set search_path = public as $$
            update jobs j
            set state = 'leased', epoch = j.epoch + 1, holder = p_holder, attempts = j.attempts + 1,
                leased_until = clock_timestamp() + make_interval(secs => p_lease_seconds), started_at = coalesce(j.started_at, p_now)
            from (
                select c.tenant_id, c.id
                from jobs c
                where ((c.state = 'ready' and c.due_at <= p_now) or (c.state = 'leased' and c.leased_until < clock_timestamp()))
                    and c.kind = any (p_kinds)
                    and not (
                        c.kind = any (p_alone)
                        and exists (
                            select from jobs o
                            where o.tenant_id = c.tenant_id and o.kind = c.kind and o.state = 'leased' and o.leased_until >= clock_timestamp()
                        )
                    )
                order by c.due_at, c.id
                limit 1
                for update skip locked
            ) due
            where j.tenant_id = due.tenant_id and j.id = due.id
            returning j.tenant_id, j.id, j.kind, j.params, j.checkpoint, j.epoch, j.attempts, j.created_by
        $$
        """,
        "siyu_claim_job(timestamptz, text, integer, text[], text[])",
    )
    lookup_function(
        """
        create function siyu_open_jobs(p_now timestamptz) returns bigint
        language sql stable security definer set search_path = public as $$
            select count(*) from jobs where state = 'leased' or (state = 'ready' and due_at <= p_now)
        $$
        """,
        "siyu_open_jobs(timestamptz)",
    )
    op.execute(
        """
        create table schedule_fires (
            tenant_id uuid not null,
            schedule text not null,
            slot timestamptz not null,
            job_id uuid not null,
            primary key (tenant_id, schedule, slot)
        )
        """
    )
    secure("schedule_fires")


def _files() -> None:
    op.execute(
        """
        create table files (
            tenant_id uuid not null,
            id uuid not null,
            name text not null,
            size_bytes bigint not null check (size_bytes >= 0),
            created_by text not null,
            created_at timestamptz not null,
            primary key (tenant_id, id)
        )
        """
    )
    secure("files")


def _keys() -> None:
    op.execute(
        """
        create table idempotency_keys (
            tenant_id uuid not null,
            actor text not null,
            key text not null,
            fingerprint text not null,
            status integer,
            media_type text,
            body bytea,
            created_at timestamptz not null,
            primary key (tenant_id, actor, key)
        )
        """
    )
    secure("idempotency_keys")


def _events() -> None:
    op.execute(
        """
        create table events (
            tenant_id uuid not null,
            id uuid not null,
            identity_id uuid,
            name text not null,
            occurred_at timestamptz not null,
            recorded_at timestamptz not null,
            actor text not null,
            source text not null,
            key text not null,
            props jsonb not null,
            schema_version integer not null default 1,
            xid xid8 not null default pg_current_xact_id(),
            primary key (tenant_id, occurred_at, id)
        ) partition by range (occurred_at)
        """
    )
    op.execute("create index events_person on events (tenant_id, identity_id, occurred_at desc)")
    op.execute("create index events_named on events (tenant_id, name, occurred_at desc)")
    op.execute("create index events_xid on events (xid)")
    secure("events", append_only=True)
    op.execute("create table event_keys (tenant_id uuid not null, hash uuid not null, primary key (tenant_id, hash))")
    secure("event_keys", append_only=True)
    op.execute("grant select on events to siyu_definer")
    # Partitions do not inherit row-level security; each is shut before it is attached, and nobody is granted anything on it directly.
    lookup_function(
        """
        create function siyu_event_partition(p_month date) returns boolean
        language plpgsql volatile security definer set search_path = public as $$
        declare
            first date := date_trunc('month', p_month)::date;
            part text := 'events_' || to_char(first, 'YYYYMM');
        begin
            if to_regclass(part) is not null then return false; end if;
            perform pg_advisory_xact_lock(734293);
            -- Asked of the table: to_regclass would repeat its cached "no" from before the lock.
            if exists (select from pg_class where relname = part and relnamespace = 'public'::regnamespace) then return false; end if;
            execute format('create table %I (like events including defaults including constraints)', part);
            execute format('alter table %I enable row level security', part);
            execute format('alter table %I force row level security', part);
            execute format('alter table events attach partition %I for values from (%L) to (%L)', part,
                           first::text || ' 00:00:00+00', (first + interval '1 month')::date::text || ' 00:00:00+00');
            return true;
        end $$
        """,
        "siyu_event_partition(date)",
    )
    # Attaching needs the owner of the log: the function's owner owns it.
    op.execute("alter table events owner to siyu_definer")
    op.execute(
        """
        create table event_cursors (
            tenant_id uuid not null,
            follower text not null,
            xid xid8 not null default '0',
            id uuid not null default '00000000-0000-0000-0000-000000000000',
            primary key (tenant_id, follower)
        )
        """
    )
    secure("event_cursors")
    op.execute(
        """
        create table parked_events (
            tenant_id uuid not null,
            follower text not null,
            event_id uuid not null,
            occurred_at timestamptz not null,
            reason text not null,
            parked_at timestamptz not null,
            primary key (tenant_id, follower, event_id)
        )
        """
    )
    secure("parked_events")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for function in (
        "siyu_event_partition(date)",
        "siyu_open_jobs(timestamptz)",
        "siyu_claim_job(timestamptz, text, integer, text[], text[])",
        "siyu_any_tenant()",
    ):
        op.execute(f"drop function {function}")
    for table in (
        "parked_events",
        "event_cursors",
        "event_keys",
        "events",
        "idempotency_keys",
        "files",
        "schedule_fires",
        "jobs",
        "tenants",
        "replica_tombstones",
    ):
        op.execute(f"drop table {table}")
    op.execute("drop function siyu_touch()")
    op.execute("drop function siyu_bury()")
