"""The jobs that read ways."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from siyu.connectors import wecom
from siyu.connectors.wecom import Action
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe import contacts, readings
from siyu.observe.contacts import Corp
from siyu.observe.readings import Tally
from siyu.observe.ways import model, service
from siyu.observe.ways.model import ContactWay, JoinWay, Kind
from siyu.observe.ways.service import CONTACT, JOIN, Shelf

LISTED_SINCE = datetime(2021, 7, 10, tzinfo=UTC)
"""Codes made before this day are not listed."""


def sync_contact_ways(work: Work) -> None:
    """Read every contact way that WeCom lists or that we hold; progress counts ways. Raises JobFailed for what only a person can mend."""
    corp, began_at = _corp(work), readings.began(work)
    client = contacts.client(corp)

    def look(config_id: str) -> ContactWay | None:
        return _known(lambda: model.contact_way(client.contact_way(config_id)))

    def fold(tx: Tx, config_id: str, way: ContactWay | None, read_at: datetime) -> Tally:
        return service.fold(tx, corp, CONTACT, config_id, way, read_at=read_at)

    with contacts.refusals_told():
        listed = {*client.contact_way_ids(LISTED_SINCE), *_living(work, corp, CONTACT)}
        found = readings.walk(work, listed, look, fold, began_at=began_at)
    _finish(work, corp, CONTACT, "contact_ways", found, began_at)


def sync_join_ways(work: Work) -> None:
    """Read every join way that we hold; progress counts ways. Raises JobFailed for what only a person can mend."""
    corp, began_at = _corp(work), readings.began(work)
    client = contacts.client(corp)

    def look(config_id: str) -> JoinWay | None:
        return _known(lambda: model.join_way(client.join_way(config_id)))

    def fold(tx: Tx, config_id: str, way: JoinWay | None, read_at: datetime) -> Tally:
        return service.fold(tx, corp, JOIN, config_id, way, read_at=read_at)

    with contacts.refusals_told():
        found = readings.walk(work, _living(work, corp, JOIN), look, fold, began_at=began_at)
    _finish(work, corp, JOIN, "join_ways", found, began_at)


def shows_join_way(client: wecom.WeCom, config_id: str) -> bool:
    """Whether WeCom shows a join way to this app. True too when it does not answer: then the reading tells why."""
    try:
        return _known(lambda: model.join_way(client.join_way(config_id))) is not None
    except wecom.WeComError:
        return True


def _known(ask: Callable[[], Kind]) -> Kind | None:
    """A way, None when WeCom does not know it; other refusals are raised."""
    try:
        return ask()
    except wecom.Refused as refused:
        if refused.action is not Action.SYNC:
            raise
        return None


def _living(work: Work, corp: Corp, shelf: Shelf[Any]) -> list[str]:
    with work.transaction() as tx:
        return service.living(tx, corp, shelf)


def _finish(work: Work, corp: Corp, shelf: Shelf[Any], name: str, found: Tally | None, began_at: datetime) -> None:
    if found is None:
        return
    with work.transaction() as tx:
        total = len(service.living(tx, corp, shelf))
        readings.note(tx, corp.id, name, read_at=began_at, total=total, found=found)
        work.save(tx, result={"ways": total, **found.__dict__})


def _corp(work: Work) -> Corp:
    with work.transaction() as tx:
        return contacts.corp(tx, CorpId(UUID(work.params["corp_id"])))
