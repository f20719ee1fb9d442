"""The jobs that read groups: all of a corp, or those that callbacks named. No transaction is open while WeCom is spoken to."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from siyu.connectors import wecom
from siyu.connectors.wecom import Action
from siyu.infra.jobs import Work
from siyu.kernel.ids import CorpId
from siyu.observe import contacts, readings
from siyu.observe.contacts import Corp
from siyu.observe.groups import service
from siyu.observe.groups.service import Folded

READERS = 3
"""Groups read side by side; WeCom refuses many parallel calls of one path."""
BATCH = 12
"""Groups read before the next progress is told; one has at most 500 members."""
LASTING = (Action.FIX, Action.CONFIG)
"""Refusals of one group that asking again will not mend; the next full reading says so if it concerns all."""
TOO_MANY = 81017
"""WeCom wants owners named: there are more than a thousand people in the app's range."""


def sync(work: Work) -> None:
    """Read every group with its members; those that WeCom lists no more are no more. Progress counts groups, and it goes on where it was stopped.

    Raises JobFailed for what only a person can mend.
    """
    corp = _corp(work)
    client = contacts.client(corp)
    listed_at = readings.began(work)
    with contacts.refusals_told():
        chats = _listed(work, corp, client)
        after = str(work.checkpoint.get("after", ""))
        folded = Folded(**work.checkpoint.get("folded", {}))
        rest = [chat_id for chat_id in chats if chat_id > after]
        done = len(chats) - len(rest)
        with work.transaction() as tx:
            work.save(tx, _checkpoint(listed_at, after, folded), done=done, total=len(chats))
        for some in _batches(rest):
            for chat_id, answer, read_at in _read(work, client, some):
                if isinstance(answer, wecom.Refused):
                    raise answer
                with work.transaction() as tx:
                    folded += service.fold(tx, corp, chat_id, answer, read_at=read_at)
                    done += 1
                    work.save(tx, _checkpoint(listed_at, chat_id, folded), done=done)
            if work.cancelled():
                return
    with work.transaction() as tx:
        folded += service.dismiss_unlisted(tx, corp, chats, read_before=listed_at)
        readings.note(tx, corp.id, "groups", read_at=listed_at, total=len(chats), found=folded.tally)
        work.save(tx, result={"groups": len(chats), **asdict(folded)})


def refresh(work: Work) -> None:
    """Read the groups of a corp that are due; a fault that passes has the rest tried again."""
    corp = _corp(work)
    client = contacts.client(corp)
    done = 0
    while not work.cancelled():
        with work.transaction() as tx:
            chats = service.due(tx, corp, BATCH)
        if not chats:
            return
        for chat_id, answer, read_at in _read(work, client, chats):
            if isinstance(answer, wecom.Refused) and answer.action not in LASTING:
                raise answer
            with work.transaction() as tx:
                if isinstance(answer, wecom.Refused):
                    service.let_be(tx, corp, chat_id, answer.reason)
                else:
                    service.fold(tx, corp, chat_id, answer, read_at=read_at)
                done += 1
                work.save(tx, done=done)


def _listed(work: Work, corp: Corp, client: wecom.WeCom) -> list[str]:
    """All chat ids, in order."""
    try:
        return sorted({one.chat_id for one in client.group_chats()})
    except wecom.Refused as refused:
        if refused.code != TOO_MANY:
            raise
    with work.transaction() as tx:
        known = service.owners(tx, corp)
    return sorted({one.chat_id for one in client.group_chats(sorted({*known, *client.follow_users()}))})


def _read(work: Work, client: wecom.WeCom, chats: Sequence[str]) -> Iterator[tuple[str, wecom.GroupChat | wecom.Refused | None, datetime]]:
    """Groups as WeCom shows them now, None for those that are no more, and when each was asked for. In the order of `chats`."""

    def look(chat_id: str) -> tuple[str, wecom.GroupChat | wecom.Refused | None, datetime]:
        with work.transaction() as tx:
            read_at = tx.now
        try:
            return chat_id, client.group_chat(chat_id, names=True), read_at
        except wecom.Refused as refused:
            return chat_id, None if refused.action is Action.SYNC else refused, read_at

    with ThreadPoolExecutor(READERS) as pool:
        yield from pool.map(look, chats)


def _batches(chats: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(chats), BATCH):
        yield chats[start : start + BATCH]


def _checkpoint(began_at: datetime, after: str, folded: Folded) -> dict[str, Any]:
    return {"began_at": began_at.isoformat(), "after": after, "folded": asdict(folded)}


def _corp(work: Work) -> Corp:
    with work.transaction() as tx:
        return contacts.corp(tx, CorpId(UUID(work.params["corp_id"])))
