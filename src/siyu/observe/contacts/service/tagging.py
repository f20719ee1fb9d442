"""Tags that WeCom put on relations for us."""

from collections.abc import Collection, Mapping, Sequence

from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, StaffId
from siyu.observe.contacts import model, store
from siyu.observe.contacts.model import Hint
from siyu.observe.contacts.service.connecting import corp
from siyu.observe.contacts.service.folding import apply
from siyu.observe.contacts.service.refreshing import again

Pair = tuple[StaffId, str]


def retagged(tx: Tx, corp_id: CorpId, done: Mapping[Pair, tuple[Collection[str], Collection[str]]]) -> None:
    """Note what was put on these relations, by (staff, external_userid), and what was taken off."""
    app = corp(tx, corp_id)
    store.lock(tx, app.id)
    changes = [model.retagged(contact, *done[pair], now=tx.now) for pair, contact in store.held(tx, app.id, done).items()]
    apply(tx, app, [change for change in changes if change])


def look_again(tx: Tx, corp_id: CorpId, customers: Sequence[tuple[str, str]]) -> None:
    """Read customers anew, as a callback about (userid, external_userid) would have us do."""
    if not customers:
        return
    app = corp(tx, corp_id)
    store.ask(tx, app.id, {external: [Hint("changed", userid, tx.now)] for userid, external in customers}, tx.now)
    again(tx, app, tx.now)
