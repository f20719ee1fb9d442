"""Routes of the material library."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from siyu.act import words
from siyu.act.materials import service
from siyu.act.materials.model import Material
from siyu.infra.http import Db, Page, decode_id, encode_cursor, needs, router
from siyu.kernel.ids import MaterialId

routes = router("/materials", tag="materials")


class MaterialIn(BaseModel):
    """`{link}` in the text is where the tracked link goes."""

    title: str
    text: str
    link_url: str | None = None
    link_title: str | None = None


class WordOut(BaseModel):
    """A term of the word lists found in a text; positions count characters."""

    word: str
    level: str
    category: str
    start: int
    end: int


class MaterialOut(MaterialIn):
    """A material with the terms found in it."""

    id: UUID
    created_by: str
    created_at: datetime
    words: list[WordOut]

    @classmethod
    def of(cls, material: Material) -> "MaterialOut":
        hits = words.check(f"{material.text}\n{material.link_title or ''}")
        return cls(
            id=material.id,
            title=material.title,
            text=material.text,
            link_url=material.link_url,
            link_title=material.link_title,
            created_by=material.created_by,
            created_at=material.created_at,
            words=[WordOut.model_validate(hit, from_attributes=True) for hit in hits],
        )


@routes.post("", operation_id="write_material", status_code=201, dependencies=[needs("materials.write")])
def write_material(tx: Db, body: MaterialIn) -> MaterialOut:
    """Keep a new material."""
    return MaterialOut.of(service.write(tx, **body.model_dump()))


@routes.get("", operation_id="list_materials", dependencies=[needs("materials.read")])
def list_materials(tx: Db, cursor: str | None = None, limit: int = 50) -> Page[MaterialOut]:
    """The library, newest first."""
    limit = max(1, min(limit, 100))
    found = service.page(tx, before=MaterialId(decode_id(cursor)) if cursor else None, limit=limit + 1)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page[MaterialOut](items=[MaterialOut.of(material) for material in found[:limit]], next_cursor=more)


@routes.get("/{id}", operation_id="get_material", dependencies=[needs("materials.read")])
def get_material(tx: Db, id: UUID) -> MaterialOut:
    """One material."""
    return MaterialOut.of(service.get(tx, MaterialId(id)))


@routes.delete("/{id}", operation_id="archive_material", status_code=204, dependencies=[needs("materials.write")])
def archive_material(tx: Db, id: UUID) -> None:
    """Take a material out of the library."""
    service.archive(tx, MaterialId(id))
