"""The action gateway: what is asked for, who is meant, the calls made, the tasks that came of them, quota and incidents."""

from alembic import op

from siyu.infra.migrate import replicate, secure

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _asked()
    _called()
    _bounds()


def _asked() -> None:
    op.execute(
        """
        create table send_actions (
            tenant_id uuid not null,
            id uuid not null,
            campaign uuid not null,
            step integer not null,
            round integer not null,
            purpose text not null check (purpose in ('promotion', 'service')),
            content jsonb not null,
            not_before timestamptz not null,
            expires_at timestamptz not null check (expires_at > not_before),
            salt text not null,
            holdout_bp integer not null check (holdout_bp between 0 and 10000),
            approved boolean not null,
            lifts_cap boolean not null,
            cost_fen bigint not null check (cost_fen >= 0),
            created_by text not null,
            created_at timestamptz not null,
            ready_at timestamptz,
            stopped_at timestamptz,
            settled_at timestamptz,
            primary key (tenant_id, id),
            unique (tenant_id, campaign, step, round)
        )
        """
    )
    op.execute("create index send_actions_unsettled on send_actions (tenant_id, id) where settled_at is null")
    secure("send_actions")
    replicate("send_actions")
    op.execute(
        """
        create table send_intents (
            tenant_id uuid not null,
            action_id uuid not null,
            customer_id uuid not null,
            arm text not null check (arm in ('treated', 'holdout')),
            state text not null check (state in ('planned', 'reserved', 'in_call', 'task', 'sent', 'skipped', 'expired', 'cancelled')),
            reason text,
            hold_until timestamptz,
            identity_id uuid,
            corp_id text,
            staff_id uuid,
            sender text,
            external_userid text,
            call_id uuid,
            quota_on date,
            sent_at timestamptz,
            sent_by text,
            updated_at timestamptz not null,
            primary key (tenant_id, action_id, customer_id),
            check (state not in ('skipped', 'expired', 'cancelled') or (reason is not null and quota_on is null)),
            check (state not in ('in_call', 'task', 'sent') or (call_id is not null and external_userid is not null)),
            check ((state = 'sent') = (sent_at is not null)),
            check (arm = 'treated' or state not in ('reserved', 'in_call', 'task', 'sent'))
        )
        """
    )
    op.execute("create index send_intents_due on send_intents (tenant_id, action_id, customer_id) where state = 'planned'")
    op.execute("create index send_intents_reserved on send_intents (tenant_id, action_id, corp_id, sender, customer_id) where state = 'reserved'")
    op.execute("create index send_intents_waiting on send_intents (tenant_id, action_id) where state in ('in_call', 'task')")
    op.execute("create index send_intents_of_call on send_intents (tenant_id, call_id) where call_id is not null")
    op.execute("create index send_intents_of_customer on send_intents (tenant_id, customer_id)")
    secure("send_intents")
    replicate("send_intents", ("tenant_id", "action_id", "customer_id"))


def _called() -> None:
    op.execute(
        """
        create table send_calls (
            tenant_id uuid not null,
            id uuid not null,
            action_id uuid not null,
            corp_id text not null,
            sender text not null,
            fingerprint text not null,
            marker text not null,
            body jsonb not null,
            customers uuid[] not null,
            recipients text[] not null check (cardinality(recipients) = cardinality(customers) and cardinality(recipients) between 1 and 10000),
            reserved_on date not null,
            state text not null check (state in ('ready', 'claimed', 'done', 'unknown', 'refused', 'dead')),
            epoch integer not null default 0,
            tries integer not null default 0,
            retry_at timestamptz,
            lease_until timestamptz,
            first_try_at timestamptz,
            tried_at timestamptz,
            doubt_at timestamptz,
            look_at timestamptz,
            looked_at timestamptz,
            doubted boolean not null default false,
            absences integer not null default 0,
            msgid text,
            code text,
            created_at timestamptz not null,
            primary key (tenant_id, id),
            check ((state = 'done') = (msgid is not null)),
            check (state <> 'claimed' or lease_until is not null),
            check (state <> 'unknown' or doubt_at is not null)
        )
        """
    )
    # Two open calls of one sender with the same words could not be told apart in the platform's list.
    op.execute("create unique index send_calls_open on send_calls (tenant_id, corp_id, sender, fingerprint) where state in ('claimed', 'unknown')")
    op.execute("create index send_calls_live on send_calls (tenant_id, state, id) where state in ('ready', 'claimed', 'unknown')")
    op.execute("create index send_calls_doubted on send_calls (tenant_id, tried_at) where doubted")
    op.execute("create index send_calls_of_action on send_calls (tenant_id, action_id)")
    secure("send_calls")
    op.execute(
        """
        create table send_tasks (
            tenant_id uuid not null,
            corp_id text not null,
            msgid text not null,
            call_id uuid not null,
            action_id uuid not null,
            sender text not null,
            made_at timestamptz not null,
            standing boolean not null,
            state text not null check (state in ('open', 'withdrawing', 'withdrawn', 'closed')),
            reason text,
            close_at timestamptz,
            whole_at timestamptz,
            polled_at timestamptz,
            primary key (tenant_id, corp_id, msgid)
        )
        """
    )
    op.execute("create unique index send_tasks_standing on send_tasks (tenant_id, call_id) where standing")
    op.execute("create index send_tasks_live on send_tasks (tenant_id, state) where state <> 'closed'")
    op.execute("create index send_tasks_of_call on send_tasks (tenant_id, call_id)")
    secure("send_tasks")


def _bounds() -> None:
    op.execute(
        """
        create table send_quotas (
            tenant_id uuid not null,
            customer_id uuid not null,
            channel text not null,
            window_start date not null,
            used integer not null check (used >= 0),
            cap integer not null,
            primary key (tenant_id, customer_id, channel, window_start),
            check (used <= cap)
        )
        """
    )
    secure("send_quotas")
    op.execute(
        """
        create table send_corps (
            tenant_id uuid not null,
            corp_id text not null,
            settle_seconds double precision not null check (settle_seconds >= 0),
            paused_until timestamptz,
            pause_code text,
            strikes integer not null default 0,
            primary key (tenant_id, corp_id)
        )
        """
    )
    secure("send_corps")
    op.execute(
        """
        create table send_policies (
            tenant_id uuid not null primary key,
            policy jsonb not null,
            updated_by text not null,
            updated_at timestamptz not null
        )
        """
    )
    secure("send_policies")
    op.execute(
        """
        create table send_incidents (
            tenant_id uuid not null,
            id uuid not null,
            kind text not null check (kind in ('doubled')),
            call_id uuid not null,
            customers uuid[] not null,
            at timestamptz not null,
            primary key (tenant_id, id),
            unique (tenant_id, kind, call_id, customers)
        )
        """
    )
    secure("send_incidents", append_only=True)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in ("send_incidents", "send_policies", "send_corps", "send_quotas", "send_tasks", "send_calls", "send_intents", "send_actions"):
        op.execute(f"drop table {table}")
