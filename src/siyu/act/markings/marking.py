"""The job that has WeCom mark relations: a call each, a few side by side, no transaction open meanwhile. Done again after a crash it changes nothing more."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from siyu.act.markings import service
from siyu.act.markings.model import Step
from siyu.connectors.wecom import Action, Refused, WeCom, WeComError
from siyu.infra.jobs import JobFailed, Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import MarkingId
from siyu.observe import contacts

BATCH = 50
"""Relations settled by one transaction."""
CALLERS = 3
PASSING = {Action.RETRY, Action.TOKEN, Action.WAIT, Action.SLOW, Action.LATER}
"""Refusals that end by themselves."""


def mark(work: Work) -> None:
    """Mark whatever is still planned. Raises what passes, so that the job is tried again, and JobFailed for what only a person can mend."""
    id = MarkingId(UUID(work.params["marking_id"]))
    with ThreadPoolExecutor(CALLERS) as pool:
        while not work.cancelled():
            with work.transaction() as tx:
                steps = service.take(tx, id, BATCH)
                clients = {corp.id: contacts.client(corp) for corp in contacts.readers(tx)} if steps else {}
                if not steps:
                    _save(work, tx, id)
                    return
            answers = dict(zip(steps, pool.map(_call, [clients[step.target.corp_id] for step in steps], steps), strict=True))
            stopping = [answer for answer in answers.values() if answer is not None and _stops(answer)]
            with work.transaction() as tx:
                refused = {step: answer.code for step, answer in answers.items() if isinstance(answer, Refused) and not _stops(answer)}
                service.settle(tx, id, [step for step, answer in answers.items() if answer is None], refused)
                _save(work, tx, id)
            for answer in stopping:
                if isinstance(answer, Refused) and answer.action is Action.CONFIG:
                    raise JobFailed(path=answer.path, code=answer.code, reason=answer.reason) from answer
                raise answer


def _call(client: WeCom, step: Step) -> WeComError | None:
    try:
        client.mark_tags(step.target.userid, step.target.external_userid, add=step.add, remove=step.remove)
    except WeComError as fault:
        return fault
    return None


def _stops(fault: WeComError) -> bool:
    """Whether the job cannot go on with others either: it has to wait, or a right is missing."""
    return not isinstance(fault, Refused) or fault.action in PASSING or fault.action is Action.CONFIG


def _save(work: Work, tx: Tx, id: MarkingId) -> None:
    counts = service.counts(tx, [id])[id]
    total = sum(counts.values())
    work.save(
        tx, done=total - counts.get("planned", 0), total=total, failed=counts.get("refused", 0), result={str(state): count for state, count in counts.items()}
    )
