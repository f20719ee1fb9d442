"""The tag library."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.connectors.wecom.model.reading import Json, instant


@dataclass(frozen=True)
class CorpTag:
    id: str
    name: str
    order: int
    created_at: datetime | None

    @classmethod
    def read(cls, row: Json) -> "CorpTag":
        return cls(str(row["id"]), str(row.get("name") or ""), int(row.get("order") or 0), instant(row.get("create_time")))


@dataclass(frozen=True)
class CorpTagGroup:
    id: str
    name: str
    order: int
    tags: tuple[CorpTag, ...]

    @classmethod
    def read(cls, row: Json) -> "CorpTagGroup":
        """Without tags that were deleted, of which the platform tells who asks by id."""
        return cls(
            id=str(row["group_id"]),
            name=str(row.get("group_name") or ""),
            order=int(row.get("order") or 0),
            tags=tuple(CorpTag.read(tag) for tag in row.get("tag") or () if not tag.get("deleted")),
        )


@dataclass(frozen=True)
class NewTag:
    """A tag to be made. `name` ≤ 30 characters; the larger `order` comes first."""

    name: str
    order: int | None = None

    def body(self) -> dict[str, Any]:
        return {"name": self.name, **({"order": self.order} if self.order is not None else {})}
