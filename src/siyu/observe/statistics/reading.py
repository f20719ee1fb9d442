"""The jobs that read what WeCom counted."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from siyu.connectors.wecom import Behaviour, OwnerFigures
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe import contacts, readings
from siyu.observe.contacts import Corp
from siyu.observe.readings import Tally
from siyu.observe.statistics import model, service
from siyu.observe.statistics.model import Days

STAFF, GROUPS = "staff_days", "group_owner_days"


def sync(work: Work) -> None:
    """Read days of members, one by one; progress counts members. Raises JobFailed for what only a person can mend."""
    corp, began_at, days = _begin(work, STAFF)
    client = contacts.client(corp)

    def look(userid: str) -> Sequence[Behaviour]:
        return [one for span in days.spans() for one in client.behaviour([userid], model.begins(span.first), model.begins(span.last))]

    def fold(tx: Tx, userid: str, told: Sequence[Behaviour], read_at: datetime) -> Tally:
        known = service.members(tx, corp, [userid])
        return service.fold(tx, model.staff_days(known[userid], told)) if userid in known else Tally()

    with contacts.refusals_told():
        userids = client.follow_users()
        found = readings.walk(work, userids, look, fold, began_at=began_at)
    _finish(work, corp, STAFF, len(userids), found, began_at)


def sync_groups(work: Work) -> None:
    """Read days of owners of groups, day by day; progress counts days. Raises JobFailed for what only a person can mend."""
    corp, began_at, days = _begin(work, GROUPS)
    client = contacts.client(corp)

    def look(day: str) -> Sequence[OwnerFigures]:
        return list(client.group_figures(owners, model.begins(date.fromisoformat(day))))

    def fold(tx: Tx, day: str, told: Sequence[OwnerFigures], read_at: datetime) -> Tally:
        known = service.members(tx, corp, [one.owner for one in told])
        return service.fold_groups(tx, [model.owner_day(known[one.owner], date.fromisoformat(day), one) for one in told if one.owner in known])

    with contacts.refusals_told():
        owners = client.follow_users()
        found = readings.walk(work, [day.isoformat() for day in days.each()], look, fold, began_at=began_at)
    _finish(work, corp, GROUPS, len(days.each()), found, began_at)


def _begin(work: Work, name: str) -> tuple[Corp, datetime, Days]:
    began_at = readings.began(work)
    with work.transaction() as tx:
        corp = contacts.corp(tx, CorpId(UUID(work.params["corp_id"])))
        last = readings.last(tx, corp.id, name)
    return corp, began_at, model.wanted(began_at, last.read_at if last else None)


def _finish(work: Work, corp: Corp, name: str, asked: int, found: Tally | None, began_at: datetime) -> None:
    if found is None:
        return
    with work.transaction() as tx:
        readings.note(tx, corp.id, name, read_at=began_at, total=asked, found=found)
        work.save(tx, result={"asked": asked, **found.__dict__})
