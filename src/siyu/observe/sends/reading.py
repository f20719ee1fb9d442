"""The jobs that read group sends."""

from datetime import datetime
from uuid import UUID

from siyu.connectors import wecom
from siyu.connectors.wecom import Action
from siyu.infra import jobs
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe import contacts, readings
from siyu.observe.contacts import Corp
from siyu.observe.readings import Tally
from siyu.observe.sends import model, service
from siyu.observe.sends.model import CONFIRMED, ChatKind, Heading, Told

NAME = "sends"
KINDS: tuple[ChatKind, ...] = ("single", "group")
PASSED_OVER = (Action.LATER, Action.FIX)
"""Refusals of one send: it is being dispatched, or there is none of this msgid. The next reading asks again."""


def sync(work: Work) -> None:
    """Read group sends made elsewhere, their parts and receivers; progress counts sends. Raises JobFailed for what only a person can mend."""
    began_at = readings.began(work)
    with work.transaction() as tx:
        corp = contacts.corp(tx, CorpId(UUID(work.params["corp_id"])))
        last = readings.last(tx, corp.id, NAME)
    client = contacts.client(corp)

    def look(msgid: str) -> Told | None:
        with work.transaction() as tx:
            closed = service.closed(tx, corp, msgid)
        try:
            tasks = list(client.group_send_tasks(msgid))
            asked = [task.userid for task in tasks if task.status == CONFIRMED and task.userid not in closed]
            receivers = {userid: model.receivers(list(client.group_send_results(msgid, userid))) for userid in asked}
        except wecom.Refused as refused:
            if refused.action not in PASSED_OVER:
                raise
            return None
        return Told([model.part(task, receivers.get(task.userid)) for task in tasks], receivers)

    def fold(tx: Tx, msgid: str, told: Told | None, read_at: datetime) -> Tally:
        return service.fold(tx, corp, wanted[msgid], told, read_at=read_at) if told else Tally()

    with contacts.refusals_told():
        listed = [one for span in readings.spans(began_at, last) for one in _listed(client, *span)]
        with work.transaction() as tx:
            wanted = service.open_ones(tx, corp, service.drop_own(tx, corp, listed))
        found = readings.walk(work, wanted, look, fold, began_at=began_at)
    if found is not None:
        _finish(work, corp, found, began_at)


def sync_all(work: Work) -> None:
    """Have the sends of every corp read: no callback tells of one, and customers are reached by them at any hour."""
    with work.transaction() as tx:
        for corp in contacts.corps(tx):
            if corp.active and not jobs.unfinished(tx, "sends.sync", corp_id=corp.id):
                jobs.enqueue(tx, "sends.sync", corp_id=str(corp.id))


def _listed(client: wecom.WeCom, start: datetime, end: datetime) -> list[Heading]:
    found = [model.heading(send, kind) for kind in KINDS for send in client.group_sends(start, end, chat_type=kind)]
    return [one for one in found if one]


def _finish(work: Work, corp: Corp, found: Tally, began_at: datetime) -> None:
    with work.transaction() as tx:
        total = service.total(tx, corp)
        readings.note(tx, corp.id, NAME, read_at=began_at, total=total, found=found)
        work.save(tx, result={"sends": total, **found.__dict__})
