"""Writing materials. A material never changes: an edit is a new one, so that what was sent can always be read."""

from collections.abc import Sequence

from siyu.act.materials import model, store
from siyu.act.materials.model import Material, MaterialNotFound
from siyu.infra.tx import Tx
from siyu.kernel.ids import MaterialId, new_id


def write(tx: Tx, *, title: str, text: str, link_url: str | None = None, link_title: str | None = None) -> Material:
    """Keep a new material. Raises BadMaterial."""
    model.check(title, text, link_url, link_title)
    material = Material(new_id(MaterialId, tx.now), title.strip(), text, link_url, link_title, tx.actor.label, tx.now)
    store.insert(tx, material)
    return material


def get(tx: Tx, id: MaterialId) -> Material:
    """One material, archived or not. Raises MaterialNotFound."""
    material = store.find(tx, id)
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
