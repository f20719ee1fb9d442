"""Counts over what others keep, for the first page; owns no table and writes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from siyu.infra.tx import Tx
from siyu.kernel.ids import StaffId


def open_matters(tx: Tx, staff: Sequence[StaffId] | None) -> Mapping[str, Any]:
    """Calls of which WeCom said nothing clear; tasks that staff have not confirmed;
    imports and visible jobs that failed in the last seven days; what is wrong with the connection to WeCom;
    corps whose sending rests since WeCom refused a call. `staff`: whose calls and tasks count, and of jobs only the actor's own; None for everybody's."""
    row = tx.execute(
        """
        with mine (corp_id, sender) as (select corp_id, userid from staff where tenant_id = :tenant_id and id = any (cast(:staff as uuid[])))
        select
            (select count(*) from send_calls
                where tenant_id = :tenant_id and state = 'unknown' and (:all or (corp_id, sender) in (select corp_id, sender from mine))) as unknown_calls,
            (select count(*) from send_tasks
                where tenant_id = :tenant_id and state = 'open' and (:all or (corp_id, sender) in (select corp_id, sender from mine))) as open_tasks,
            (select count(*) from imports where tenant_id = :tenant_id and state = 'failed' and updated_at > :now - interval '7 days') as failed_imports,
            (select count(*) from corp_findings f
                join corps c on c.tenant_id = f.tenant_id and c.id = f.corp_id and c.active
                where f.tenant_id = :tenant_id and f.state = 'error') as corp_errors,
            (select count(*) from send_corps where tenant_id = :tenant_id and pause_code is not null and paused_until > clock_timestamp()) as resting_corps,
            (select count(*) from jobs
                where tenant_id = :tenant_id and visible and state = 'failed' and finished_at > :now - interval '7 days' and (:all or created_by = :by))
                as failed_jobs
        """,
        {"all": staff is None, "staff": list(staff or ()), "by": tx.actor.label},
    ).one()
    return dict(row._mapping)


def awaiting(tx: Tx) -> list[Row[Any]]:
    """Broadcasts that wait for approval: (frozen_id, frozen_count, submitted_by, send_at)."""
    query = "select frozen_id, frozen_count, submitted_by, send_at from broadcasts where tenant_id = :tenant_id and state = 'awaiting_approval'"
    return list(tx.execute(query))


def resting(tx: Tx) -> list[tuple[str, str]]:
    """Corps whose sending rests, by name, with the code of WeCom's refusal."""
    rows = tx.execute(
        """
        select coalesce(min(c.name), s.corp_id) as name, s.pause_code
        from send_corps s
        left join corps c on c.tenant_id = s.tenant_id and c.corp_id = s.corp_id and c.active
        where s.tenant_id = :tenant_id and s.pause_code is not null and s.paused_until > clock_timestamp() - interval '10 seconds'
        group by s.corp_id, s.pause_code
        order by name
        """
    )
    return [(row.name, row.pause_code) for row in rows]


def corp_errors(tx: Tx) -> int:
    """What is wrong with the connections to WeCom."""
    return int(
        tx.execute(
            """
            select count(*)
            from corp_findings f
            join corps c on c.tenant_id = f.tenant_id and c.id = f.corp_id and c.active
            where f.tenant_id = :tenant_id and f.state = 'error'
            """
        ).scalar_one()
    )


def first_steps(tx: Tx) -> Mapping[str, bool]:
    """Which of the first steps of a brand have been taken."""
    row = tx.execute(
        """
        select
            exists (select from corps where tenant_id = :tenant_id) as connect,
            exists (select from orders where tenant_id = :tenant_id)
                and not exists (select from imports where tenant_id = :tenant_id and state = 'importing') as orders,
            exists (select from segments where tenant_id = :tenant_id) as segment,
            exists (select from broadcasts where tenant_id = :tenant_id and started_at is not null) as broadcast,
            (select count(*) > 1 from accounts where tenant_id = :tenant_id and active) as team
        """
    ).one()
    return dict(row._mapping)
