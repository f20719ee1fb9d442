"""Statements on the inbox of callbacks."""

from collections.abc import Sequence
from datetime import datetime

from siyu.infra import arrays
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.contacts.model import Letter, Opened


def take(tx: Tx, corp: CorpId, digests: Sequence[bytes], bodies: Sequence[bytes]) -> set[bytes]:
    """Enter callbacks; the digests of those that had not come before."""
    rows = tx.execute(
        """
        with told as (
            select t.digest, t.body
            from unnest(cast(:digests as bytea[]), cast(:bodies as bytea[])) as t (digest, body)
        ), fresh as (
            insert into callback_inbox (tenant_id, digest, corp_id, event, change_type, received_at)
            select :tenant_id, digest, :corp, '', '', :now
            from told
            order by digest
            on conflict do nothing
            returning digest
        )
        insert into callback_letters (tenant_id, corp_id, received_at, digest, body)
        select :tenant_id, :corp, :now, told.digest, told.body
        from told
        join fresh on fresh.digest = told.digest
        returning digest
        """,
        {"corp": corp, "digests": list(digests), "bodies": list(bodies)},
    )
    return {bytes(row.digest) for row in rows}


def unread(tx: Tx, corp: CorpId, limit: int) -> list[Letter]:
    """The next callbacks that nobody has read, oldest first, held until the transaction ends."""
    rows = tx.execute(
        """
        select received_at, digest, body
        from callback_letters
        where tenant_id = :tenant_id and corp_id = :corp
        order by received_at, digest
        limit :limit
        for update skip locked
        """,
        {"corp": corp, "limit": limit},
    )
    return [Letter(bytes(row.digest), bytes(row.body), row.received_at) for row in rows]


def file(tx: Tx, corp: CorpId, opened: Sequence[Opened]) -> None:
    """Callbacks have been read: what they were stays, their bodies go."""
    digests = [one.letter.digest for one in opened]
    tx.execute(
        """
        update callback_inbox i
        set event = o.event, change_type = o.change_type
        from unnest(cast(:digests as bytea[]), cast(:events as text[]), cast(:changes as text[])) as o (digest, event, change_type)
        where i.tenant_id = :tenant_id and i.digest = o.digest
        """,
        {"digests": digests, "events": arrays.texts([one.kind[:100] for one in opened]), "changes": arrays.texts([one.change[:100] for one in opened])},
    )
    tx.execute(
        """
        delete from callback_letters l
        using unnest(cast(:digests as bytea[]), cast(:received as timestamptz[])) as o (digest, received_at)
        where l.tenant_id = :tenant_id and l.corp_id = :corp and l.received_at = o.received_at and l.digest = o.digest
        """,
        {"corp": corp, "digests": digests, "received": arrays.instants([one.letter.received_at for one in opened])},
    )


def unopened(tx: Tx, corp: CorpId) -> bool:
    """Whether callbacks wait to be read."""
    return bool(tx.execute("select exists (select from callback_letters where tenant_id = :tenant_id and corp_id = :corp)", {"corp": corp}).scalar())


def forget(tx: Tx, before: datetime, limit: int) -> int:
    """Drop the oldest inbox rows received before an instant; returns how many went."""
    return tx.execute(
        """
        delete from callback_inbox
        where tenant_id = :tenant_id
            and digest in (select digest from callback_inbox where tenant_id = :tenant_id and received_at < :before order by received_at limit :limit)
        """,
        {"before": before, "limit": limit},
    ).rowcount
