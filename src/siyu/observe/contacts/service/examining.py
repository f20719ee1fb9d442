"""Keeping what the doctor found, and what he needs to know of us."""

from collections.abc import Sequence

from siyu import events
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, JobId
from siyu.observe.contacts import findings as model
from siyu.observe.contacts import store
from siyu.observe.contacts.findings import Finding, Held, Standing
from siyu.observe.contacts.model import Corp
from siyu.observe.contacts.service import connecting
from siyu.observe.contacts.service.connecting import reader_of, working

EXAMINE = "contacts.doctor"


def request_examination(tx: Tx, id: CorpId) -> JobId:
    """Let the doctor look at a corp, as a job. Raises CorpNotFound, CorpInactive."""
    found = working(tx, id)
    return jobs.enqueue(tx, EXAMINE, title=found.name, corp_id=str(id))


def verified(tx: Tx, id: CorpId) -> None:
    """WeCom's check of our callback address was answered; after the first time the doctor looks again. Raises CorpNotFound."""
    before = connecting.corp(tx, id)
    store.verified(tx, id)
    if before.active and before.address_verified_at is None:
        request_examination(tx, id)


def held(tx: Tx, corp: Corp) -> Held:
    """What we hold of a corp: callbacks of this app, and what the reading app has read."""
    reader = reader_of(tx, corp)
    contacts, known = store.unionids(tx, reader.id)
    return Held(
        tx.now, reader.synced_at, corp.address_verified_at, store.last_callback(tx, corp.id), contacts, known, store.listed(tx, reader.id, corp.corp_id)
    )


def keep_findings(tx: Tx, corp: Corp, findings: Sequence[Finding]) -> int:
    """Write an examination down and say what is news; how much that was."""
    before = {one.finding.check: one.finding for one in store.standings(tx, corp.id)}
    news = model.changed(corp.id, before, findings)
    store.keep_findings(tx, corp.id, findings)
    events.append_many(tx, [(one, f"corp.finding_changed:{corp.id}:{one.check}:{one.state}:{tx.now.isoformat()}", None, None) for one in news])
    return len(news)


def speakers(tx: Tx, corp_id: str) -> list[Corp]:
    """The apps of a corp (WeCom's id) that can send messages to its members, the oldest first: switched on, and the doctor found nothing against it."""

    def mute(one: Corp) -> bool:
        return one.stopped or any(known.finding.state == "error" and known.finding.check in model.SPEAKING for known in store.standings(tx, one.id))

    return [one for one in connecting.corps(tx) if one.corp_id == corp_id and one.active and not mute(one)]


def findings(tx: Tx, id: CorpId) -> list[Standing]:
    """What was found last, in no order. Raises CorpNotFound."""
    return store.standings(tx, id)
