"""The tables of handovers of groups and every statement on them."""

import dataclasses
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Select, Table, Text, Uuid, func, select, table
from sqlalchemy import column as named

from siyu.act.handovers.groups.model import TWICE, WINDOW, Asked, Candidate, GroupHandover, Handed, Leaver, Move, State
from siyu.act.handovers.model import Kind
from siyu.act.handovers.tables import HandoverTables
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, GroupHandoverId, GroupId, StaffId

group_handovers = Table(
    "group_handovers",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("giver_id", Uuid, nullable=False),
    Column("taker_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
handed_groups = Table(
    "handed_groups",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("handover_id", Uuid, primary_key=True),
    Column("chat_id", Text, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("group_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("code", BigInteger, nullable=False),
    Column("asked_at", DateTime(timezone=True)),
    Column("look_at", DateTime(timezone=True)),
    Column("settled_at", DateTime(timezone=True)),
)
_GROUPS = table("group_chats", named("tenant_id", Uuid), named("id", Uuid), named("chat_id", Text), named("owner_id", Uuid), named("state", Text))
_STAFF = table("staff", named("tenant_id", Uuid), named("id", Uuid), named("name", Text), named("active"))
_OPEN = ("planned", "asking", "waiting")
_TABLES = HandoverTables(group_handovers, handed_groups, [field.name for field in dataclasses.fields(GroupHandover)])


def candidates(tx: Tx, corp: CorpId, kind: Kind, giver: StaffId, groups: Collection[GroupId] | None, limit: int) -> list[Candidate]:
    """Living groups of an owner, in a fixed order; `groups` narrows."""
    rows = tx.execute(
        """
        select g.id, g.chat_id,
            case
                when exists (
                    select from handed_groups x
                    where x.tenant_id = :tenant_id and x.corp_id = :corp and x.chat_id = g.chat_id and x.state in ('planned', 'asking', 'waiting')
                ) then 'under_way'
                when :kind = 'in_service' and :twice <= (
                    select count(*)
                    from handed_groups x
                    join group_handovers h on h.tenant_id = x.tenant_id and h.id = x.handover_id and h.kind = 'in_service'
                    where x.tenant_id = :tenant_id and x.corp_id = :corp and x.chat_id = g.chat_id and x.state = 'done' and x.settled_at > :since
                ) then 'twice_in_90_days'
            end as hindrance
        from group_chats g
        where g.tenant_id = :tenant_id and g.corp_id = :corp and g.owner_id = :giver and g.state = 'active'
            and (:everything or g.id = any (cast(:groups as uuid[])))
        order by g.chat_id
        limit :limit
        """,
        {
            "corp": corp,
            "kind": kind,
            "giver": giver,
            "everything": groups is None,
            "groups": list(groups or ()),
            "twice": TWICE,
            "since": tx.now - WINDOW,
            "limit": limit,
        },
    )
    return [Candidate(GroupId(row.id), row.chat_id, row.hindrance) for row in rows]


def insert(tx: Tx, handover: GroupHandover, groups: Sequence[Candidate]) -> int:
    """Write a handover with its groups; one that another handover has taken meanwhile is left out. Returns how many it has."""
    tx.execute(group_handovers.insert().values(tenant_id=tx.tenant_id, **dataclasses.asdict(handover)))
    return tx.execute(
        """
        insert into handed_groups (tenant_id, handover_id, chat_id, corp_id, group_id, state)
        select :tenant_id, :handover, g.chat_id, :corp, g.group_id, 'planned'
        from unnest(cast(:chats as text[]), cast(:groups as uuid[])) as g (chat_id, group_id)
        order by g.chat_id
        on conflict do nothing
        """,
        {"handover": handover.id, "corp": handover.corp_id, "chats": [one.chat_id for one in groups], "groups": [one.group_id for one in groups]},
    ).rowcount


def find(tx: Tx, id: GroupHandoverId, members: Select[Any] | None) -> GroupHandover | None:
    row = _TABLES.find(tx, id, members)
    return GroupHandover(**row._mapping) if row else None


def page(tx: Tx, members: Select[Any] | None, *, before: UUID | None, limit: int) -> list[GroupHandover]:
    """Handovers that one of these members (a query of ids; None: anybody) gives or takes, newest first."""
    return [GroupHandover(**row._mapping) for row in _TABLES.page(tx, members, before=before, limit=limit)]


def counts(tx: Tx, ids: Collection[GroupHandoverId]) -> dict[GroupHandoverId, dict[State, int]]:
    """Groups of handovers by state."""
    return _TABLES.counts(tx, ids)


def groups(tx: Tx, id: GroupHandoverId, *, state: State | None, after: str | None, limit: int) -> list[Handed]:
    """Groups of a handover in a fixed order, after a chat id."""
    rows = tx.execute(
        """
        select x.group_id, x.chat_id, g.name, x.state, x.code, x.asked_at, x.settled_at,
            (
                select count(*) from group_members m
                where m.tenant_id = g.tenant_id and m.group_id = g.id and m.left_at is null and m.kind = 'customer'
            ) as customers
        from handed_groups x
        join group_chats g on g.tenant_id = x.tenant_id and g.id = x.group_id
        where x.tenant_id = :tenant_id and x.handover_id = :id and (cast(:state as text) is null or x.state = :state)
            and (cast(:after as text) is null or x.chat_id > :after)
        order by x.chat_id
        limit :limit
        """,
        {"id": id, "state": state, "after": after, "limit": limit},
    )
    return [Handed(**{**row._mapping, "group_id": GroupId(row.group_id)}) for row in rows]


def asked_since(tx: Tx, handover: GroupHandover, since: datetime) -> int:
    """How many groups of a giver WeCom has been asked to hand over in the same way since an instant."""
    return int(
        tx.execute(
            """
            select count(*)
            from group_handovers h
            join handed_groups x on x.tenant_id = h.tenant_id and x.handover_id = h.id and x.asked_at >= :since and x.state <> 'failed'
            where h.tenant_id = :tenant_id and h.giver_id = :giver and h.kind = :kind
            """,
            {"giver": handover.giver_id, "kind": handover.kind, "since": since},
        ).scalar_one()
    )


def take(tx: Tx, id: GroupHandoverId, limit: int) -> list[Asked]:
    """The next groups to ask for, never more than `limit`, marked as being asked for."""
    rows = tx.execute(
        """
        with chosen as materialized (
            select chat_id
            from handed_groups
            where tenant_id = :tenant_id and handover_id = :id and state = 'planned'
            order by chat_id
            limit :limit
            for update
        )
        update handed_groups x
        set state = 'asking', asked_at = :now
        from chosen
        where x.tenant_id = :tenant_id and x.handover_id = :id and x.chat_id = chosen.chat_id
        returning x.handover_id, x.chat_id, x.asked_at
        """,
        {"id": id, "limit": limit},
    )
    return [Asked(GroupHandoverId(row.handover_id), row.chat_id, row.asked_at) for row in rows]


def planned(tx: Tx, id: GroupHandoverId) -> bool:
    """Whether groups of a handover wait to be asked for."""
    return bool(
        tx.execute(
            "select exists (select from handed_groups where tenant_id = :tenant_id and handover_id = :id and state = 'planned')",
            {"id": id},
        ).scalar()
    )


def asking(tx: Tx, id: GroupHandoverId) -> list[Asked]:
    """Groups that were to be asked for, and of which no answer came."""
    rows = tx.execute(
        "select handover_id, chat_id, asked_at from handed_groups where tenant_id = :tenant_id and handover_id = :id and state = 'asking' order by chat_id",
        {"id": id},
    )
    return [Asked(GroupHandoverId(row.handover_id), row.chat_id, row.asked_at) for row in rows]


def due(tx: Tx, limit: int) -> list[Asked]:
    """Groups that wait for their new owner and are to be looked at, longest due first."""
    rows = tx.execute(
        """
        select handover_id, chat_id, asked_at
        from handed_groups
        where tenant_id = :tenant_id and state = 'waiting' and look_at <= :now
        order by look_at, chat_id
        limit :limit
        """,
        {"limit": limit},
    )
    return [Asked(GroupHandoverId(row.handover_id), row.chat_id, row.asked_at) for row in rows]


def move(tx: Tx, moves: Sequence[Move]) -> None:
    """Write where groups have gone; those put back count as never asked for."""
    tx.execute(
        """
        update handed_groups x
        set state = m.state, code = m.code, look_at = m.look_at, settled_at = m.at, asked_at = case when m.state = 'planned' then null else x.asked_at end
        from unnest(
            cast(:ids as uuid[]), cast(:chats as text[]), cast(:states as text[]), cast(:codes as bigint[]), cast(:look as timestamptz[]),
            cast(:at as timestamptz[])
        ) as m (handover_id, chat_id, state, code, look_at, at)
        where x.tenant_id = :tenant_id and x.handover_id = m.handover_id and x.chat_id = m.chat_id and x.state in ('asking', 'waiting')
        """,
        {
            "ids": [one.asked.handover_id for one in moves],
            "chats": [one.asked.chat_id for one in moves],
            "states": [one.state for one in moves],
            "codes": [one.code for one in moves],
            "look": [one.look_at for one in moves],
            "at": [one.at for one in moves],
        },
    )


def stop(tx: Tx, id: GroupHandoverId) -> None:
    """No other group of a handover is asked for."""
    tx.execute(
        "update handed_groups set state = 'stopped', settled_at = :now where tenant_id = :tenant_id and handover_id = :id and state = 'planned'",
        {"id": id},
    )


def leavers(tx: Tx, members: Select[Any] | None) -> list[Leaver]:
    """Owners of living groups who have left, those with the most groups first."""
    own = _GROUPS
    busy = (
        select(handed_groups.c.chat_id)
        .where(handed_groups.c.tenant_id == own.c.tenant_id, handed_groups.c.group_id == own.c.id, handed_groups.c.state.in_(_OPEN))
        .exists()
    )
    query = (
        select(_STAFF.c.id, _STAFF.c.name, func.count().label("groups"), func.count().filter(busy).label("under_way"))
        .join(own, (own.c.tenant_id == _STAFF.c.tenant_id) & (own.c.owner_id == _STAFF.c.id) & (own.c.state == "active"))
        .where(_STAFF.c.tenant_id == tx.tenant_id, ~_STAFF.c.active)
        .group_by(_STAFF.c.id, _STAFF.c.name)
        .order_by(func.count().desc(), _STAFF.c.name)
    )
    if members is not None:
        query = query.where(_STAFF.c.id.in_(members))
    return [Leaver(StaffId(row.id), row.name, row.groups, row.under_way) for row in tx.execute(query)]
