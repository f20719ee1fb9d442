"""The tables of handovers, their customers and unassigned customers, and every statement on them."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ColumnElement, DateTime, Row, Select, Table, Text, Uuid, case, func, select, table
from sqlalchemy import column as named

from siyu.act.handovers.model import TWICE, WINDOW, Asked, Candidate, Handed, Handover, Kind, Leaver, Move, Pair, State
from siyu.act.handovers.tables import HandoverTables
from siyu.infra import arrays
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, CustomerId, HandoverId, IdentityId, StaffId

handovers = Table(
    "handovers",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("giver_id", Uuid, nullable=False),
    Column("taker_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
handover_customers = Table(
    "handover_customers",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("handover_id", Uuid, primary_key=True),
    Column("external_userid", Text, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("identity_id", Uuid),
    Column("state", Text, nullable=False),
    Column("code", BigInteger, nullable=False),
    Column("asked_at", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True)),
    Column("look_at", DateTime(timezone=True)),
    Column("settled_at", DateTime(timezone=True)),
)
unassigned_customers = Table(
    "unassigned_customers",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("staff_id", Uuid, primary_key=True),
    Column("external_userid", Text, primary_key=True),
    Column("left_at", DateTime(timezone=True)),
    Column("read_at", DateTime(timezone=True), nullable=False),
)
PEOPLE = table("identities", named("tenant_id", Uuid), named("id", Uuid), named("customer_id", Uuid))
CUSTOMERS = table("customers", named("tenant_id", Uuid), named("id", Uuid), named("name", Text))
CUSTOMER = PEOPLE.c.customer_id
"""The column on which it is decided whether the actor sees the customer."""
_OPEN = "('planned', 'asking', 'waiting')"
_TABLES = HandoverTables(handovers, handover_customers, [field.name for field in dataclasses.fields(Handover)])


def candidates(tx: Tx, corp: CorpId, kind: Kind, giver: StaffId, customers: Collection[CustomerId] | None, limit: int) -> list[Candidate]:
    """Customers whom the giver has, or has left behind, in a fixed order; `customers` narrows. A customer without a relation in our books can be given too."""
    whose = "unassigned_customers u left join contacts c using (tenant_id, corp_id, staff_id, external_userid)" if kind == "resigned" else "contacts u"
    identity = "c.identity_id" if kind == "resigned" else "u.identity_id"
    standing = "" if kind == "resigned" else "and u.relation = 'active'"
    rows = tx.execute(
        f"""
        select u.external_userid, {identity} as identity_id,
            case
                when exists (
                    select from handover_customers x
                    where x.tenant_id = :tenant_id and x.corp_id = :corp and x.external_userid = u.external_userid and x.state in {_OPEN}
                ) then 'under_way'
                when :kind = 'in_service' and :twice <= (
                    select count(*)
                    from handover_customers x
                    join handovers h on h.tenant_id = x.tenant_id and h.id = x.handover_id and h.kind = 'in_service'
                    where x.tenant_id = :tenant_id and x.corp_id = :corp and x.external_userid = u.external_userid and x.state = 'done'
                        and x.settled_at > :since
                ) then 'twice_in_90_days'
            end as hindrance
        from {whose}
        left join identities i on i.tenant_id = :tenant_id and i.id = {identity}
        where u.tenant_id = :tenant_id and u.corp_id = :corp and u.staff_id = :giver {standing}
            and (:everybody or i.customer_id = any (cast(:customers as uuid[])))
        order by u.external_userid
        limit :limit
        """,  # noqa: S608 (constant parts)
        {
            "corp": corp,
            "kind": kind,
            "giver": giver,
            "everybody": customers is None,
            "customers": list(customers or ()),
            "twice": TWICE,
            "since": tx.now - WINDOW,
            "limit": limit,
        },
    )
    return [Candidate(row.external_userid, row.identity_id and IdentityId(row.identity_id), row.hindrance) for row in rows]


def full_at(tx: Tx, takers: Collection[StaffId]) -> dict[StaffId, datetime]:
    """When WeCom last said that a member could take no more, within WINDOW."""
    rows = tx.execute(
        """
        select h.taker_id, max(x.settled_at) as at
        from handovers h
        join handover_customers x on x.tenant_id = h.tenant_id and x.handover_id = h.id and (x.state = 'full' or x.code = 40099)
        where h.tenant_id = :tenant_id and h.taker_id = any (cast(:takers as uuid[])) and x.settled_at > :since
        group by h.taker_id
        """,
        {"takers": list(takers), "since": tx.now - WINDOW},
    )
    return {StaffId(row.taker_id): row.at for row in rows}


def insert(tx: Tx, handover: Handover, customers: Sequence[Candidate]) -> int:
    """Keep a handover with its customers; who is in another one by now is left out. Returns how many are in."""
    tx.execute(handovers.insert().values(tenant_id=tx.tenant_id, **{field.name: getattr(handover, field.name) for field in dataclasses.fields(handover)}))
    return tx.execute(
        """
        insert into handover_customers (tenant_id, handover_id, external_userid, corp_id, identity_id, state)
        select :tenant_id, :handover, c.external_userid, :corp, c.identity_id, 'planned'
        from unnest(cast(:external as text[]), cast(:identities as uuid[])) as c (external_userid, identity_id)
        order by c.external_userid
        on conflict do nothing
        """,
        {
            "handover": handover.id,
            "corp": handover.corp_id,
            "external": arrays.texts(one.external_userid for one in customers),
            "identities": arrays.bare(one.identity_id for one in customers),
        },
    ).rowcount


def delete(tx: Tx, id: HandoverId) -> None:
    """Forget a handover that got no customers."""
    tx.execute("delete from handovers where tenant_id = :tenant_id and id = :id", {"id": id})


def find(tx: Tx, id: HandoverId, members: Select[Any] | None) -> Handover | None:
    row = _TABLES.find(tx, id, members)
    return Handover(**row._mapping) if row else None


def page(tx: Tx, members: Select[Any] | None, *, kind: Kind | None, before: UUID | None, limit: int) -> list[Handover]:
    """Handovers that one of these members (a query of ids; None: anybody) gives or takes, newest first."""
    narrowed = [] if kind is None else [handovers.c.kind == kind]
    return [Handover(**row._mapping) for row in _TABLES.page(tx, members, *narrowed, before=before, limit=limit)]


def counts(tx: Tx, ids: Collection[HandoverId]) -> dict[HandoverId, dict[State, int]]:
    """Customers of handovers by state."""
    return _TABLES.counts(tx, ids)


def customers(tx: Tx, id: HandoverId, seen: ColumnElement[bool] | None, *, state: State | None, after: str | None, limit: int) -> list[Handed]:
    """Customers of a handover in a fixed order, after an external_userid. `seen`: which customers the actor sees, None for all."""
    own = handover_customers
    visible = CUSTOMER if seen is None else case((seen, CUSTOMER))
    query = (
        select(own.c.external_userid, visible.label("customer_id"), CUSTOMERS.c.name, own.c.state, own.c.code, own.c.asked_at, own.c.due_at, own.c.settled_at)
        .outerjoin(PEOPLE, (PEOPLE.c.tenant_id == own.c.tenant_id) & (PEOPLE.c.id == own.c.identity_id))
        .outerjoin(CUSTOMERS, (CUSTOMERS.c.tenant_id == own.c.tenant_id) & (CUSTOMERS.c.id == CUSTOMER))
        .where(own.c.tenant_id == tx.tenant_id, own.c.handover_id == id)
        .order_by(own.c.external_userid)
        .limit(limit)
    )
    if state is not None:
        query = query.where(own.c.state == state)
    if after is not None:
        query = query.where(own.c.external_userid > after)
    return [
        Handed(
            row.external_userid,
            CustomerId(row.customer_id) if row.customer_id else None,
            row.name if row.customer_id else None,
            row.state,
            row.code,
            row.asked_at,
            row.due_at,
            row.settled_at,
        )
        for row in tx.execute(query)
    ]


def take(tx: Tx, id: HandoverId, limit: int) -> list[Asked]:
    """The next customers to ask for, never more than `limit`, marked as being asked for."""
    rows = tx.execute(
        """
        with chosen as materialized (
            select external_userid
            from handover_customers
            where tenant_id = :tenant_id and handover_id = :id and state = 'planned'
            order by external_userid
            limit :limit
            for update
        )
        update handover_customers x
        set state = 'asking', asked_at = :now
        from chosen
        where x.tenant_id = :tenant_id and x.handover_id = :id and x.external_userid = chosen.external_userid
        returning x.handover_id, x.external_userid, x.state, x.asked_at, x.code
        """,
        {"id": id, "limit": limit},
    )
    return [_asked(row) for row in rows]


def asking(tx: Tx, id: HandoverId) -> list[Asked]:
    """Customers who were to be asked for, and of whom no answer came."""
    rows = tx.execute(
        "select handover_id, external_userid, state, asked_at, code from handover_customers "
        "where tenant_id = :tenant_id and handover_id = :id and state = 'asking'",
        {"id": id},
    )
    return [_asked(row) for row in rows]


def waiting(tx: Tx, pair: Pair) -> list[Asked]:
    """Customers between two members of whom WeCom has not said the last word, held until the transaction ends."""
    rows = tx.execute(
        """
        select x.handover_id, x.external_userid, x.state, x.asked_at, x.code
        from handovers h
        join handover_customers x on x.tenant_id = h.tenant_id and x.handover_id = h.id and x.state = 'waiting'
        where h.tenant_id = :tenant_id and h.corp_id = :corp and h.kind = :kind and h.giver_id = :giver and h.taker_id = :taker
        order by x.handover_id, x.external_userid
        for update of x
        """,
        {"corp": pair.corp_id, "kind": pair.kind, "giver": pair.giver_id, "taker": pair.taker_id},
    )
    return [_asked(row) for row in rows]


def waiting_for(tx: Tx, taker: StaffId, identity: IdentityId) -> list[Asked]:
    """A customer who waits to go to a member, held until the transaction ends."""
    rows = tx.execute(
        """
        select x.handover_id, x.external_userid, x.state, x.asked_at, x.code
        from handover_customers x
        join handovers h on h.tenant_id = x.tenant_id and h.id = x.handover_id and h.taker_id = :taker
        where x.tenant_id = :tenant_id and x.identity_id = :identity and x.state = 'waiting'
        for update of x
        """,
        {"taker": taker, "identity": identity},
    )
    return [_asked(row) for row in rows]


def on_the_way(tx: Tx, pairs: Collection[tuple[StaffId, str]]) -> set[tuple[StaffId, str]]:
    """Those of these (giver, external_userid) whom WeCom was asked to hand over, and of whom it has not said the last word."""
    rows = tx.execute(
        """
        select h.giver_id, x.external_userid
        from unnest(cast(:givers as uuid[]), cast(:external as text[])) as p (giver_id, external_userid)
        join handover_customers x on x.tenant_id = :tenant_id and x.external_userid = p.external_userid and x.state in ('asking', 'waiting')
        join handovers h on h.tenant_id = x.tenant_id and h.id = x.handover_id and h.giver_id = p.giver_id
        """,
        {"givers": [giver for giver, _ in pairs], "external": [external for _, external in pairs]},
    )
    return {(StaffId(row.giver_id), row.external_userid) for row in rows}


def pairs_due(tx: Tx) -> list[Pair]:
    """Givers and takers between whom somebody is to be looked at."""
    rows = tx.execute(
        """
        select distinct h.corp_id, h.kind, h.giver_id, h.taker_id, g.userid as giver, t.userid as taker
        from handover_customers x
        join handovers h on h.tenant_id = x.tenant_id and h.id = x.handover_id
        join staff g on g.tenant_id = h.tenant_id and g.id = h.giver_id
        join staff t on t.tenant_id = h.tenant_id and t.id = h.taker_id
        where x.tenant_id = :tenant_id and x.state = 'waiting' and x.look_at <= :now
        """
    )
    return [Pair(**row._mapping) for row in rows]


def pair_of(tx: Tx, id: HandoverId) -> Pair:
    row = tx.execute(
        """
        select h.corp_id, h.kind, h.giver_id, h.taker_id, g.userid as giver, t.userid as taker
        from handovers h
        join staff g on g.tenant_id = h.tenant_id and g.id = h.giver_id
        join staff t on t.tenant_id = h.tenant_id and t.id = h.taker_id
        where h.tenant_id = :tenant_id and h.id = :id
        """,
        {"id": id},
    ).one()
    return Pair(**row._mapping)


def move(tx: Tx, moves: Sequence[Move]) -> None:
    """Write where customers have gone."""
    tx.execute(
        """
        update handover_customers x
        set state = m.state, code = m.code, due_at = coalesce(m.due_at, x.due_at), look_at = m.look_at, settled_at = m.at
        from unnest(
            cast(:ids as uuid[]), cast(:external as text[]), cast(:states as text[]), cast(:codes as bigint[]), cast(:due as timestamptz[]),
            cast(:look as timestamptz[]), cast(:at as timestamptz[])
        ) as m (handover_id, external_userid, state, code, due_at, look_at, at)
        where x.tenant_id = :tenant_id and x.handover_id = m.handover_id and x.external_userid = m.external_userid
        """,
        {
            "ids": [one.asked.handover_id for one in moves],
            "external": [one.asked.external_userid for one in moves],
            "states": [one.state for one in moves],
            "codes": [one.code for one in moves],
            "due": [one.due_at for one in moves],
            "look": [one.look_at for one in moves],
            "at": [one.at for one in moves],
        },
    )


def stop(tx: Tx, id: HandoverId) -> None:
    """Nobody else of a handover is asked for."""
    tx.execute(
        "update handover_customers set state = 'stopped', settled_at = :now where tenant_id = :tenant_id and handover_id = :id and state = 'planned'",
        {"id": id},
    )


def put_back(tx: Tx, asked: Sequence[Asked]) -> None:
    """WeCom never heard of these: they are asked for again."""
    tx.execute(
        """
        update handover_customers x
        set state = 'planned', asked_at = null
        from unnest(cast(:ids as uuid[]), cast(:external as text[])) as p (handover_id, external_userid)
        where x.tenant_id = :tenant_id and x.handover_id = p.handover_id and x.external_userid = p.external_userid and x.state = 'asking'
        """,
        {"ids": [one.handover_id for one in asked], "external": [one.external_userid for one in asked]},
    )


def put_off(tx: Tx, pair: Pair, until: datetime) -> None:
    """WeCom gave no results between two members: look again later."""
    tx.execute(
        """
        update handover_customers x
        set look_at = :until
        from handovers h
        where h.tenant_id = :tenant_id and h.corp_id = :corp and h.kind = :kind and h.giver_id = :giver and h.taker_id = :taker
            and x.tenant_id = h.tenant_id and x.handover_id = h.id and x.state = 'waiting' and x.look_at <= :now
        """,
        {"corp": pair.corp_id, "kind": pair.kind, "giver": pair.giver_id, "taker": pair.taker_id, "until": until},
    )


def keep_unassigned(tx: Tx, corp: CorpId, rows: Mapping[tuple[StaffId, str], datetime | None], read_at: datetime) -> None:
    """Write customers whom WeCom lists as left behind: (member, external_userid) → when the member left."""
    ordered = sorted(rows)
    tx.execute(
        """
        insert into unassigned_customers (tenant_id, corp_id, staff_id, external_userid, left_at, read_at)
        select :tenant_id, :corp, u.staff_id, u.external_userid, u.left_at, :read_at
        from unnest(cast(:staff as uuid[]), cast(:external as text[]), cast(:left_at as timestamptz[])) as u (staff_id, external_userid, left_at)
        on conflict (tenant_id, corp_id, staff_id, external_userid) do update
        set left_at = excluded.left_at, read_at = excluded.read_at
        """,
        {
            "corp": corp,
            "staff": [staff for staff, _ in ordered],
            "external": [external for _, external in ordered],
            "left_at": [rows[pair] for pair in ordered],
            "read_at": read_at,
        },
    )


def drop_unassigned(tx: Tx, corp: CorpId, read_before: datetime) -> set[tuple[StaffId, str]]:
    """Forget customers whom the last reading did not list; returns them as (member, external_userid)."""
    rows = tx.execute(
        "delete from unassigned_customers where tenant_id = :tenant_id and corp_id = :corp and read_at < :before returning staff_id, external_userid",
        {"corp": corp, "before": read_before},
    )
    return {(StaffId(row.staff_id), row.external_userid) for row in rows}


def assigned(tx: Tx, corp: CorpId, giver: StaffId, external_userids: Collection[str]) -> None:
    """These customers of a leaver have been taken over."""
    tx.execute(
        "delete from unassigned_customers "
        "where tenant_id = :tenant_id and corp_id = :corp and staff_id = :giver and external_userid = any (cast(:external as text[]))",
        {"corp": corp, "giver": giver, "external": list(external_userids)},
    )


def leavers(tx: Tx, members: Select[Any] | None) -> list[Leaver]:
    """Members who left customers behind, the latest first."""
    own, people = unassigned_customers, table("staff", named("tenant_id", Uuid), named("id", Uuid), named("name", Text))
    busy = (
        select(handover_customers.c.external_userid)
        .where(
            handover_customers.c.tenant_id == own.c.tenant_id,
            handover_customers.c.corp_id == own.c.corp_id,
            handover_customers.c.external_userid == own.c.external_userid,
            handover_customers.c.state.in_(("planned", "asking", "waiting")),
        )
        .exists()
    )
    query = (
        select(
            own.c.staff_id, people.c.name, func.max(own.c.left_at).label("left_at"), func.count().label("customers"), func.count().filter(busy).label("busy")
        )
        .join(people, (people.c.tenant_id == own.c.tenant_id) & (people.c.id == own.c.staff_id))
        .where(own.c.tenant_id == tx.tenant_id)
        .group_by(own.c.staff_id, people.c.name)
        .order_by(func.max(own.c.left_at).desc().nulls_last(), people.c.name)
    )
    if members is not None:
        query = query.where(own.c.staff_id.in_(members))
    return [Leaver(StaffId(row.staff_id), row.name, row.left_at, row.customers, row.busy) for row in tx.execute(query)]


def _asked(row: Row[Any]) -> Asked:
    return Asked(HandoverId(row.handover_id), row.external_userid, row.state, row.asked_at, row.code)
