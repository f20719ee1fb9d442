"""HTTP of the tag library."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from siyu.infra.http import Db, Page, decode_id, encode_cursor, needs, router
from siyu.kernel.ids import ContactId, CorpId
from siyu.observe.tags import model, service
from siyu.observe.tags.service import Library

routes = router("/tags", tag="tags")


class TagOut(BaseModel):
    """A tag under WeCom's id; `customers` of the reader's scope bear it."""

    id: str
    name: str
    customers: int


class TagGroupOut(BaseModel):
    """A tag group under WeCom's id with its tags, in WeCom's order. `clashes`: relations that bear several of its tags although it is exclusive."""

    id: str
    name: str
    exclusive: bool
    clashes: int
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
    """New tags of one group: one that is there by id, or a new one by name."""

    names: list[str] = Field(min_length=1, max_length=100)
    group_id: str | None = None
    group_name: str | None = None


class TagNameIn(BaseModel):
    name: str


class ExclusiveIn(BaseModel):
    """Whether a relation may bear only one tag of the group."""

    on: bool


class ClashingCustomer(BaseModel):
    """A customer by name."""

    id: UUID
    name: str | None


class ClashOut(BaseModel):
    """A relation that bears several tags of an exclusive group, by name."""

    id: UUID
    customer: ClashingCustomer
    staff_name: str
    tags: list[str]


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


@routes.put("/{corp}/{group}/exclusive", operation_id="make_tag_group_exclusive", status_code=204, dependencies=[needs("tags.write")])
def make_tag_group_exclusive(tx: Db, corp: UUID, group: str, body: ExclusiveIn) -> None:
    """Let a relation bear only one tag of the group, or any number again. A rule of this system: WeCom does not know it."""
    service.make_exclusive(tx, CorpId(corp), group, body.on)


@routes.get("/{corp}/{group}/clashes", operation_id="list_tag_clashes", dependencies=[needs("tags.read")])
def list_tag_clashes(tx: Db, corp: UUID, group: str, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50) -> Page[ClashOut]:
    """Relations in the account's scope that bear several tags of an exclusive group."""
    after = ContactId(decode_id(cursor)) if cursor else None
    found = service.clashes(tx, CorpId(corp), group, after=after, limit=limit + 1)
    items = [
        ClashOut(id=one.contact_id, customer=ClashingCustomer(id=one.customer_id, name=one.customer_name), staff_name=one.staff_name, tags=list(one.tags))
        for one in found[:limit]
    ]
    return Page[ClashOut](items=items, next_cursor=encode_cursor(items[-1].id) if len(found) > limit else None)


def _out(library: Library) -> TagLibraryOut:
    groups = [
        TagGroupOut(
            id=shelf.group.id,
            name=shelf.group.name,
            exclusive=shelf.group.exclusive,
            clashes=shelf.clashes,
            tags=[TagOut(id=tag.id, name=tag.name, customers=bearers) for tag, bearers in shelf.tags],
        )
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
