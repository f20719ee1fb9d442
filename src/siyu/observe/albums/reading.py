"""The job that reads albums: a hundred products a call."""

from uuid import UUID

from siyu.infra.jobs import Work
from siyu.kernel.ids import CorpId
from siyu.observe import contacts, readings
from siyu.observe.albums import model, service
from siyu.observe.readings import Tally

CHUNK = 500
"""Products folded by one transaction."""


def sync(work: Work) -> None:
    """Read the whole album of a corp; progress counts products. Raises JobFailed for what only a person can mend."""
    began_at = readings.began(work)
    with work.transaction() as tx:
        corp = contacts.corp(tx, CorpId(UUID(work.params["corp_id"])))
    with contacts.refusals_told():
        listed = list({one.product_id: model.product(one) for one in contacts.client(corp).products()}.values())
    found = Tally()
    for start in range(0, len(listed), CHUNK):
        with work.transaction() as tx:
            found += service.fold(tx, corp, listed[start : start + CHUNK])
            work.save(tx, done=min(start + CHUNK, len(listed)), total=len(listed))
    with work.transaction() as tx:
        found += service.end_unlisted(tx, corp, [one.product_id for one in listed])
        readings.note(tx, corp.id, "album", read_at=began_at, total=len(listed), found=found)
        work.save(tx, done=len(listed), total=len(listed), result={"products": len(listed), **found.__dict__})
