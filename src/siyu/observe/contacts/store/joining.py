"""Statements on relations that several apps of one corp hold."""

from collections.abc import Collection, Sequence

from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CorpId, StaffId
from siyu.observe.contacts.model import Change, Contact
from siyu.observe.contacts.store.folding import write


def pairs(tx: Tx, corp: CorpId, limit: int) -> list[tuple[StaffId, str]]:
    """The first (staff, external_userid) pairs that an app holds."""
    rows = tx.execute(
        """
        select staff_id, external_userid
        from contacts
        where tenant_id = :tenant_id and corp_id = :corp
        order by external_userid, staff_id
        limit :limit
        """,
        {"corp": corp, "limit": limit},
    )
    return [(StaffId(row.staff_id), row.external_userid) for row in rows]


def join(tx: Tx, corp: CorpId, kept: Collection[ContactId], changed: Sequence[Contact], gone: Collection[ContactId]) -> None:
    """Relations that are kept become the app's, those that say something else now are written, and those that are gone are deleted."""
    tx.execute("delete from contacts where tenant_id = :tenant_id and id = any (cast(:ids as uuid[]))", {"ids": list(gone)})
    tx.execute(
        "update contacts set corp_id = :corp where tenant_id = :tenant_id and id = any (cast(:ids as uuid[])) and corp_id <> :corp",
        {"corp": corp, "ids": list(kept)},
    )
    write(tx, corp, [Change(one, one) for one in changed])
