"""HTTP of albums."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from siyu.infra.http import Db, Page, decode_id, encode_cursor, needs, router
from siyu.observe.albums import service
from siyu.observe.albums.model import Shown

routes = router("/album-products", tag="albums")


class AlbumProductOut(BaseModel):
    """A product of a corp's album. `pictures`: how many it has; WeCom gives them to its own clients only."""

    corp: UUID
    product_id: str
    description: str
    price_fen: int
    number: str
    pictures: int
    deleted_at: datetime | None


@routes.get("", operation_id="list_album_products", dependencies=[needs("albums.read")])
def list_album_products(
    tx: Db,
    q: Annotated[str | None, Query(max_length=100, description="Part of description or number.")] = None,
    deleted: bool = False,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[AlbumProductOut]:
    """Products of the albums, the latest known first."""
    found = service.page(tx, q=q.strip() if q else None, deleted=deleted, before=decode_id(cursor) if cursor else None, limit=limit + 1)
    return Page(items=[_out(one) for one in found[:limit]], next_cursor=encode_cursor(found[limit - 1].place) if len(found) > limit else None)


def _out(shown: Shown) -> AlbumProductOut:
    told = {name: value for name, value in shown.product.__dict__.items() if name != "picture_ids"}
    return AlbumProductOut(corp=shown.corp_id, **told, pictures=len(shown.product.picture_ids), deleted_at=shown.deleted_at)
