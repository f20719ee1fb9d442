"""The job that asks WeCom for a handover's customers.

No transaction is open while WeCom is spoken to; before a call its customers are committed as asked for.
"""

from collections.abc import Sequence
from uuid import UUID

from siyu.act.handovers import model, service
from siyu.act.handovers.following import results_of
from siyu.act.handovers.model import Asked, Handover, Pair
from siyu.connectors.wecom import Action, OutcomeUnknown, Refused, StartedHandover, WeCom
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import HandoverId
from siyu.observe import contacts

PASSING = {Action.RETRY, Action.TOKEN, Action.WAIT, Action.SLOW, Action.LATER}
"""Refusals that end by themselves."""


def ask(work: Work) -> None:
    """Ask for everybody who is planned, a call of 100 at a time. What had no answer is first read from WeCom's results, never asked for twice."""
    id = HandoverId(UUID(work.params["handover_id"]))
    with work.transaction() as tx:
        handover, pair = service.get(tx, id), service.pair_of(tx, id)
        client = contacts.client(contacts.corp(tx, handover.corp_id))
        pending = service.unanswered(tx, id)
        if pending and (settled_at := max(one.asked_at for one in pending) + model.LAG) > tx.now:
            service.ask_again(tx, id, settled_at)
            return
    if pending:
        results = results_of(client, pair)
        with work.transaction() as tx:
            service.settle_unanswered(tx, pair, pending, results)
            _save(work, tx, id)
    while not work.cancelled():
        with work.transaction() as tx:
            asked = service.take(tx, id)
            _save(work, tx, id)
        if not asked or not _ask(work, client, handover, pair, asked):
            return


def _ask(work: Work, client: WeCom, handover: Handover, pair: Pair, asked: Sequence[Asked]) -> bool:
    """One call; False when the rest has to wait. Raises what passes, so that the job is tried again."""
    try:
        answers = _call(client, handover, pair, [one.external_userid for one in asked])
    except OutcomeUnknown:
        with work.transaction() as tx:
            service.ask_again(tx, handover.id, asked[0].asked_at + model.LAG)
        return False
    except Refused as refused:
        with work.transaction() as tx:
            if refused.action in PASSING:
                service.put_back(tx, asked)
            else:
                rest = [] if refused.action is Action.SYNC else service.take(tx, handover.id, model.MOST)
                service.take_refusal(tx, [*asked, *rest], refused.code)
            _save(work, tx, handover.id)
        if refused.action in PASSING:
            raise
        return True
    with work.transaction() as tx:
        service.take_answers(tx, asked, answers)
        _save(work, tx, handover.id)
    return True


def _call(client: WeCom, handover: Handover, pair: Pair, external_userids: Sequence[str]) -> Sequence[StartedHandover]:
    if handover.kind == "resigned":
        return client.hand_over_resigned(pair.giver, pair.taker, external_userids)
    return client.hand_over(pair.giver, pair.taker, external_userids, message=handover.message)


def _save(work: Work, tx: Tx, id: HandoverId) -> None:
    counts = service.counts(tx, [id])[id]
    total = sum(counts.values())
    open_ = counts.get("planned", 0) + counts.get("asking", 0)
    work.save(tx, done=total - open_, total=total, failed=counts.get("failed", 0))
