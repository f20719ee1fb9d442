"""Taking over a full reading of a corp."""

from collections.abc import Collection, Sequence
from datetime import datetime

from siyu.access import staff
from siyu.connectors import wecom
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import StaffId
from siyu.observe import readings
from siyu.observe.contacts import model, store
from siyu.observe.contacts.model import Corp
from siyu.observe.contacts.service.examining import EXAMINE
from siyu.observe.contacts.service.folding import Folded, fold
from siyu.observe.readings import Tally

LEFT = 5
"""WeCom's number for a member who has left."""


def take_address_book(
    tx: Tx, corp: Corp, departments: Sequence[wecom.Department], members: Sequence[wecom.Member], serving: Sequence[str] | None
) -> staff.Changes:
    """Take over departments and members as WeCom lists them; whoever is not listed has left. `serving`: all with the customer-contact function, if told."""
    records = [staff.DepartmentRecord(one.id, one.name or str(one.id), one.parent_id or None) for one in departments]
    _note(tx, corp, "departments", len(records), staff.departments_upsert(tx, corp.corp_id, records))
    changes = staff.upsert(tx, corp.corp_id, [_member(member) for member in members], complete=True, serving=serving)
    _note(tx, corp, "staff", len(members), changes)
    return changes


def members(tx: Tx, corp: Corp, userids: Collection[str]) -> dict[str, StaffId]:
    """Staff ids of members that may have customers; members outside the app's sight of the address book are made here, under their userid."""
    known = staff.ids(tx, corp.corp_id, userids)
    strangers = [userid for userid in userids if userid not in known]
    if strangers:
        staff.upsert(tx, corp.corp_id, [staff.MemberRecord(userid, userid) for userid in strangers])
        known = staff.ids(tx, corp.corp_id, userids)
    return known


def fold_read(tx: Tx, corp: Corp, rows: Sequence[wecom.Contact], *, read_at: datetime) -> tuple[Folded, list[tuple[StaffId, str]]]:
    """Fold rows of the batch call, which may run beside a fold of other pairs; also says which pairs were listed."""
    store.lock_shared(tx, corp.id)
    known = members(tx, corp, {row.follow.userid for row in rows})
    listed = [seen for row in rows if (seen := model.seen(row, known[row.follow.userid]))]
    return fold(tx, corp, listed, read_at=read_at), [seen.pair for seen in listed]


def finish_sync(tx: Tx, corp: Corp, folded: Folded, *, began_at: datetime) -> None:
    """All contacts have been read, beginning at `began_at`: ask for what is read after them; after the first time the doctor looks again."""
    store.synced(tx, corp.id)
    found = Tally(folded.added, folded.changed, folded.lost)
    readings.note(tx, corp.id, "contacts", read_at=began_at, total=store.friends(tx, corp.id), found=found)
    if corp.synced_at is None:
        jobs.enqueue(tx, EXAMINE, title=corp.name, corp_id=str(corp.id))
    for kind in readings.following():
        jobs.enqueue(tx, kind, title=corp.name, visible=True, corp_id=str(corp.id))


def _note(tx: Tx, corp: Corp, name: str, total: int, changes: staff.Changes) -> None:
    readings.note(tx, corp.id, name, read_at=tx.now, total=total, found=Tally(changes.new, changes.changed, changes.gone))


def _member(member: wecom.Member) -> staff.MemberRecord:
    leads = [department for department, leads in zip(member.departments, member.leads, strict=False) if leads]
    return staff.MemberRecord(
        member.userid, member.name, member.position or None, member.main_department, member.departments, leads, member.status != LEFT, member.status
    )
