"""The job that looks at customers whom callbacks named: read the truth over the API, then fold it. No transaction is open while WeCom is spoken to."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from siyu.connectors import wecom
from siyu.connectors.wecom import Action, WeComError
from siyu.infra.jobs import Work
from siyu.kernel.ids import CorpId
from siyu.observe.contacts import clients, model, service
from siyu.observe.contacts.model import Refresh

BATCH = 100
"""Customers folded by one transaction."""
READERS = 5
NO_FOLLOWER = 84061
"""WeCom's way to say that nobody of the corp has this customer any more."""
WAITS = {Action.WAIT: 60, Action.SLOW: 5, Action.LATER: 30, Action.CONFIG: 600}
"""Seconds until a refused reading is tried again; everything else after a minute."""


def refresh(work: Work) -> None:
    """Work off all refreshes of a corp that are due."""
    with work.transaction() as tx:
        corp = service.corp(tx, CorpId(UUID(work.params["corp_id"])))
    client = clients.client(corp)
    done = 0
    with ThreadPoolExecutor(READERS) as pool:
        while True:
            with work.transaction() as tx:
                refreshes = service.take_refreshes(tx, corp, BATCH)
                read_at = tx.now
            if not refreshes:
                return
            answers = dict(zip(refreshes, pool.map(lambda one: _look(client, one), refreshes), strict=True))
            looked = {one.external_userid: rows for one, rows in answers.items() if not isinstance(rows, WeComError)}
            with work.transaction() as tx:
                service.fold_refreshed(tx, corp, [one for one in refreshes if one.external_userid in looked], looked, read_at=read_at)
                for one, answer in answers.items():
                    if isinstance(answer, WeComError):
                        seconds = WAITS.get(answer.action, 60)
                        service.put_off(tx, corp, one, seconds=seconds, reason=str(answer), give_up=answer.action in (Action.FIX, Action.SYNC))
                done += len(looked)
                work.save(tx, done=done)
            if work.cancelled():
                return


def _look(client: wecom.WeCom, refresh: Refresh) -> Sequence[wecom.Contact] | WeComError:
    try:
        return model.pairs(client.contact(refresh.external_userid))
    except wecom.Refused as refused:
        return [] if refused.code == NO_FOLLOWER else refused
    except WeComError as fault:
        return fault
