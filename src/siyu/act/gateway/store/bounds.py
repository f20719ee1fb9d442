"""Quota, pauses of corps, a brand's policy, incidents."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from siyu.act.gateway.model.policy import Policy
from siyu.infra.tx import Tx
from siyu.kernel.ids import CallId, CustomerId, uuid7

PROMOTION = "promotion"


def judging(tx: Tx) -> None:
    """One judge of a brand at a time: what people have received is counted before more is asked for them."""
    tx.execute("select pg_advisory_xact_lock(hashtextextended('gateway.judge' || cast(:tenant_id as text), 0))")


def take(tx: Tx, caps: Mapping[CustomerId, int], window_start: date) -> set[CustomerId]:
    """Take one promotion of the week from each of these people, of whom each may have so many; returns who still had one.

    The row's check is the last word, whoever races.
    """
    open_to = {customer: cap for customer, cap in caps.items() if cap >= 1}
    if not open_to:
        return set()
    rows = tx.execute(
        """
        insert into send_quotas as q (tenant_id, customer_id, channel, window_start, used, cap)
        select :tenant_id, c.id, :channel, :window_start, 1, c.cap
        from unnest(cast(:customers as uuid[]), cast(:caps as integer[])) as c (id, cap)
        order by c.id
        on conflict (tenant_id, customer_id, channel, window_start) do update
        set used = q.used + 1, cap = excluded.cap
        where q.used < excluded.cap
        returning customer_id
        """,
        {"customers": list(open_to), "caps": list(open_to.values()), "channel": PROMOTION, "window_start": window_start},
    )
    return {CustomerId(row.customer_id) for row in rows}


def settle_seconds(tx: Tx, corp_id: str, default: float) -> float:
    """How long an absence must last before it is believed, for this corp."""
    row = tx.execute("select settle_seconds from send_corps where tenant_id = :tenant_id and corp_id = :corp_id", {"corp_id": corp_id}).first()
    return float(row.settle_seconds) if row else default


def raise_settle(tx: Tx, corp_id: str, seconds: float) -> None:
    """Never lower."""
    tx.execute(
        """
        insert into send_corps as c (tenant_id, corp_id, settle_seconds)
        values (:tenant_id, :corp_id, :seconds)
        on conflict (tenant_id, corp_id) do update set settle_seconds = greatest(c.settle_seconds, excluded.settle_seconds)
        """,
        {"corp_id": corp_id, "seconds": seconds},
    )


def strikes(tx: Tx, corp_id: str) -> int:
    """Rate blocks in a row."""
    row = tx.execute("select strikes from send_corps where tenant_id = :tenant_id and corp_id = :corp_id", {"corp_id": corp_id}).first()
    return int(row.strikes) if row else 0


def pause(tx: Tx, corp_id: str, until: datetime, code: str, *, strike: bool, default_settle: float) -> bool:
    """Let every call of the corp wait until a machine instant; whether the corp was well, or ill of something else, before."""
    before = tx.execute("select pause_code from send_corps where tenant_id = :tenant_id and corp_id = :corp_id for update", {"corp_id": corp_id}).scalar()
    tx.execute(
        """
        insert into send_corps as c (tenant_id, corp_id, settle_seconds, paused_until, pause_code, strikes)
        values (:tenant_id, :corp_id, :settle, :until, :code, :strike)
        on conflict (tenant_id, corp_id) do update
        set paused_until = excluded.paused_until, pause_code = excluded.pause_code, strikes = c.strikes + excluded.strikes
        """,
        {"corp_id": corp_id, "settle": default_settle, "until": until, "code": code, "strike": int(strike)},
    )
    return before != code


def calm(tx: Tx, corp_id: str) -> str | None:
    """A call went through: no strikes, no pause to show. The platform's code for which the corp has waited, if it has."""
    code: str | None = tx.execute(
        """
        update send_corps c
        set strikes = 0, pause_code = null
        from send_corps before
        where c.tenant_id = :tenant_id and c.corp_id = :corp_id and (c.strikes > 0 or c.pause_code is not null)
            and before.tenant_id = c.tenant_id and before.corp_id = c.corp_id
        returning before.pause_code
        """,
        {"corp_id": corp_id},
    ).scalar()
    return code


def pauses(tx: Tx, machine: datetime) -> list[tuple[str, datetime, str]]:
    """Corps that wait now: (corp, until, the platform's code)."""
    rows = tx.execute(
        "select corp_id, paused_until, pause_code from send_corps where tenant_id = :tenant_id and paused_until > :machine order by corp_id",
        {"machine": machine},
    )
    return [(row.corp_id, row.paused_until, row.pause_code or "") for row in rows]


def policy(tx: Tx) -> Policy:
    """The brand's policy, the default where it has set none."""
    row = tx.execute("select policy from send_policies where tenant_id = :tenant_id").first()
    return Policy.read(row.policy) if row else Policy()


def set_policy(tx: Tx, policy: Policy) -> None:
    tx.execute(
        """
        insert into send_policies (tenant_id, policy, updated_by, updated_at)
        values (:tenant_id, cast(:policy as jsonb), :by, :now)
        on conflict (tenant_id) do update set policy = excluded.policy, updated_by = excluded.updated_by, updated_at = excluded.updated_at
        """,
        {"policy": json.dumps(policy.stored()), "by": tx.actor.label},
    )


def incident(tx: Tx, kind: str, call_id: CallId, customers: Sequence[CustomerId]) -> bool:
    """Note who was wronged, once; False when it is known."""
    return (
        tx.execute(
            """
            insert into send_incidents (tenant_id, id, kind, call_id, customers, at)
            values (:tenant_id, :id, :kind, :call_id, cast(:customers as uuid[]), :now)
            on conflict do nothing
            """,
            {"id": uuid7(tx.now), "kind": kind, "call_id": call_id, "customers": sorted(customers)},
        ).rowcount
        == 1
    )


def incidents(tx: Tx) -> list[tuple[str, CallId, tuple[CustomerId, ...], datetime]]:
    """All incidents, oldest first: (kind, call, people, when)."""
    rows = tx.execute("select kind, call_id, customers, at from send_incidents where tenant_id = :tenant_id order by at, id")
    return [(row.kind, CallId(row.call_id), tuple(CustomerId(it) for it in row.customers), row.at) for row in rows]
