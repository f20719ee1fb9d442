"""Writing materials. A material never changes: an edit is a new one, so that what was sent can always be read."""

from collections.abc import Sequence

from siyu.act.materials import model, store
from siyu.act.materials.model import BadMaterial, Material, MaterialNotFound
from siyu.infra.tx import Tx
from siyu.kernel.ids import MaterialId, new_id
from siyu.observe import tracking


def write(tx: Tx, *, title: str, text: str, link_url: str | None = None, link_title: str | None = None) -> Material:
    """Keep a new material. Raises BadMaterial, UnknownPlaceholder."""
    model.check(title, text, link_url, link_title)
    if link_url is not None:
        _check_address(link_url)
    material = Material(new_id(MaterialId, tx.now), title.strip(), text, link_url, link_title, tx.actor.label, tx.now)
    store.insert(tx, material)
    return material


def get(tx: Tx, id: MaterialId, *, in_use: bool = False) -> Material:
    """One material; `in_use`: only if nobody has archived it. Raises MaterialNotFound."""
    material = store.find(tx, id, in_use=in_use)
    if material is None:
        raise MaterialNotFound(material_id=str(id))
    return material


def page(tx: Tx, *, before: MaterialId | None = None, limit: int = 50) -> Sequence[Material]:
    """Materials in use, newest first."""
    return store.page(tx, before=before, limit=limit)


def archive(tx: Tx, id: MaterialId) -> None:
    """Take a material out of the library; what was sent keeps it. Raises MaterialNotFound."""
    if not store.archive(tx, id):
        raise MaterialNotFound(material_id=str(id))


def check_card(link_title: str, link_url: str) -> None:
    """Whether a link can go out as a card. Raises BadMaterial."""
    model.check_card_title(link_title)
    _check_address(link_url)


def _check_address(link_url: str) -> None:
    try:
        tracking.safe(link_url)
    except tracking.UnsafeTarget as unsafe:
        raise BadMaterial(field="link_url", reason="address") from unsafe
