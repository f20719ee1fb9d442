"""Members disabled in WeCom have no session; notices of what the doctor found; customers removed from a group."""

from alembic import op

from siyu.infra.migrate import secure

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

HERE = "t.active is not false"
ABLE = "t.active is not false and coalesce(t.status, 1) <> 2"
"""WeCom's number 2: disabled. Who has never activated WeCom has a password all the same."""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    _sessions_of(ABLE)
    op.execute("alter table alert_settings add column connection boolean not null default true")
    _kinds("'by_customer', 'by_staff', 'left_group', 'removed_from_group'")
    op.execute(
        """
        create table connection_notes (
            tenant_id uuid not null,
            id uuid not null,
            corp_id uuid not null,
            check_name text not null,
            before text not null,
            state text not null,
            at timestamptz not null,
            primary key (tenant_id, id)
        )
        """
    )
    op.execute("create index connection_notes_of_corp on connection_notes (tenant_id, corp_id)")
    secure("connection_notes")
    op.execute("alter table loss_notices add column corp_id uuid, add column app_id uuid, add column urgent boolean not null default false")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("delete from loss_notices where corp_id is not null")
    op.execute("alter table loss_notices drop column corp_id, drop column app_id, drop column urgent")
    op.execute("drop table connection_notes")
    op.execute("update loss_notes set kind = 'left_group' where kind = 'removed_from_group'")
    _kinds("'by_customer', 'by_staff', 'left_group'")
    op.execute("alter table alert_settings drop column connection")
    _sessions_of(HERE)


def _kinds(known: str) -> None:
    """What a noted loss may be."""
    op.execute("-- squawk-ignore ban-drop-constraint\nalter table loss_notes drop constraint loss_notes_kind_check")
    op.execute(f"alter table loss_notes add constraint loss_notes_kind_check check (kind in ({known})) not valid")
    op.execute("-- squawk-ignore constraint-missing-not-valid\nalter table loss_notes validate constraint loss_notes_kind_check")


def _sessions_of(members: str) -> None:
    """The two look-ups of the log-in with the condition on the linked member; owners are let in whatever the contacts say."""
    op.execute(
        f"""
        create or replace function siyu_account_by_login(p_login text)
        returns table (tenant_id uuid, account_id uuid, password_hash text, active boolean)
        language sql stable security definer set search_path = public, pg_temp as $$
            select a.tenant_id, a.id, a.password_hash, a.active and (a.role = 'owner' or ({members}))
            from accounts a
            left join staff t on t.tenant_id = a.tenant_id and t.id = a.staff_id
            where a.login = p_login
        $$
        """
    )
    op.execute(
        f"""
        create or replace function siyu_session(p_hash bytea)
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
                and (a.role = 'owner' or ({members}))
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
        """
    )
