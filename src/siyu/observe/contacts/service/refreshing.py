"""Taking callbacks in, and looking again at the customers they name."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from siyu.connectors import wecom
from siyu.connectors.wecom import Event, parse
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.observe.contacts import model, store
from siyu.observe.contacts.model import HINTS, Corp, Hint, Refresh
from siyu.observe.contacts.service.connecting import corps
from siyu.observe.contacts.service.folding import Folded, fold_customers
from siyu.observe.contacts.service.reading import members

log = structlog.get_logger(__name__)
LAG = timedelta(seconds=2)
"""How long WeCom's reading calls may lag behind a callback."""
LEASE = timedelta(seconds=60)
EARLY = (timedelta(seconds=5), timedelta(seconds=30))
"""When to look again at a customer whom WeCom does not list as a callback says yet."""
KEPT = timedelta(days=90)
"""How long a callback is remembered for dropping its repeats."""


def receive(tx: Tx, corp: Corp, body: bytes) -> bool:
    """Enter a decrypted callback and ask for what it makes necessary; False when it came before. Raises CallbackRejected for what is no event."""
    event = parse(body)
    kind, change = event.route
    if not store.take(tx, corp.id, event.digest, kind, change):
        return False
    at = min(event.created_at or tx.now, tx.now)
    external, userid = event.text("ExternalUserID"), event.text("UserID")
    hint = HINTS.get(event.route)
    if hint and external and userid:
        store.ask(tx, corp.id, external[:64], Hint(hint, userid[:64], at), tx.now + LAG)
        again(tx, corp, tx.now + LAG)
    elif kind == "change_contact":
        due_at = _slot(tx.now + LAG)
        jobs.enqueue(tx, "contacts.sync_staff", at=due_at, key=f"{corp.id}:{due_at.isoformat()}", corp_id=str(corp.id))
    elif not _known(event):
        log.info("contacts.callback_unknown", event_type=kind, change_type=change)
    return True


def take_refreshes(tx: Tx, corp: Corp, limit: int) -> list[Refresh]:
    """Lease the next customers to look at; a worker that dies leaves them due again a minute later."""
    return store.due(tx, corp.id, until=tx.now + LEASE, limit=limit)


def fold_refreshed(tx: Tx, corp: Corp, refreshes: Sequence[Refresh], looked: Mapping[str, Sequence[wecom.Contact]], *, read_at: datetime) -> Folded:
    """Fold what WeCom says of these customers now, and strike them off."""
    known = members(tx, corp, {row.follow.userid for rows in looked.values() for row in rows})
    listed = {external: [seen for row in rows if (seen := model.seen(row, known[row.follow.userid]))] for external, rows in looked.items()}
    folded = fold_customers(tx, corp, listed, {one.external_userid: one.hints for one in refreshes}, read_at=read_at)
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
    due_at = _slot(at)
    jobs.enqueue(tx, "contacts.refresh", at=due_at, key=f"{corp.id}:{due_at.isoformat()}", corp_id=str(corp.id))


def sweep(tx: Tx) -> None:
    """See to it that refreshes left behind by a dead worker are taken up again."""
    for corp in corps(tx):
        if store.waiting(tx, corp.id):
            again(tx, corp, tx.now)


def forget_callbacks(tx: Tx, limit: int = 10_000) -> int:
    """Drop inbox rows that no repeat can meet any more; returns how many went."""
    return store.forget(tx, tx.now - KEPT, limit)


def _known(event: Event) -> bool:
    return event.route[0] in ("change_external_contact", "change_external_tag", "change_external_chat", "customer_acquisition")


def _slot(instant: datetime) -> datetime:
    """The end of the second: whatever is asked for within one second is looked at by one job."""
    return instant.replace(microsecond=0) + timedelta(seconds=1)
