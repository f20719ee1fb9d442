"""The job that reads a whole corp: address book, then every relation, members by groups. Resumes after the last group of members that was finished."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from siyu.access import staff
from siyu.connectors import wecom
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.contacts import clients, service
from siyu.observe.contacts.grouping import Grouping
from siyu.observe.contacts.model import Added, Corp
from siyu.observe.contacts.refusals import refusals_told
from siyu.observe.contacts.service import Folded
from siyu.observe.contacts.walk import Group, Walk

GROUP = 100
"""Members read by one chain of pages at most, as many as WeCom takes at once."""
AHEAD = 4
"""Groups that are read or folded while the oldest of them is not finished."""
CHUNK = 1000
"""Relations folded by one transaction."""


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
    with ExitStack() as first:
        if corp.synced_at is None:
            first.enter_context(work.pouring({Added.name}))
        for group in _groups(work, corp, client, rest):
            after = group.userids[-1]
            with work.transaction() as tx:
                folded += _finish(tx, corp, group)
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


def _groups(work: Work, corp: Corp, client: wecom.WeCom, userids: Sequence[str]) -> Iterator[Group]:
    """Groups of members in order, all their relations folded, the next ones being read and folded meanwhile."""
    grouping = Grouping(userids, most=GROUP)
    running: deque[Future[Group]] = deque()
    with Walk(work, corp, client, chunk=CHUNK) as walk, ThreadPoolExecutor(AHEAD, thread_name_prefix="group") as pool:
        try:
            while running or not grouping.over:
                while len(running) < AHEAD and not grouping.over:
                    running.append(pool.submit(walk.read, grouping.next()))
                group = running.popleft().result()
                grouping.told(len(group.userids), len(group.listed))
                yield group
        finally:
            walk.stop()
            pool.shutdown(wait=True, cancel_futures=True)


def _finish(tx: Tx, corp: Corp, group: Group) -> Folded:
    """End what WeCom does not list of these members any more; what the whole group changed."""
    members = service.members(tx, corp, group.licensed)
    staff.licences(tx, corp.corp_id, group.licensed, group.unlicensed)
    return group.folded + service.end_unlisted(tx, corp, members.values(), group.listed, read_at=group.read_at)


def _checkpoint(began_at: datetime, after: str, folded: Folded) -> dict[str, Any]:
    return {"began_at": began_at.isoformat(), "after": after, "folded": asdict(folded)}


def _corp(work: Work) -> Corp:
    with work.transaction() as tx:
        return service.corp(tx, CorpId(UUID(work.params["corp_id"])))
