"""Making tracked links and counting their opens."""

from collections.abc import Collection

from siyu import events
from siyu.infra.settings import Settings
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, LinkId, new_id
from siyu.observe import identities
from siyu.observe.tracking import model, store
from siyu.observe.tracking.model import Link, LinkNotFound, Opened, Opener, Opens


def create_link(tx: Tx, target_url: str, *, ref: str, corp_id: CorpId | None = None) -> Link:
    """A short link to `target_url` whose opens are counted under `ref`. `corp_id`: whose customers get it, needed only with several corps.

    Each call makes a link of its own: what must not be made twice asks its own books first. Raises UnsafeTarget.
    """
    target = model.safe(target_url)
    id = new_id(LinkId, tx.now)
    code = model.code(id)
    store.insert(tx, id, code=code, target_url=target, ref=ref, corp_id=corp_id)
    return Link(id, code, target, ref, f"{Settings().address}/t/{code}")


def open_link(tx: Tx, id: LinkId, visitor: str | None = None) -> str:
    """Count an open and say where the link leads. `visitor`: an external_userid, believed in a demo brand only. Raises LinkNotFound."""
    link = store.find(tx, id)
    if link is None:
        raise LinkNotFound(link_id=str(id))
    person = None
    if visitor and link.sandbox and link.corp:
        mark = (identities.namespaces.wecom(link.corp), visitor)
        known = identities.find(tx, [mark]).get(mark)
        person = known.id if known else None
    if store.count(tx, id, link.ref, person) and person:
        events.append(tx, Opened(id, link.ref), key=f"link.opened:{id}:{person}", identity_id=person)
    return str(link.target_url)


def opens_of(tx: Tx, refs: Collection[str]) -> dict[str, Opens]:
    """Opens by ref, strangers included; refs that nobody opened are missing."""
    return {one.ref: one for one in store.opens(tx, refs)}


def openers_of(tx: Tx, refs: Collection[str]) -> list[Opener]:
    """The known people who opened links of these refs."""
    return store.openers(tx, refs)
