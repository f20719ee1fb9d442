"""Products of an album, and what a reading of the whole album changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from siyu.connectors.wecom import AlbumProduct
from siyu.kernel.ids import CorpId
from siyu.kernel.text import without_nul
from siyu.observe.readings import Tally


@dataclass(frozen=True)
class Product:
    """A product under WeCom's id. `number`: the corp's own, may be empty; `picture_ids`: WeCom's media ids."""

    product_id: str
    description: str
    price_fen: int
    number: str
    picture_ids: Sequence[str]


@dataclass(frozen=True)
class Held:
    """A product as we hold it."""

    product: Product
    deleted: bool


@dataclass(frozen=True)
class Shown:
    """A product as a list shows it; `place` orders the list, the latest known first."""

    corp_id: CorpId
    place: UUID
    product: Product
    deleted_at: datetime | None


def product(listed: AlbumProduct) -> Product:
    """A product of the API as we keep it."""
    told = listed.product
    return Product(listed.product_id, without_nul(told.description), told.price_fen, without_nul(told.number), list(told.picture_media_ids))


def differing(held: Mapping[str, Held], listed: Sequence[Product]) -> tuple[Sequence[Product], Tally]:
    """Those of `listed` to be written, and how many of them are new or differ; a deleted one that is listed again is new."""
    new = [one for one in listed if one.product_id not in held or held[one.product_id].deleted]
    changed = [one for one in listed if one not in new and held[one.product_id].product != one]
    return [*new, *changed], Tally(len(new), len(changed))
