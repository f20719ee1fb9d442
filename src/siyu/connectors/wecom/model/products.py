"""商品图册: goods that members may send."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.connectors.wecom.model.reading import Json, instant


@dataclass(frozen=True)
class Product:
    """`description` ≤ 300 characters, price 0 to 5,000,000 fen, `number` ≤ 128 letters and digits, 1 to 9 pictures of uploads for the album."""

    description: str
    price_fen: int
    picture_media_ids: tuple[str, ...]
    number: str = ""

    def body(self) -> dict[str, Any]:
        pictures = [{"type": "image", "image": {"media_id": id}} for id in self.picture_media_ids]
        return {"description": self.description, "price": self.price_fen, "product_sn": self.number, "attachments": pictures}

    @classmethod
    def read(cls, row: Json) -> "Product":
        pictures = [str((part.get("image") or {}).get("media_id") or "") for part in row.get("attachments") or ()]
        return cls(str(row.get("description") or ""), int(row.get("price") or 0), tuple(filter(None, pictures)), str(row.get("product_sn") or ""))


@dataclass(frozen=True)
class AlbumProduct:
    """A product as the platform keeps it; a listing does not tell `created_at`."""

    product_id: str
    product: Product
    created_at: datetime | None

    @classmethod
    def read(cls, row: Json) -> "AlbumProduct":
        return cls(str(row["product_id"]), Product.read(row), instant(row.get("create_time")))
