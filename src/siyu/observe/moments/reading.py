"""The job that reads moments."""

from datetime import datetime, timedelta
from uuid import UUID

from siyu.connectors import wecom
from siyu.connectors.wecom import Action
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe import contacts, readings
from siyu.observe.moments import model, service
from siyu.observe.moments.model import Heading, Part, Reaction, Told
from siyu.observe.readings import Tally

NAME = "moments"
SECOND = timedelta(seconds=1)
"""WeCom leaves out what was made at either end of the span that is asked for."""
PASSED_OVER = (Action.LATER, Action.SYNC, Action.FIX)
"""Refusals of one moment or part: not published yet, not of this member, deleted meanwhile. The next reading asks again."""


def sync(work: Work) -> None:
    """Read moments, who published them and who answered; progress counts moments. Raises JobFailed for what only a person can mend."""
    began_at = readings.began(work)
    with work.transaction() as tx:
        corp = contacts.corp(tx, CorpId(UUID(work.params["corp_id"])))
        last = readings.last(tx, corp.id, NAME)
    client, spans = contacts.client(corp), readings.spans(began_at, last)

    def look(id: str) -> Told | None:
        one = wanted[id]
        try:
            parts = [Part(one.creator, True)] if one.by_member else [Part(task.userid, task.published) for task in client.moment_tasks(id)]
        except wecom.Refused as refused:
            if refused.action not in PASSED_OVER:
                raise
            return None
        return Told(parts, {part.userid: told for part in parts if part.published and (told := _reactions(client, id, part.userid)) is not None})

    def fold(tx: Tx, id: str, told: Told | None, read_at: datetime) -> Tally:
        return service.fold(tx, corp, wanted[id], told, read_at=read_at) if told else Tally()

    with contacts.refusals_told():
        listed = {one.moment_id: one for span in spans for one in _listed(client, *span)}
        with work.transaction() as tx:
            wanted = service.open_ones(tx, corp, listed.values())
        found = readings.walk(work, wanted, look, fold, began_at=began_at)
    if found is None:
        return
    with work.transaction() as tx:
        found += service.end_unlisted(tx, corp, list(listed), start=spans[0][0], end=began_at)
        total = service.total(tx, corp)
        readings.note(tx, corp.id, NAME, read_at=began_at, total=total, found=found)
        work.save(tx, result={"moments": total, **found.__dict__})


def _listed(client: wecom.WeCom, start: datetime, end: datetime) -> list[Heading]:
    return [one for moment in client.moments(start - SECOND, end + SECOND) if (one := model.heading(moment))]


def _reactions(client: wecom.WeCom, id: str, userid: str) -> list[Reaction] | None:
    try:
        return model.reactions(client.moment_reactions(id, userid))
    except wecom.Refused as refused:
        if refused.action not in PASSED_OVER:
            raise
        return None
