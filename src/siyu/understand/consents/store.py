"""The table of opt-outs and every statement on it. A row belongs to an identity, so that merging and un-merging people needs no rule: the stricter wins."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Column, DateTime, Table, Text, Uuid

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, IdentityId
from siyu.understand.consents.model import Channel, OptOut

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("identity_id", Uuid, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", Text, nullable=False),
)


def insert(tx: Tx, identities: Collection[IdentityId], channel: Channel, reason: str, at: datetime) -> list[IdentityId]:
    """Opt these identities out; returns those that were not before."""
    rows = tx.execute(
        """
        insert into opt_outs (tenant_id, identity_id, channel, reason, at, by)
        select :tenant_id, i.id, :channel, :reason, :at, :by
        from unnest(cast(:ids as uuid[])) as i (id)
        on conflict do nothing
        returning identity_id
        """,
        {"ids": sorted(identities), "channel": channel, "reason": reason, "at": at, "by": tx.actor.label},
    )
    return [IdentityId(row.identity_id) for row in rows]


def delete(tx: Tx, identities: Collection[IdentityId], channel: Channel, *, reasons: Sequence[str] = (), before: datetime | None = None) -> list[IdentityId]:
    """Take opt-outs back, only those for one of `reasons` and of before an instant when given; returns whose were."""
    rows = tx.execute(
        """
        delete from opt_outs
        where tenant_id = :tenant_id
            and identity_id = any (cast(:ids as uuid[]))
            and channel = :channel
            and (cardinality(cast(:reasons as text[])) = 0 or reason = any (cast(:reasons as text[])))
            and (cast(:before as timestamptz) is null or at < :before)
        returning identity_id
        """,
        {"ids": list(identities), "channel": channel, "reasons": list(reasons), "before": before},
    )
    return [IdentityId(row.identity_id) for row in rows]


def of(tx: Tx, customers: Collection[CustomerId], channel: Channel) -> list[OptOut]:
    """The earliest opt-out of each of these customers that has one."""
    rows = tx.execute(
        """
        select distinct on (i.customer_id) i.customer_id, o.channel, o.reason, o.at, o.by
        from identities i
        join opt_outs o on o.tenant_id = i.tenant_id and o.identity_id = i.id
        where i.tenant_id = :tenant_id and i.customer_id = any (cast(:customers as uuid[])) and o.channel = :channel
        order by i.customer_id, o.at, o.identity_id
        """,
        {"customers": list(customers), "channel": channel},
    )
    return [OptOut(CustomerId(row.customer_id), row.channel, row.reason, row.at, row.by) for row in rows]


def of_opted_out(tx: Tx, identities: Collection[IdentityId], channel: Channel) -> set[IdentityId]:
    """Those of these identities who are opted out, by themselves or through another identity of the same customer."""
    rows = tx.execute(
        """
        select o.identity_id as id
        from opt_outs o
        where o.tenant_id = :tenant_id and o.channel = :channel and o.identity_id = any (cast(:ids as uuid[]))
        union
        select i.id
        from identities i
        join identities s on s.tenant_id = i.tenant_id and s.customer_id = i.customer_id
        join opt_outs o on o.tenant_id = s.tenant_id and o.identity_id = s.id and o.channel = :channel
        where i.tenant_id = :tenant_id and i.id = any (cast(:ids as uuid[]))
        """,
        {"ids": list(identities), "channel": channel},
    )
    return {IdentityId(row.id) for row in rows}


def siblings(tx: Tx, identities: Collection[IdentityId]) -> list[IdentityId]:
    """All identities of the customers to whom these belong, themselves included."""
    rows = tx.execute(
        """
        select s.id
        from identities i
        join identities s on s.tenant_id = i.tenant_id and s.customer_id = i.customer_id
        where i.tenant_id = :tenant_id and i.id = any (cast(:ids as uuid[]))
        """,
        {"ids": list(identities)},
    )
    return list({IdentityId(row.id) for row in rows} | set(identities))
