"""The job that reads a whole corp: address book, then every relation, member by member. Resumes after the last group of members that was finished."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from siyu.access import staff
from siyu.connectors import wecom
from siyu.infra.jobs import Work
from siyu.kernel.ids import CorpId, StaffId
from siyu.observe.contacts import clients, service
from siyu.observe.contacts.model import UNLICENSED, Corp
from siyu.observe.contacts.refusals import refusals_told
from siyu.observe.contacts.service import Folded

GROUP = 4
"""Members read by one chain of pages, at most 20,000 customers each: what is read ahead must fit into memory."""
READERS = 3
"""Groups read side by side; WeCom refuses many parallel calls of one path."""
CHUNK = 1000
"""Relations folded by one transaction."""
FOLDERS = 2
"""Transactions that fold side by side: one is prepared while the store works on the other."""


@dataclass(frozen=True)
class Reading:
    """The relations of some members as listed by a reading that began at `read_at` (business time). Of those without a licence WeCom tells nothing."""

    userids: Sequence[str]
    read_at: datetime
    rows: Sequence[wecom.Contact]
    unlicensed: Sequence[str]

    @property
    def licensed(self) -> Sequence[str]:
        return [userid for userid in self.userids if userid not in self.unlicensed]


def sync(work: Work) -> None:
    """Read everything; what WeCom lists no more has ended. Progress counts members. Raises JobFailed for what only a person can mend."""
    with refusals_told():
        _sync(work, _corp(work))


def sync_staff(work: Work) -> None:
    """Read the address book only, and who has the customer-contact function if we may ask. Raises JobFailed for what only a person can mend."""
    corp = _corp(work)
    client = clients.client(corp)
    with refusals_told():
        _address_book(work, corp, client, _serving(client))


def _sync(work: Work, corp: Corp) -> None:
    client = clients.client(corp)
    with work.transaction() as tx:
        began_at = datetime.fromisoformat(work.checkpoint["began_at"]) if work.checkpoint else tx.now
    userids = sorted(client.follow_users())
    if not work.checkpoint:
        _address_book(work, corp, client, userids)
        _take_over(work, corp)
    after = str(work.checkpoint.get("after", ""))
    folded = Folded(**work.checkpoint.get("folded", {}))
    rest = [userid for userid in userids if userid > after]
    with work.transaction() as tx:
        work.save(tx, _checkpoint(began_at, after, folded), done=len(userids) - len(rest), total=len(userids))
    for reading in _readings(work, client, rest):
        folded += _fold(work, corp, reading)
        after = reading.userids[-1]
        with work.transaction() as tx:
            work.save(tx, _checkpoint(began_at, after, folded), done=sum(userid <= after for userid in userids))
        if work.cancelled():
            return
    with work.transaction() as tx:
        service.finish_sync(tx, corp, folded, began_at=began_at)
        work.save(tx, result={"members": len(userids), **asdict(folded)})


def _serving(client: wecom.WeCom) -> Sequence[str] | None:
    try:
        return client.follow_users()
    except wecom.Refused as refused:
        if refused.action is not wecom.Action.CONFIG:
            raise
        return None


def _address_book(work: Work, corp: Corp, client: wecom.WeCom, serving: Sequence[str] | None) -> None:
    departments = client.departments()
    members = {member.userid: member for department in departments for member in client.members(department.id)}
    with work.transaction() as tx:
        service.take_address_book(tx, corp, departments, list(members.values()), serving)


def _take_over(work: Work, corp: Corp) -> None:
    taken = True
    while taken:
        with work.transaction() as tx:
            taken = service.take_over(tx, corp, CHUNK) > 0
            work.save(tx)


def _readings(work: Work, client: wecom.WeCom, userids: Sequence[str]) -> Iterator[Reading]:
    """Groups of members in order, the next few being read while one is folded."""

    def read(group: Sequence[str]) -> Reading:
        with work.transaction() as tx:
            read_at = tx.now
        return Reading(group, read_at, *_relations(client, group))

    groups = deque(userids[start : start + GROUP] for start in range(0, len(userids), GROUP))
    running: deque[Future[Reading]] = deque()
    with ThreadPoolExecutor(READERS) as pool:
        try:
            while groups or running:
                while groups and len(running) < READERS:
                    running.append(pool.submit(read, groups.popleft()))
                yield running.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _relations(client: wecom.WeCom, userids: Sequence[str]) -> tuple[list[wecom.Contact], list[str]]:
    """Relations of members, and those of them who have no licence: one such, and WeCom refuses the whole call."""
    try:
        return list(client.contacts(userids)), []
    except wecom.Refused as refused:
        if refused.code not in UNLICENSED:
            raise
        if len(userids) == 1:
            return [], list(userids)
    alone = [_relations(client, [userid]) for userid in userids]
    return [row for rows, _ in alone for row in rows], [userid for _, some in alone for userid in some]


def _fold(work: Work, corp: Corp, reading: Reading) -> Folded:
    rows = list({(row.follow.userid, row.contact.external_userid): row for row in reading.rows}.values())

    def fold(start: int) -> tuple[Folded, list[tuple[StaffId, str]]]:
        with work.transaction() as tx:
            told = service.fold_read(tx, corp, rows[start : start + CHUNK], read_at=reading.read_at)
            work.save(tx)
        return told

    with ThreadPoolExecutor(FOLDERS) as pool:
        chunks = list(pool.map(fold, range(0, len(rows), CHUNK)))
    folded = sum((changed for changed, _ in chunks), Folded())
    with work.transaction() as tx:
        members = service.members(tx, corp, reading.licensed)
        staff.licences(tx, corp.corp_id, reading.licensed, reading.unlicensed)
        listed = {pair for _, pairs in chunks for pair in pairs}
        folded += service.end_unlisted(tx, corp, members.values(), listed, read_at=reading.read_at)
    return folded


def _checkpoint(began_at: datetime, after: str, folded: Folded) -> dict[str, Any]:
    return {"began_at": began_at.isoformat(), "after": after, "folded": asdict(folded)}


def _corp(work: Work) -> Corp:
    with work.transaction() as tx:
        return service.corp(tx, CorpId(UUID(work.params["corp_id"])))
