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


@dataclass(frozen=True)
class CorpTagGroup:
    id: str
    name: str
    order: int
    tags: tuple[CorpTag, ...]

    @classmethod
    def read(cls, row: Json) -> "CorpTagGroup":
        return cls(
            id=str(row["group_id"]),
            name=str(row.get("group_name") or ""),
            order=int(row.get("order") or 0),
            tags=tuple(CorpTag(str(t["id"]), str(t.get("name") or ""), int(t.get("order") or 0), instant(t.get("create_time"))) for t in row.get("tag") or ()),
        )


@dataclass(frozen=True)
class NewTag:
    """A tag to be made. `name` ≤ 30 characters; the larger `order` comes first."""

    name: str
    order: int | None = None

    def body(self) -> dict[str, Any]:
        return {"name": self.name, **({"order": self.order} if self.order is not None else {})}
