"""Relations that other apps of a corp hold: each read the corp for itself once, or read it before this one."""

from collections import defaultdict

import structlog

from siyu.infra.tx import Tx
from siyu.kernel.ids import StaffId
from siyu.observe.contacts import model, store
from siyu.observe.contacts.model import Contact, Corp
from siyu.observe.contacts.service.connecting import corps, reader_of

log = structlog.get_logger(__name__)


def take_over(tx: Tx, reader: Corp, limit: int) -> int:
    """Make relations that other apps of the corp hold the reader's, one for each member and customer; returns how many were theirs.

    Nothing has happened between the people, so nothing is said. Does nothing for an app that does not read.
    """
    if reader_of(tx, reader).id != reader.id:
        return 0
    apps = sorted(one.id for one in corps(tx) if one.corp_id == reader.corp_id)
    for id in apps:
        store.lock(tx, id)
    pairs = next((found for id in apps if id != reader.id and (found := store.pairs(tx, id, limit))), [])
    same: dict[tuple[StaffId, str], list[Contact]] = defaultdict(list)
    for id in apps if pairs else []:
        for pair, contact in store.held(tx, id, pairs).items():
            same[pair].append(contact)
    one_each = {pair: held[0] if len(held) == 1 else model.joined(held) for pair, held in same.items()}
    kept = {one.id for one in one_each.values()}
    gone = {one.id for held in same.values() for one in held} - kept
    if pairs:
        store.join(tx, reader.id, kept, [one for pair, one in one_each.items() if len(same[pair]) > 1], gone)
        log.info("contacts.taken_over", corp_id=reader.corp_id, relations=len(kept), doubled=len(gone))
    return len(pairs)
