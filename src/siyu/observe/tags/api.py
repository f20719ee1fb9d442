"""HTTP of the tag library."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from siyu.infra.http import Db, needs, router
from siyu.observe.tags import model, service
from siyu.observe.tags.service import Library

routes = router("/tags", tag="tags")


class TagOut(BaseModel):
    """A tag under WeCom's id; `customers` of the reader's scope bear it."""

    id: str
    name: str
    customers: int


class TagGroupOut(BaseModel):
    """A tag group under WeCom's id with its tags, in WeCom's order."""

    id: str
    name: str
    tags: list[TagOut]


class TagLibraryOut(BaseModel):
    """The tags of a corp. At most `ceiling` may be there in all, in older corps `warn_from`; `read_at`: when WeCom was last asked."""

    corp: UUID
    corp_name: str
    read_at: datetime | None
    tags: int
    ceiling: int
    warn_from: int
    groups: list[TagGroupOut]


@routes.get("", operation_id="list_tags", dependencies=[needs("tags.read")])
def list_tags(tx: Db) -> list[TagLibraryOut]:
    """The tag library of each connected corp."""
    return [_out(library) for library in service.libraries(tx)]


def _out(library: Library) -> TagLibraryOut:
    groups = [
        TagGroupOut(id=shelf.group.id, name=shelf.group.name, tags=[TagOut(id=tag.id, name=tag.name, customers=bearers) for tag, bearers in shelf.tags])
        for shelf in library.shelves
    ]
    return TagLibraryOut(
        corp=library.corp.id,
        corp_name=library.corp.name,
        read_at=library.read_at,
        tags=library.tags,
        ceiling=model.CEILING,
        warn_from=model.WARN_FROM,
        groups=groups,
    )
