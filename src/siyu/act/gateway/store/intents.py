"""Who is meant, where they stand, and the set-based moves of many people at once. Whoever stops waiting gives back the quota in the same statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from siyu.act.gateway.model.actions import ActionId, Purpose
from siyu.act.gateway.model.arms import Arm
from siyu.act.gateway.model.guards import Contact
from siyu.act.gateway.model.intents import IntentState
from siyu.act.gateway.store.bounds import PROMOTION
from siyu.infra.tx import Tx
from siyu.kernel.ids import CallId, CustomerId, IdentityId, StaffId


@dataclass(frozen=True)
class Batch:
    """People of one sender who go into one call."""

    corp_id: str
    sender: str
    customers: tuple[CustomerId, ...]
    recipients: tuple[str, ...]


def insert(tx: Tx, action_id: ActionId, arms: Mapping[CustomerId, Arm]) -> int:
    """Plan people; those planned before stay as they are. Returns how many are new."""
    return tx.execute(
        """
        insert into send_intents (tenant_id, action_id, customer_id, arm, state, updated_at)
        select :tenant_id, :action_id, p.customer_id, p.arm, 'planned', :now
        from unnest(cast(:customers as uuid[]), cast(:arms as text[])) as p (customer_id, arm)
        order by p.customer_id
        on conflict do nothing
        """,
        {"action_id": action_id, "customers": list(arms), "arms": [str(arm) for arm in arms.values()]},
    ).rowcount


def due(tx: Tx, limit: int) -> tuple[ActionId | None, list[tuple[CustomerId, Arm]]]:
    """Planned people of one action whose time has come, locked; other workers pass them over. Of one only: quota is then taken in order of the people."""
    rows = tx.execute(
        """
        select i.action_id, i.customer_id, i.arm
        from send_intents i
        join send_actions a on a.tenant_id = i.tenant_id and a.id = i.action_id
        where i.tenant_id = :tenant_id
            and i.state = 'planned'
            and a.settled_at is null
            and a.not_before <= :now
            and (i.hold_until is null or i.hold_until <= :now or a.stopped_at is not null or a.expires_at <= :now)
        order by i.action_id, i.customer_id
        limit :limit
        for update of i skip locked
        """,
        {"limit": limit},
    )
    found = [(ActionId(row.action_id), CustomerId(row.customer_id), Arm(row.arm)) for row in rows]
    first = found[0][0] if found else None
    return first, [(customer, arm) for action_id, customer, arm in found if action_id == first]


def any_due(tx: Tx) -> bool:
    """Whether somebody waits to be judged or grouped now, in an action whose people have all been named."""
    return bool(
        tx.execute(
            """
            select exists (
                select from send_actions a
                join send_intents i on i.tenant_id = a.tenant_id and i.action_id = a.id
                where a.tenant_id = :tenant_id
                    and a.settled_at is null
                    and a.ready_at is not null
                    and a.not_before <= :now
                    and (i.state = 'reserved' or (i.state = 'planned' and (i.hold_until is null or i.hold_until <= :now)))
            )
            """
        ).scalar()
    )


def over(tx: Tx, limit: int) -> list[tuple[ActionId, CustomerId, str]]:
    """Planned people whose action has been stopped or has expired, locked, with which of the two; who is held out is that and nothing else."""
    rows = tx.execute(
        """
        select i.action_id, i.customer_id,
            case when i.arm = 'holdout' then 'holdout' when a.stopped_at is not null then 'stopped' else 'expired' end as reason
        from send_intents i
        join send_actions a on a.tenant_id = i.tenant_id and a.id = i.action_id
        where i.tenant_id = :tenant_id and i.state = 'planned' and a.settled_at is null and (a.stopped_at is not null or a.expires_at <= :now)
        order by i.action_id, i.customer_id
        limit :limit
        for update of i skip locked
        """,
        {"limit": limit},
    )
    return [(ActionId(row.action_id), CustomerId(row.customer_id), row.reason) for row in rows]


def promotions(tx: Tx, customers: Collection[CustomerId], monday: datetime) -> dict[CustomerId, int]:
    """Promotions sent since `monday` or under way then, by person; nobody with none."""
    return _sent(tx, customers, monday, [Purpose.PROMOTION])


def received(tx: Tx, customers: Collection[CustomerId], since: datetime) -> dict[CustomerId, int]:
    """Everything sent since an instant or under way then, by person; nobody with none."""
    return _sent(tx, customers, since, list(Purpose))


def _sent(tx: Tx, customers: Collection[CustomerId], since: datetime, purposes: Sequence[Purpose]) -> dict[CustomerId, int]:
    """Of what is under way only that which will be over before a `since` in the future is left out: what is late already can still arrive."""
    rows = tx.execute(
        """
        select i.customer_id, count(*) as n
        from send_intents i
        join send_actions a on a.tenant_id = i.tenant_id and a.id = i.action_id and a.purpose = any (cast(:purposes as text[]))
        where i.tenant_id = :tenant_id
            and i.customer_id = any (cast(:customers as uuid[]))
            and ((i.state in ('reserved', 'in_call', 'task') and (a.expires_at > :since or :since <= :now)) or i.sent_at >= :since)
        group by i.customer_id
        """,
        {"customers": list(customers), "since": since, "purposes": [str(purpose) for purpose in purposes]},
    )
    return {CustomerId(row.customer_id): row.n for row in rows}


def end(tx: Tx, action_id: ActionId, ends: Mapping[CustomerId, tuple[IntentState, str]]) -> None:
    """Planned people of one action come to an end, each with a reason. They hold no quota yet."""
    if ends:
        tx.execute(
            """
            update send_intents i
            set state = e.state, reason = e.reason, hold_until = null, updated_at = :now
            from unnest(cast(:customers as uuid[]), cast(:states as text[]), cast(:reasons as text[])) as e (customer_id, state, reason)
            where i.tenant_id = :tenant_id and i.action_id = :action_id and i.customer_id = e.customer_id and i.state = 'planned'
            """,
            {
                "action_id": action_id,
                "customers": list(ends),
                "states": [str(state) for state, _ in ends.values()],
                "reasons": [reason for _, reason in ends.values()],
            },
        )


def hold(tx: Tx, action_id: ActionId, holds: Mapping[CustomerId, tuple[datetime, str]]) -> None:
    """Planned people wait until an instant, with the reason."""
    if holds:
        tx.execute(
            """
            update send_intents i
            set hold_until = h.until, reason = h.reason, updated_at = :now
            from unnest(cast(:customers as uuid[]), cast(:untils as timestamptz[]), cast(:reasons as text[])) as h (customer_id, until, reason)
            where i.tenant_id = :tenant_id and i.action_id = :action_id and i.customer_id = h.customer_id and i.state = 'planned'
            """,
            {
                "action_id": action_id,
                "customers": list(holds),
                "untils": [until for until, _ in holds.values()],
                "reasons": [reason for _, reason in holds.values()],
            },
        )


def reserve(tx: Tx, action_id: ActionId, chosen: Mapping[CustomerId, Contact], quota_on: date | None) -> None:
    """Planned people may be written to, each through the contact chosen; `quota_on` when they hold a promotion of that day's week."""
    if chosen:
        contacts = list(chosen.values())
        tx.execute(
            """
            update send_intents i
            set state = 'reserved', reason = null, hold_until = null, quota_on = :quota_on, corp_id = r.corp_id, staff_id = r.staff_id,
                sender = r.sender, external_userid = r.external_userid, identity_id = r.identity_id, updated_at = :now
            from unnest(
                cast(:customers as uuid[]), cast(:corps as text[]), cast(:staff as uuid[]), cast(:senders as text[]), cast(:externals as text[]),
                cast(:identities as uuid[])
            ) as r (customer_id, corp_id, staff_id, sender, external_userid, identity_id)
            where i.tenant_id = :tenant_id and i.action_id = :action_id and i.customer_id = r.customer_id and i.state = 'planned'
            """,
            {
                "action_id": action_id,
                "quota_on": quota_on,
                "customers": list(chosen),
                "corps": [it.corp_id for it in contacts],
                "staff": [it.staff_id for it in contacts],
                "senders": [it.sender for it in contacts],
                "externals": [it.external_userid for it in contacts],
                "identities": [it.identity_id for it in contacts],
            },
        )


def groupable(tx: Tx) -> ActionId | None:
    """An action with reserved people and nobody left to judge now, locked against other groupers; None without one."""
    row = tx.execute(
        """
        select a.id
        from send_actions a
        where a.tenant_id = :tenant_id
            and a.settled_at is null
            and exists (select from send_intents i where i.tenant_id = a.tenant_id and i.action_id = a.id and i.state = 'reserved')
            and not exists (
                select from send_intents i
                where i.tenant_id = a.tenant_id and i.action_id = a.id and i.state = 'planned' and (i.hold_until is null or i.hold_until <= :now)
            )
        order by a.id
        limit 1
        for update skip locked
        """
    ).first()
    return ActionId(row.id) if row else None


def batches(tx: Tx, action_id: ActionId, size: int, most: int) -> list[Batch]:
    """Reserved people of an action, sender by sender, cut into calls of `size`; whole senders until `most` people are reached, one sender at least."""
    rows = tx.execute(
        """
        with senders as (
            select corp_id, sender, sum(count(*)) over (order by corp_id collate "C", sender collate "C") - count(*) as before
            from send_intents
            where tenant_id = :tenant_id and action_id = :action_id and state = 'reserved'
            group by corp_id, sender
        ),
        numbered as (
            select i.corp_id, i.sender, i.customer_id, i.external_userid,
                (row_number() over (partition by i.corp_id, i.sender order by i.customer_id) - 1) / :size as batch
            from send_intents i
            join senders s on s.corp_id = i.corp_id and s.sender = i.sender and s.before < :most
            where i.tenant_id = :tenant_id and i.action_id = :action_id and i.state = 'reserved'
        )
        select corp_id, sender, array_agg(customer_id order by customer_id) as customers, array_agg(external_userid order by customer_id) as recipients
        from numbered
        group by corp_id, sender, batch
        order by corp_id collate "C", sender collate "C", batch
        """,
        {"action_id": action_id, "size": size, "most": most},
    )
    return [Batch(row.corp_id, row.sender, tuple(CustomerId(it) for it in row.customers), tuple(row.recipients)) for row in rows]


def join(tx: Tx, action_id: ActionId, calls: Sequence[tuple[CallId, Sequence[CustomerId]]]) -> None:
    """Reserved people enter their calls."""
    tx.execute(
        """
        update send_intents i
        set state = 'in_call', call_id = j.call_id, updated_at = :now
        from unnest(cast(:customers as uuid[]), cast(:calls as uuid[])) as j (customer_id, call_id)
        where i.tenant_id = :tenant_id and i.action_id = :action_id and i.customer_id = j.customer_id and i.state = 'reserved'
        """,
        {
            "action_id": action_id,
            "customers": [customer for _, members in calls for customer in members],
            "calls": [call for call, members in calls for _ in members],
        },
    )


def members(tx: Tx, call_id: CallId, state: IntentState) -> list[tuple[CustomerId, str]]:
    """People of a call in one state, by customer id: (customer, external_userid)."""
    rows = tx.execute(
        """
        select customer_id, external_userid
        from send_intents
        where tenant_id = :tenant_id and call_id = :call_id and state = :state
        order by customer_id
        """,
        {"call_id": call_id, "state": str(state)},
    )
    return [(CustomerId(row.customer_id), row.external_userid) for row in rows]


def calls_waiting_for(tx: Tx, customers: Collection[CustomerId]) -> set[CallId]:
    """Calls in whose tasks one of these people still waits."""
    rows = tx.execute(
        """
        select distinct call_id
        from send_intents
        where tenant_id = :tenant_id and customer_id = any (cast(:customers as uuid[])) and state = 'task'
        """,
        {"customers": list(customers)},
    )
    return {CallId(row.call_id) for row in rows}


def accept(tx: Tx, call_id: CallId, failed: Collection[str]) -> None:
    """The platform has made the task: people of the call wait in it, except those it did not accept."""
    if failed:
        _leave(tx, call_id, IntentState.IN_CALL, IntentState.SKIPPED, "not_accepted", only=failed)
    tx.execute(
        "update send_intents set state = 'task', updated_at = :now where tenant_id = :tenant_id and call_id = :call_id and state = 'in_call'",
        {"call_id": call_id},
    )


def leave(tx: Tx, call_id: CallId, at: IntentState, to: IntentState, reason: str, *, only: Collection[CustomerId] | None = None) -> int:
    """People of a call who are `at` a state come to an end there, or go back to be planned; quota goes back. Returns how many."""
    if to is IntentState.PLANNED:
        return _replan(tx, call_id, at, reason)
    return _leave(tx, call_id, at, to, reason, customers=only)


def _leave(
    tx: Tx,
    call_id: CallId,
    at: IntentState,
    to: IntentState,
    reason: str,
    *,
    only: Collection[str] | None = None,
    customers: Collection[CustomerId] | None = None,
) -> int:
    return int(
        tx.execute(
            """
            with leaving as (
                select action_id, customer_id, quota_on
                from send_intents
                where tenant_id = :tenant_id
                    and call_id = :call_id
                    and state = :at
                    and (cast(:only as text[]) is null or external_userid = any (cast(:only as text[])))
                    and (cast(:customers as uuid[]) is null or customer_id = any (cast(:customers as uuid[])))
                order by customer_id
                for update
            ),
            left_now as (
                update send_intents i
                set state = :to, reason = :reason, quota_on = null, updated_at = :now
                from leaving l
                where i.tenant_id = :tenant_id and i.action_id = l.action_id and i.customer_id = l.customer_id
            ),
            given_back as (
                update send_quotas q
                set used = q.used - 1
                from leaving l
                where q.tenant_id = :tenant_id and q.channel = :channel and q.customer_id = l.customer_id
                    and l.quota_on is not null and q.window_start = cast(date_trunc('week', l.quota_on) as date)
            )
            select count(*) from leaving
            """,
            {
                "call_id": call_id,
                "at": str(at),
                "to": str(to),
                "reason": reason,
                "only": None if only is None else list(only),
                "customers": None if customers is None else list(customers),
                "channel": PROMOTION,
            },
        ).scalar_one()
    )


def _replan(tx: Tx, call_id: CallId, at: IntentState, reason: str) -> int:
    return int(
        tx.execute(
            """
            with leaving as (
                select action_id, customer_id, quota_on
                from send_intents
                where tenant_id = :tenant_id and call_id = :call_id and state = :at
                order by customer_id
                for update
            ),
            back as (
                update send_intents i
                set state = 'planned', reason = :reason, hold_until = null, quota_on = null, corp_id = null, staff_id = null, sender = null,
                    external_userid = null, identity_id = null, call_id = null, updated_at = :now
                from leaving l
                where i.tenant_id = :tenant_id and i.action_id = l.action_id and i.customer_id = l.customer_id
            ),
            given_back as (
                update send_quotas q
                set used = q.used - 1
                from leaving l
                where q.tenant_id = :tenant_id and q.channel = :channel and q.customer_id = l.customer_id
                    and l.quota_on is not null and q.window_start = cast(date_trunc('week', l.quota_on) as date)
            )
            select count(*) from leaving
            """,
            {"call_id": call_id, "at": str(at), "reason": reason, "channel": PROMOTION},
        ).scalar_one()
    )


def send(tx: Tx, call_id: CallId, msgid: str, sent: Mapping[str, datetime]) -> list[tuple[ActionId, CustomerId, IdentityId | None, StaffId | None, datetime]]:
    """People who wait in the call's task have got it, by external_userid; returns those who had not before."""
    rows = tx.execute(
        """
        update send_intents i
        set state = 'sent', sent_at = s.at, sent_by = :msgid, updated_at = :now
        from unnest(cast(:externals as text[]), cast(:at as timestamptz[])) as s (external_userid, at)
        where i.tenant_id = :tenant_id and i.call_id = :call_id and i.state = 'task' and i.external_userid = s.external_userid
        returning i.action_id, i.customer_id, i.identity_id, i.staff_id, i.sent_at
        """,
        {"call_id": call_id, "msgid": msgid, "externals": list(sent), "at": list(sent.values())},
    )
    return [
        (
            ActionId(row.action_id),
            CustomerId(row.customer_id),
            IdentityId(row.identity_id) if row.identity_id else None,
            StaffId(row.staff_id) if row.staff_id else None,
            row.sent_at,
        )
        for row in rows
    ]


def skip(tx: Tx, call_id: CallId, externals: Collection[str], reason: str) -> int:
    """People who wait in the call's task will not get it, by external_userid."""
    return _leave(tx, call_id, IntentState.TASK, IntentState.SKIPPED, reason, only=externals) if externals else 0


def sent_otherwise(tx: Tx, action_id: ActionId, customers: Collection[CustomerId], msgid: str) -> list[CustomerId]:
    """Those of these people whom the action did not reach through this task, though the task says that they got it."""
    rows = tx.execute(
        """
        select customer_id
        from send_intents
        where tenant_id = :tenant_id and action_id = :action_id and customer_id = any (cast(:customers as uuid[])) and sent_by is distinct from :msgid
        order by customer_id
        """,
        {"action_id": action_id, "customers": list(customers), "msgid": msgid},
    )
    return [CustomerId(row.customer_id) for row in rows]
