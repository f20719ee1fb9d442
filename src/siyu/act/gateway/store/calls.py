"""Requests to the platform. Only a handful are touched at a time, so each is read, moved by the model and written back under its row lock."""

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from siyu.act.gateway.model.actions import ActionId
from siyu.act.gateway.model.calls import Call, CallState
from siyu.act.gateway.store.actions import content
from siyu.infra.tx import Tx
from siyu.kernel.ids import CallId, CustomerId

_COLUMNS = """id, action_id, corp_id, sender, fingerprint, marker, body, reserved_on, state, epoch, tries, retry_at, lease_until, first_try_at, tried_at,
    doubt_at, look_at, looked_at, doubted, absences, msgid, code"""


def insert(tx: Tx, call: Call, customers: Collection[CustomerId], recipients: Collection[str]) -> None:
    """Keep a ready call with the people it was made for."""
    tx.execute(
        """
        insert into send_calls (tenant_id, id, action_id, corp_id, sender, fingerprint, marker, body, customers, recipients, reserved_on, state, created_at)
        values (
            :tenant_id, :id, :action_id, :corp_id, :sender, :fingerprint, :marker, cast(:body as jsonb), cast(:customers as uuid[]),
            cast(:recipients as text[]), :reserved_on, :state, :now
        )
        """,
        {
            "id": call.id,
            "action_id": call.action_id,
            "corp_id": call.corp_id,
            "sender": call.sender,
            "fingerprint": call.fingerprint,
            "marker": call.marker,
            "body": json.dumps(asdict(call.body), ensure_ascii=False),
            "customers": list(customers),
            "recipients": list(recipients),
            "reserved_on": call.reserved_on,
            "state": str(call.state),
        },
    )


def save(tx: Tx, call: Call) -> None:
    """Write back what a move can change."""
    tx.execute(
        """
        update send_calls
        set state = :state, epoch = :epoch, tries = :tries, retry_at = :retry_at, lease_until = :lease_until, first_try_at = :first_try_at,
            tried_at = :tried_at, doubt_at = :doubt_at, look_at = :look_at, looked_at = :looked_at, doubted = :doubted, absences = :absences,
            msgid = :msgid, code = :code
        where tenant_id = :tenant_id and id = :id
        """,
        {
            "id": call.id,
            "state": str(call.state),
            "epoch": call.epoch,
            "tries": call.tries,
            "retry_at": call.retry_at,
            "lease_until": call.lease_until,
            "first_try_at": call.first_try_at,
            "tried_at": call.tried_at,
            "doubt_at": call.doubt_at,
            "look_at": call.look_at,
            "looked_at": call.looked_at,
            "doubted": call.doubted,
            "absences": call.absences,
            "msgid": call.msgid,
            "code": call.code,
        },
    )


def claimable(tx: Tx, machine: datetime) -> Call | None:
    """The next ready call whose time has come, locked: its corp is not paused and no open call has the same sender and words."""
    row = tx.execute(
        f"""
        select {_COLUMNS}
        from send_calls c
        where c.tenant_id = :tenant_id
            and c.state = 'ready'
            and (c.retry_at is null or c.retry_at <= :machine)
            and not exists (select from send_corps p where p.tenant_id = c.tenant_id and p.corp_id = c.corp_id and p.paused_until > :machine)
            and not exists (
                select from send_calls o
                where o.tenant_id = c.tenant_id and o.corp_id = c.corp_id and o.sender = c.sender and o.fingerprint = c.fingerprint
                    and o.state in ('claimed', 'unknown')
            )
        order by c.id
        limit 1
        for update skip locked
        """,  # noqa: S608 (constant columns)
        {"machine": machine},
    ).first()
    return _call(row) if row else None


def locked(tx: Tx, id: CallId) -> Call:
    """One call, locked."""
    row = tx.execute(
        f"select {_COLUMNS} from send_calls where tenant_id = :tenant_id and id = :id for update",  # noqa: S608 (constant columns)
        {"id": id},
    ).one()
    return _call(row)


def ready(tx: Tx, limit: int) -> list[Call]:
    """Ready calls, locked; those in other hands are passed over."""
    rows = tx.execute(
        f"select {_COLUMNS} from send_calls where tenant_id = :tenant_id and state = 'ready' order by id limit :limit for update skip locked",  # noqa: S608
        {"limit": limit},
    )
    return [_call(row) for row in rows]


def doubtful(tx: Tx, machine: datetime, limit: int) -> list[Call]:
    """Claimed calls whose lease is over and unknown ones due for a look, locked."""
    rows = tx.execute(
        f"""
        select {_COLUMNS}
        from send_calls
        where tenant_id = :tenant_id
            and ((state = 'claimed' and lease_until <= :machine) or (state = 'unknown' and (look_at is null or look_at <= :machine)))
        order by id
        limit :limit
        for update skip locked
        """,  # noqa: S608 (constant columns)
        {"machine": machine, "limit": limit},
    )
    return [_call(row) for row in rows]


def suspects(tx: Tx, since: datetime) -> list[Call]:
    """Calls once in doubt, closed now, tried since an instant."""
    rows = tx.execute(
        f"""
        select {_COLUMNS}
        from send_calls
        where tenant_id = :tenant_id and doubted and tried_at >= :since and state not in ('claimed', 'unknown')
        order by id
        """,  # noqa: S608 (constant columns)
        {"since": since},
    )
    return [_call(row) for row in rows]


def twin_open(tx: Tx, call: Call) -> bool:
    """Whether an open call has the same sender and words."""
    return bool(
        tx.execute(
            """
            select exists (
                select from send_calls
                where tenant_id = :tenant_id and corp_id = :corp_id and sender = :sender and fingerprint = :fingerprint and state in ('claimed', 'unknown')
            )
            """,
            {"corp_id": call.corp_id, "sender": call.sender, "fingerprint": call.fingerprint},
        ).scalar()
    )


def people(tx: Tx, id: CallId) -> dict[str, CustomerId]:
    """Everybody the call was made for, by external_userid, also those who have left it since."""
    row = tx.execute("select customers, recipients from send_calls where tenant_id = :tenant_id and id = :id", {"id": id}).one()
    return {external: CustomerId(customer) for customer, external in zip(row.customers, row.recipients, strict=True)}


def counts(tx: Tx) -> dict[CallState, int]:
    """Calls that still stand to be settled, by state."""
    rows = tx.execute("select state, count(*) as n from send_calls where tenant_id = :tenant_id and state in ('ready', 'claimed', 'unknown') group by state")
    return {CallState(row.state): row.n for row in rows}


def unknown(tx: Tx, action_id: ActionId | None = None) -> list[Call]:
    """Calls whose fate is open, oldest doubt first: shown with their age."""
    rows = tx.execute(
        f"""
        select {_COLUMNS}
        from send_calls
        where tenant_id = :tenant_id and state = 'unknown' and (cast(:action_id as uuid) is null or action_id = cast(:action_id as uuid))
        order by doubt_at, id
        """,  # noqa: S608 (constant columns)
        {"action_id": action_id},
    )
    return [_call(row) for row in rows]


def _call(row: Row[Any]) -> Call:
    return Call(
        id=CallId(row.id),
        action_id=ActionId(row.action_id),
        corp_id=row.corp_id,
        sender=row.sender,
        fingerprint=row.fingerprint,
        marker=row.marker,
        body=content(row.body),
        reserved_on=row.reserved_on,
        state=CallState(row.state),
        epoch=row.epoch,
        tries=row.tries,
        retry_at=row.retry_at,
        lease_until=row.lease_until,
        first_try_at=row.first_try_at,
        tried_at=row.tried_at,
        doubt_at=row.doubt_at,
        look_at=row.look_at,
        looked_at=row.looked_at,
        doubted=row.doubted,
        absences=row.absences,
        msgid=row.msgid,
        code=row.code,
    )
