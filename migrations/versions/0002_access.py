"""Departments, staff, accounts, sessions, log-in tries, the audit log."""

from alembic import op

from siyu.infra.migrate import lookup_function, replicate, secure

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _staff()
    _accounts()
    _sessions()
    _tries()
    _audit()


def _staff() -> None:
    op.execute(
        """
        create table departments (
            tenant_id uuid not null,
            id uuid not null,
            corp_id text not null,
            wecom_id bigint not null,
            parent_wecom_id bigint,
            name text not null,
            path text not null,
            primary key (tenant_id, id),
            unique (tenant_id, corp_id, wecom_id)
        )
        """
    )
    secure("departments")
    replicate("departments")
    op.execute(
        """
        create table staff (
            tenant_id uuid not null,
            id uuid not null,
            corp_id text not null,
            userid text not null,
            name text not null,
            position text,
            main_department bigint,
            departments bigint[] not null default '{}',
            leader_of bigint[] not null default '{}',
            active boolean not null default true,
            primary key (tenant_id, id),
            unique (tenant_id, corp_id, userid)
        )
        """
    )
    secure("staff")
    replicate("staff")
    op.execute("grant select on staff, departments to siyu_definer")


def _accounts() -> None:
    op.execute(
        """
        create table accounts (
            tenant_id uuid not null,
            id uuid not null,
            login text not null check (login = lower(login) and login <> ''),
            name text not null,
            role text not null check (role in ('owner', 'operator', 'supervisor', 'guide', 'community_owner', 'analyst', 'admin')),
            password_hash text not null,
            staff_id uuid,
            department_ids uuid[] not null default '{}',
            language text check (language in ('zh-CN', 'en-US')),
            active boolean not null default true,
            totp_secret text,
            totp_pending text,
            totp_step bigint not null default 0,
            created_at timestamptz not null,
            last_seen_at timestamptz,
            primary key (tenant_id, id),
            unique (tenant_id, login),
            foreign key (tenant_id, staff_id) references staff (tenant_id, id)
        )
        """
    )
    op.execute("create index accounts_login on accounts (login)")
    secure("accounts")
    op.execute("grant select, update on accounts to siyu_definer")
    op.execute(
        """
        create table recovery_codes (
            tenant_id uuid not null,
            account_id uuid not null,
            hash text not null,
            used_at timestamptz,
            primary key (tenant_id, account_id, hash),
            foreign key (tenant_id, account_id) references accounts (tenant_id, id) on delete cascade
        )
        """
    )
    secure("recovery_codes")
    lookup_function(
        """
        create function siyu_account_by_login(p_login text)
        returns table (tenant_id uuid, account_id uuid, password_hash text, active boolean)
        language sql stable security definer set search_path = public, pg_temp as $$
            select a.tenant_id, a.id, a.password_hash, a.active and (a.role = 'owner' or t.active is not false)
            from accounts a
            left join staff t on t.tenant_id = a.tenant_id and t.id = a.staff_id
            where a.login = p_login
        $$
        """,
        "siyu_account_by_login(text)",
    )
    # Password hashes of all tenants: for the look-up role alone.
    op.execute("revoke execute on function siyu_account_by_login(text) from siyu_app, siyu_reader")


def _sessions() -> None:
    op.execute(
        """
        create table sessions (
            tenant_id uuid not null,
            id uuid not null,
            account_id uuid not null,
            token_hash bytea not null,
            address text,
            agent text,
            created_at timestamptz not null default clock_timestamp(),
            authenticated_at timestamptz not null default clock_timestamp(),
            last_seen_at timestamptz not null default clock_timestamp(),
            expires_at timestamptz not null,
            idle_seconds integer not null check (idle_seconds > 0),
            primary key (tenant_id, id),
            foreign key (tenant_id, account_id) references accounts (tenant_id, id) on delete cascade
        )
        """
    )
    op.execute("create index sessions_token on sessions (token_hash)")
    op.execute("create index sessions_account on sessions (tenant_id, account_id, last_seen_at)")
    secure("sessions")
    op.execute("grant select, update on sessions to siyu_definer")
    # Time here is the machine's. Accounts are locked before sessions, here as elsewhere, so that nobody waits in a circle.
    # Whoever has left the staff has no session, except owners: a mistake in the contacts must not shut them out of their own house.
    lookup_function(
        """
        create function siyu_session(p_hash bytea)
        returns table (tenant_id uuid, session_id uuid, account_id uuid, name text, role text, staff_id uuid, department_ids uuid[])
        language plpgsql volatile security definer set search_path = public, pg_temp as $$
        declare
            found_session record;
        begin
            select s.tenant_id, s.id, s.last_seen_at, a.id as account_id, a.name, a.role, a.staff_id, a.department_ids
            into found_session
            from sessions s
            join accounts a on a.tenant_id = s.tenant_id and a.id = s.account_id
            left join staff t on t.tenant_id = a.tenant_id and t.id = a.staff_id
            where s.token_hash = p_hash
                and a.active
                and (a.role = 'owner' or t.active is not false)
                and s.expires_at > clock_timestamp()
                and s.last_seen_at + make_interval(secs => s.idle_seconds) > clock_timestamp();
            if not found then return; end if;
            if found_session.last_seen_at < clock_timestamp() - interval '1 minute' then
                update accounts a set last_seen_at = clock_timestamp()
                where a.tenant_id = found_session.tenant_id and a.id = found_session.account_id;
                update sessions s set last_seen_at = clock_timestamp()
                where s.tenant_id = found_session.tenant_id and s.id = found_session.id;
            end if;
            return query select found_session.tenant_id, found_session.id, found_session.account_id, found_session.name, found_session.role,
                found_session.staff_id,
                case
                    when cardinality(found_session.department_ids) > 0 then found_session.department_ids
                    else array(
                        select d.id
                        from staff t
                        join departments d on d.tenant_id = t.tenant_id and d.corp_id = t.corp_id and d.wecom_id = any (t.leader_of)
                        where t.tenant_id = found_session.tenant_id and t.id = found_session.staff_id
                        order by d.id
                    )
                end;
        end $$
        """,
        "siyu_session(bytea)",
    )


def _tries() -> None:
    # No tenant yet: kept under hashes of log-in name and address, out of everybody's reach but the two functions'.
    op.execute(
        """
        create table login_tries (
            id bigint generated always as identity primary key,
            subject bytea not null,
            tried_at timestamptz not null default clock_timestamp()
        )
        """
    )
    op.execute("create index login_tries_subject on login_tries (subject, tried_at)")
    op.execute("create index login_tries_tried_at on login_tries (tried_at)")
    op.execute("alter table login_tries enable row level security")
    op.execute("alter table login_tries force row level security")
    op.execute("create policy looking on login_tries to siyu_definer using (true) with check (true)")
    op.execute("grant select, insert, delete on login_tries to siyu_definer")
    lookup_function(
        """
        create function siyu_try_login(p_login bytea, p_address bytea, p_login_limit integer, p_address_limit integer)
        returns integer
        language plpgsql volatile security definer set search_path = public, pg_temp as $$
        declare
            hour_ago timestamptz;
            free_at timestamptz;
        begin
            -- Names before addresses, so that nobody waits in a circle.
            perform pg_advisory_xact_lock(hashtextextended('login' || encode(p_login, 'hex'), 0));
            perform pg_advisory_xact_lock(hashtextextended('address' || encode(p_address, 'hex'), 0));
            hour_ago := clock_timestamp() - interval '1 hour';
            delete from login_tries where tried_at <= hour_ago;
            select max(full_until) into free_at from (
                (select tried_at + interval '1 hour' as full_until from login_tries where subject = p_login
                 order by tried_at desc offset p_login_limit - 1 limit 1)
                union all
                (select tried_at + interval '1 hour' from login_tries where subject = p_address
                 order by tried_at desc offset p_address_limit - 1 limit 1)
            ) limits;
            if free_at is not null then
                return greatest(1, ceil(extract(epoch from free_at - clock_timestamp())))::integer;
            end if;
            insert into login_tries (subject) values (p_login), (p_address);
            return 0;
        end $$
        """,
        "siyu_try_login(bytea, bytea, integer, integer)",
    )
    lookup_function(
        """
        create function siyu_login_succeeded(p_login bytea, p_address bytea)
        returns integer
        language plpgsql volatile security definer set search_path = public, pg_temp as $$
        declare
            tries integer;
        begin
            perform pg_advisory_xact_lock(hashtextextended('login' || encode(p_login, 'hex'), 0));
            delete from login_tries where subject = p_login;
            get diagnostics tries = row_count;
            delete from login_tries where id = (select id from login_tries where subject = p_address order by tried_at desc limit 1);
            return greatest(tries - 1, 0);
        end $$
        """,
        "siyu_login_succeeded(bytea, bytea)",
    )


def _audit() -> None:
    op.execute(
        """
        create table audit_entries (
            tenant_id uuid not null,
            seq bigint not null,
            at timestamptz not null,
            recorded_at timestamptz not null,
            actor text not null,
            actor_name text not null,
            act text not null,
            subject text not null,
            detail json not null,
            hash bytea not null,
            primary key (tenant_id, seq)
        )
        """
    )
    op.execute("create index audit_entries_act on audit_entries (tenant_id, act, seq desc)")
    op.execute("create index audit_entries_actor on audit_entries (tenant_id, actor, seq desc)")
    secure("audit_entries", append_only=True)
    op.execute("revoke update, delete on audit_entries from siyu_eraser")
    op.execute("create table audit_heads (tenant_id uuid not null primary key, seq bigint not null, hash bytea not null)")
    secure("audit_heads")
    op.execute("revoke delete on audit_heads from siyu_app")
    op.execute("revoke update, delete on audit_heads from siyu_eraser")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for function in (
        "siyu_login_succeeded(bytea, bytea)",
        "siyu_try_login(bytea, bytea, integer, integer)",
        "siyu_session(bytea)",
        "siyu_account_by_login(text)",
    ):
        op.execute(f"drop function {function}")
    for table in ("audit_heads", "audit_entries", "login_tries", "sessions", "recovery_codes", "accounts", "staff", "departments"):
        op.execute(f"drop table {table}")
