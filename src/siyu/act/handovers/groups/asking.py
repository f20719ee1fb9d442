"""The jobs that ask WeCom for groups, and look whether leavers' groups have their new owner. No transaction is open while WeCom is spoken to."""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

import structlog

from siyu.act.handovers.asking import PASSING
from siyu.act.handovers.groups import model, service
from siyu.act.handovers.groups.model import Asked, GroupHandover, Move
from siyu.connectors.wecom import FailedGroup, OutcomeUnknown, Refused, WeCom, WeComError
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import GroupHandoverId
from siyu.observe import contacts

log = structlog.get_logger(__name__)


def ask(work: Work) -> None:
    """Ask for every group that is planned, a call of 100 at a time, 300 a day. What had no answer is first read from WeCom, never asked for twice."""
    with work.transaction() as tx:
        handover = service.get(tx, GroupHandoverId(UUID(work.params["handover_id"])))
        client = contacts.client(service.corp_of(tx, handover))
        _, taker = service.userids(tx, handover)
        pending = service.unanswered(tx, handover)
        if pending and (settled_at := max(one.asked_at for one in pending) + model.LAG) > tx.now:
            service.ask_again(tx, handover, settled_at)
            return
    if pending:
        owners = [_owner(client, one.chat_id) for one in pending]
        with work.transaction() as tx:
            moves = [model.found(one, owner, taker, tx.now, unanswered=True) for one, owner in zip(pending, owners, strict=True)]
            service.settle(tx, handover, moves)
            _save(work, tx, handover)
    while not work.cancelled():
        with work.transaction() as tx:
            asked = service.take(tx, handover)
            _save(work, tx, handover)
        if not asked or not _ask(work, client, handover, taker, asked):
            return


def follow(work: Work) -> None:
    """Look at leavers' groups that are due. One group's trouble does not hold up the others."""
    with work.transaction() as tx:
        due = sorted(service.due(tx), key=lambda one: one.handover_id)
    for id, some in groupby(due, key=lambda one: one.handover_id):
        with work.transaction() as tx:
            handover = service.get(tx, id)
            client = contacts.client(service.corp_of(tx, handover))
            _, taker = service.userids(tx, handover)
        for one in some:
            if work.cancelled():
                return
            try:
                owner = _owner(client, one.chat_id)
            except WeComError as trouble:
                log.warning("group_handovers.no_result", chat_id=one.chat_id, reason=str(trouble))
                continue
            with work.transaction() as tx:
                service.settle(tx, handover, [model.found(one, owner, taker, tx.now, unanswered=False)])
                work.save(tx)


def _ask(work: Work, client: WeCom, handover: GroupHandover, taker: str, asked: Sequence[Asked]) -> bool:
    """One call; False when the rest has to wait. Raises what passes, so that the job is tried again."""
    try:
        failed = _call(client, handover, taker, [one.chat_id for one in asked])
    except OutcomeUnknown:
        with work.transaction() as tx:
            service.ask_again(tx, handover, asked[0].asked_at + model.LAG)
        return False
    except Refused as refused:
        passing = refused.action in PASSING
        with work.transaction() as tx:
            rest = [] if passing else service.take_all(tx, handover)
            moves = [Move(one, "planned") if passing else Move(one, "failed", refused.code, at=tx.now) for one in [*asked, *rest]]
            service.settle(tx, handover, moves)
            _save(work, tx, handover)
        if passing:
            raise
        return False
    with work.transaction() as tx:
        goes_on = service.take_answers(tx, handover, asked, {one.chat_id: one.code for one in failed})
        _save(work, tx, handover)
    return goes_on


def _call(client: WeCom, handover: GroupHandover, taker: str, chat_ids: Sequence[str]) -> Sequence[FailedGroup]:
    if handover.kind == "resigned":
        return client.hand_over_resigned_groups(chat_ids, taker)
    return client.hand_over_groups(chat_ids, taker)


def _owner(client: WeCom, chat_id: str) -> str | None:
    """Who owns a group now; None for one that is no more."""
    try:
        return client.group_chat(chat_id).owner
    except Refused as refused:
        if refused.code != model.DISMISSED:
            raise
        return None


def _save(work: Work, tx: Tx, handover: GroupHandover) -> None:
    counts = service.counts(tx, [handover.id])[handover.id]
    total = sum(counts.values())
    open_ = counts.get("planned", 0) + counts.get("asking", 0)
    work.save(tx, done=total - open_, total=total, failed=counts.get("failed", 0))
