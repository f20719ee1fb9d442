"""The jobs that read the tag library: one call gives all of it."""

from uuid import UUID

from siyu.infra.jobs import Work
from siyu.kernel.ids import CorpId
from siyu.observe import contacts, readings
from siyu.observe.readings import Tally
from siyu.observe.tags import service


def sync(work: Work) -> None:
    """Read the whole library and count what it changed. Raises JobFailed for what only a person can mend."""
    with work.transaction() as tx:
        corp, read_at = contacts.corp(tx, CorpId(UUID(work.params["corp_id"]))), tx.now
    with contacts.refusals_told():
        listed = contacts.client(corp).corp_tags()
    with work.transaction() as tx:
        changes = service.fold(tx, corp, listed, read_at=read_at)
        tags = sum(len(group.tags) for group in listed)
        counts = {"added": changes.added, "changed": changes.changed, "deleted": changes.deleted} if changes else {}
        if changes:
            found = Tally(changes.added, changes.changed, changes.deleted)
            readings.note(tx, corp.id, "tags", read_at=read_at, total=tags, found=found)
        work.save(tx, done=tags, total=tags, result={"groups": len(listed), "tags": tags, **counts})
