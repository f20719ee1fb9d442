"""Looking again at the customers whom callbacks named."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from siyu.connectors import wecom
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.contacts import model, store
from siyu.observe.contacts.model import Corp, Refresh
from siyu.observe.contacts.service.folding import Folded, fold_customers
from siyu.observe.contacts.service.reading import members

log = structlog.get_logger(__name__)
LAG = timedelta(seconds=2)
"""How long WeCom's reading calls may lag behind a callback."""
LEASE = timedelta(seconds=60)
EARLY = (timedelta(seconds=5), timedelta(seconds=30))
"""When to look again at a customer whom WeCom does not list as a callback says yet."""


def take_refreshes(tx: Tx, corp: Corp, limit: int) -> list[Refresh]:
    """Lease the next customers to look at; a worker that dies leaves them due again a minute later."""
    return store.due(tx, corp.id, until=tx.now + LEASE, limit=limit)


def fold_refreshed(tx: Tx, corp: Corp, refreshes: Sequence[Refresh], looked: Mapping[str, Sequence[wecom.Contact]], *, read_at: datetime) -> Folded:
    """Fold what WeCom says of these customers now, and strike them off."""
    known = members(tx, corp, {row.follow.userid for rows in looked.values() for row in rows})
    listed = {external: [seen for row in rows if (seen := model.seen(row, known[row.follow.userid], alone=True))] for external, rows in looked.items()}
    folded = fold_customers(tx, corp, listed, {one.external_userid: one.hints for one in refreshes}, read_at=read_at)
    store.looked(tx, corp.id, looked, read_at)
    early = [one for one in refreshes if one.attempts < len(EARLY) and model.lags(one.hints, looked[one.external_userid])]
    for one in early:
        store.put_off(tx, corp.id, one.external_userid, due_at=tx.now + EARLY[one.attempts - 1], parked=None)
        again(tx, corp, tx.now + EARLY[one.attempts - 1])
    store.settle(tx, corp.id, [(one.external_userid, one.seq) for one in refreshes if one not in early])
    return folded


def put_off(tx: Tx, corp: Corp, refresh: Refresh, *, seconds: int, reason: str, give_up: bool) -> None:
    """WeCom gave no answer about a customer: ask again later, or park it after three refusals that repeating cannot mend."""
    parked = reason[:200] if give_up and refresh.attempts >= 3 else None
    due_at = tx.now + timedelta(seconds=seconds)
    store.put_off(tx, corp.id, refresh.external_userid, due_at=due_at, parked=parked)
    if parked is None:
        again(tx, corp, due_at)
    else:
        log.warning("contacts.refresh_parked", corp_id=corp.corp_id, reason=parked)


def again(tx: Tx, corp: Corp, at: datetime) -> None:
    """Have the corp's due refreshes worked off at an instant; asked often, done once."""
    ask_once(tx, "contacts.refresh", corp.id, at)


def ask_once(tx: Tx, kind: str, corp: CorpId, at: datetime) -> None:
    """A job for a corp at an instant: one for all who ask for the same second; at once when the instant has passed."""
    if at <= tx.now:
        jobs.enqueue(tx, kind, corp_id=str(corp))
        return
    due_at = at.replace(microsecond=0) + timedelta(seconds=1)
    jobs.enqueue(tx, kind, at=due_at, key=f"{corp}:{due_at.isoformat()}", corp_id=str(corp))
