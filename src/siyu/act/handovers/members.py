"""Who gives and who takes: asked before anything is planned."""

from collections.abc import Sequence

from siyu.access import staff
from siyu.access.staff import Staff
from siyu.act.handovers.model import BadHandover, Kind, TakerHindered
from siyu.infra.tx import Tx
from siyu.kernel.ids import StaffId
from siyu.observe import contacts
from siyu.observe.contacts import Corp


def checked(tx: Tx, kind: Kind, giver_id: StaffId, taker_ids: Sequence[StaffId]) -> tuple[Staff, list[Staff], Corp]:
    """Giver, takers and their corp, when these can give and take. Raises BadHandover, TakerHindered, StaffNotFound."""
    if not taker_ids or len(set(taker_ids)) < len(taker_ids) or giver_id in taker_ids:
        raise BadHandover(field="taker_ids", reason="other members, each once")
    giver, takers = staff.get(tx, giver_id), [staff.get(tx, id) for id in taker_ids]
    if giver.active == (kind == "resigned"):
        raise BadHandover(field="giver_id", reason="has not left" if giver.active else "has left")
    for taker in takers:
        if taker.corp_id != giver.corp_id:
            raise BadHandover(field="taker_ids", reason="is of another corp")
        if taker.hindrance:
            raise TakerHindered(name=taker.name, hindrance=taker.hindrance)
    corp = next((one for one in contacts.readers(tx) if one.corp_id == giver.corp_id), None)
    if corp is None:
        raise BadHandover(field="giver_id", reason="their corp is not connected")
    return giver, takers, corp
