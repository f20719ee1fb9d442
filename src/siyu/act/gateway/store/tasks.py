"""What the platform made of the calls."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from siyu.act.gateway.model.actions import ActionId
from siyu.act.gateway.model.tasks import Task, TaskState
from siyu.infra.tx import Tx
from siyu.kernel.ids import CallId

_COLUMNS = "msgid, corp_id, call_id, action_id, sender, made_at, standing, state, reason, close_at, whole_at"


def save(tx: Tx, task: Task) -> None:
    """Enter a task, or write back what a move can change."""
    tx.execute(
        """
        insert into send_tasks (tenant_id, corp_id, msgid, call_id, action_id, sender, made_at, standing, state, reason, close_at, whole_at)
        values (:tenant_id, :corp_id, :msgid, :call_id, :action_id, :sender, :made_at, :standing, :state, :reason, :close_at, :whole_at)
        on conflict (tenant_id, corp_id, msgid) do update
        set standing = excluded.standing, state = excluded.state, reason = excluded.reason, close_at = excluded.close_at, whole_at = excluded.whole_at
        """,
        {
            "corp_id": task.corp_id,
            "msgid": task.msgid,
            "call_id": task.call_id,
            "action_id": task.action_id,
            "sender": task.sender,
            "made_at": task.made_at,
            "standing": task.standing,
            "state": str(task.state),
            "reason": task.reason,
            "close_at": task.close_at,
            "whole_at": task.whole_at,
        },
    )


def locked(tx: Tx, corp_id: str, msgid: str) -> Task:
    """One task, locked."""
    row = tx.execute(
        f"select {_COLUMNS} from send_tasks where tenant_id = :tenant_id and corp_id = :corp_id and msgid = :msgid for update",  # noqa: S608
        {"corp_id": corp_id, "msgid": msgid},
    ).one()
    return _task(row)


def owners(tx: Tx, corp_id: str, msgids: Collection[str]) -> dict[str, CallId]:
    """The calls that these tasks belong to."""
    rows = tx.execute(
        "select msgid, call_id from send_tasks where tenant_id = :tenant_id and corp_id = :corp_id and msgid = any (cast(:msgids as text[]))",
        {"corp_id": corp_id, "msgids": list(msgids)},
    )
    return {row.msgid: CallId(row.call_id) for row in rows}


def of_call(tx: Tx, call_id: CallId) -> list[Task]:
    """All tasks of a call, closed ones included."""
    rows = tx.execute(
        f"select {_COLUMNS} from send_tasks where tenant_id = :tenant_id and call_id = :call_id order by made_at, msgid",  # noqa: S608
        {"call_id": call_id},
    )
    return [_task(row) for row in rows]


def in_state(tx: Tx, state: TaskState, limit: int) -> list[Task]:
    """Tasks in a state, locked, oldest first; those in other hands are passed over."""
    rows = tx.execute(
        f"""
        select {_COLUMNS}
        from send_tasks
        where tenant_id = :tenant_id and state = :state
        order by made_at, msgid
        limit :limit
        for update skip locked
        """,  # noqa: S608 (constant columns)
        {"state": str(state), "limit": limit},
    )
    return [_task(row) for row in rows]


def readable(tx: Tx, *, polled_before: datetime, machine: datetime, limit: int) -> list[Task]:
    """Tasks due for a reading, which is noted: open ones not read since `polled_before` (business), withdrawn ones whose last reading may be made."""
    rows = tx.execute(
        f"""
        update send_tasks t
        set polled_at = :now
        from (
            select corp_id, msgid
            from send_tasks
            where tenant_id = :tenant_id
                and ((state = 'open' and (polled_at is null or polled_at <= :polled_before)) or (state = 'withdrawn' and close_at <= :machine))
            order by polled_at nulls first, made_at, msgid
            limit :limit
            for update skip locked
        ) d
        where t.tenant_id = :tenant_id and t.corp_id = d.corp_id and t.msgid = d.msgid
        returning {", ".join("t." + name for name in _COLUMNS.split(", "))}
        """,  # noqa: S608 (constant columns)
        {"polled_before": polled_before, "machine": machine, "limit": limit},
    )
    return sorted((_task(row) for row in rows), key=lambda task: (task.made_at, task.msgid))


def withdraw_calls(tx: Tx, calls: Collection[CallId], reason: str) -> int:
    """Mark the open standing tasks of these calls for withdrawal; returns how many."""
    return tx.execute(
        """
        update send_tasks
        set state = 'withdrawing', reason = :reason
        where tenant_id = :tenant_id and call_id = any (cast(:calls as uuid[])) and state = 'open' and standing
        """,
        {"calls": list(calls), "reason": reason},
    ).rowcount


def counts(tx: Tx, action_id: ActionId) -> dict[TaskState, int]:
    """Standing tasks of an action by state."""
    rows = tx.execute(
        "select state, count(*) as n from send_tasks where tenant_id = :tenant_id and action_id = :action_id and standing group by state",
        {"action_id": action_id},
    )
    return {TaskState(row.state): row.n for row in rows}


def _task(row: Row[Any]) -> Task:
    return Task(
        msgid=row.msgid,
        corp_id=row.corp_id,
        call_id=CallId(row.call_id),
        action_id=ActionId(row.action_id),
        sender=row.sender,
        made_at=row.made_at,
        standing=row.standing,
        state=TaskState(row.state),
        reason=row.reason,
        close_at=row.close_at,
        whole_at=row.whole_at,
    )
