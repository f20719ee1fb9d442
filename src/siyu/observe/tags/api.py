"""HTTP of the tag library."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from siyu.infra.http import Db, needs, router
from siyu.kernel.ids import CorpId
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


class TagsIn(BaseModel):
    """New tags of one group: by id, or by name, which makes it when there is none."""

    names: list[str] = Field(min_length=1, max_length=100)
    group_id: str | None = None
    group_name: str | None = None


class TagNameIn(BaseModel):
    name: str


class TagChangeOut(BaseModel):
    """The job that asks WeCom; it fails with WeCom's code when WeCom refuses, and the library here follows when it is done."""

    job_id: UUID


@routes.get("", operation_id="list_tags", dependencies=[needs("tags.read")])
def list_tags(tx: Db) -> list[TagLibraryOut]:
    """The tag library of each connected corp."""
    return [_out(library) for library in service.libraries(tx)]


@routes.post("/{corp}", operation_id="add_tags", status_code=202, dependencies=[needs("tags.write")])
def add_tags(tx: Db, corp: UUID, body: TagsIn) -> TagChangeOut:
    """Make tags at WeCom as a job."""
    return TagChangeOut(job_id=service.add(tx, CorpId(corp), body.names, group_id=body.group_id or "", group_name=body.group_name or ""))


@routes.patch("/{corp}/{id}", operation_id="rename_tag", status_code=202, dependencies=[needs("tags.write")])
def rename_tag(tx: Db, corp: UUID, id: str, body: TagNameIn) -> TagChangeOut:
    """Rename a tag or a group at WeCom as a job."""
    return TagChangeOut(job_id=service.rename(tx, CorpId(corp), id, body.name))


@routes.delete("/{corp}/{id}", operation_id="delete_tag", status_code=202, dependencies=[needs("tags.write")])
def delete_tag(tx: Db, corp: UUID, id: str) -> TagChangeOut:
    """Delete a tag, or a group with its tags, at WeCom as a job; it goes off every customer."""
    return TagChangeOut(job_id=service.delete(tx, CorpId(corp), id))


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
