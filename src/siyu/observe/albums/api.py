"""HTTP of albums."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from siyu.infra.http import Db, Page, decode_id, encode_cursor, needs, router
from siyu.observe import contacts
from siyu.observe.albums import service
from siyu.observe.albums.model import Shown

routes = router("/album-products", tag="albums")


class AlbumProductOut(BaseModel):
    """A product of a corp's album; `corp_name` is what the corp is called here. `pictures`: how many it has; WeCom gives them to its own clients only."""

    corp: UUID
    corp_name: str
    product_id: str
    description: str
    price_fen: int
    number: str
    pictures: int
    deleted_at: datetime | None


class AlbumPage(Page[AlbumProductOut]):
    """Products of albums; `as_of`: when the album that was read the longest ago was read, null while one was not yet."""

    as_of: datetime | None


@routes.get("", operation_id="list_album_products", dependencies=[needs("albums.read")])
def list_album_products(
    tx: Db,
    q: Annotated[str | None, Query(max_length=100, description="Part of description or number.")] = None,
    corp_id: Annotated[str | None, Query(max_length=64, description="WeCom's id of a corp.")] = None,
    deleted: bool = False,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> AlbumPage:
    """Products of the albums, the latest known first."""
    connected = contacts.corps(tx)
    apps = None if corp_id is None else [corp.id for corp in connected if corp.corp_id == corp_id]
    found = service.page(tx, q=q.strip() if q else None, apps=apps, deleted=deleted, before=decode_id(cursor) if cursor else None, limit=limit + 1)
    names = {corp.id: corp.name for corp in connected}
    items = [_out(one, names[one.corp_id]) for one in found[:limit]]
    return AlbumPage(items=items, next_cursor=encode_cursor(found[limit - 1].place) if len(found) > limit else None, as_of=service.read_at(tx))


def _out(shown: Shown, corp_name: str) -> AlbumProductOut:
    told = {name: value for name, value in shown.product.__dict__.items() if name != "picture_ids"}
    return AlbumProductOut(corp=shown.corp_id, corp_name=corp_name, **told, pictures=len(shown.product.picture_ids), deleted_at=shown.deleted_at)
