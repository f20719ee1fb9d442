"""The tables of links and opens, and every statement on them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Table, Text, Uuid

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, IdentityId, LinkId, uuid7
from siyu.observe.tracking.model import Opener, Opens

links = Table(
    "links",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("target_url", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("corp_id", Uuid),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

link_opens = Table(
    "link_opens",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("link_id", Uuid, nullable=False),
    Column("visitor", Text, nullable=False),
    Column("identity_id", Uuid),
    Column("ref", Text, nullable=False),
    Column("opens", BigInteger, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
)


def insert(tx: Tx, id: LinkId, *, code: str, target_url: str, ref: str, corp_id: CorpId | None) -> None:
    tx.execute(
        """
        insert into links (tenant_id, id, code, target_url, ref, corp_id, created_by, created_at)
        values (:tenant_id, :id, :code, :target_url, :ref, :corp_id, :by, :now)
        """,
        {"id": id, "code": code, "target_url": target_url, "ref": ref, "corp_id": corp_id, "by": tx.actor.label},
    )


def find(tx: Tx, id: LinkId) -> Any:
    """Row of a link with the corp's own id and whether the brand is a demo, None when missing."""
    return tx.execute(
        """
        select l.id, l.code, l.target_url, l.ref, t.settings -> 'sandbox' = 'true' as sandbox,
            coalesce(own.corp_id, (select min(c.corp_id) from corps c where c.tenant_id = :tenant_id having count(distinct c.corp_id) = 1)) as corp
        from links l
        join tenants t on t.id = l.tenant_id
        left join corps own on own.tenant_id = l.tenant_id and own.id = l.corp_id
        where l.tenant_id = :tenant_id and l.id = :id
        """,
        {"id": id},
    ).first()


def count(tx: Tx, link: LinkId, ref: str, visitor: IdentityId | None) -> bool:
    """Count one open; True when it is this person's first of this link. Strangers are spread over eight rows, so that they do not queue up."""
    return bool(
        tx.execute(
            """
            insert into link_opens as o (tenant_id, id, link_id, visitor, identity_id, ref, opens, first_at, last_at)
            values (
                :tenant_id, :id, :link, coalesce(cast(cast(:visitor as uuid) as text), 'anonymous ' || pg_backend_pid() % 8), :visitor, :ref, 1, :now, :now
            )
            on conflict (tenant_id, link_id, visitor) do update
            set opens = o.opens + 1, last_at = greatest(o.last_at, excluded.last_at)
            returning opens = 1 and identity_id is not null
            """,
            {"id": uuid7(tx.now), "link": link, "visitor": visitor, "ref": ref},
        ).scalar_one()
    )


def opens(tx: Tx, refs: Collection[str]) -> list[Opens]:
    rows = tx.execute(
        """
        select ref, sum(opens) as opens, count(distinct identity_id) as people, min(first_at) as first_at, max(last_at) as last_at
        from link_opens
        where tenant_id = :tenant_id and ref = any (cast(:refs as text[]))
        group by ref
        """,
        {"refs": list(refs)},
    )
    return [Opens(row.ref, int(row.opens), row.people, row.first_at, row.last_at) for row in rows]


def openers(tx: Tx, refs: Collection[str]) -> list[Opener]:
    rows = tx.execute(
        """
        select ref, identity_id, sum(opens) as opens, min(first_at) as first_at
        from link_opens
        where tenant_id = :tenant_id and ref = any (cast(:refs as text[])) and identity_id is not null
        group by ref, identity_id
        order by ref, first_at, identity_id
        """,
        {"refs": list(refs)},
    )
    return [Opener(row.ref, IdentityId(row.identity_id), int(row.opens), row.first_at) for row in rows]
