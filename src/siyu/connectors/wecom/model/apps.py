"""An app of the corp itself."""

from dataclasses import dataclass

from siyu.connectors.wecom.model.reading import Json


@dataclass(frozen=True)
class App:
    """`users`, `departments`, `tags`: the visible range as the administrator ticked it; people of a department are in it without being listed."""

    name: str
    closed: bool
    users: tuple[str, ...]
    departments: tuple[int, ...]
    tags: tuple[int, ...]

    @classmethod
    def read(cls, row: Json) -> "App":
        users, parties, tags = (row.get(name) or {} for name in ("allow_userinfos", "allow_partys", "allow_tags"))
        return cls(
            name=str(row.get("name") or ""),
            closed=bool(int(row.get("close") or 0)),
            users=tuple(str(one["userid"] if isinstance(one, dict) else one) for one in users.get("user") or ()),
            departments=tuple(int(id) for id in parties.get("partyid") or ()),
            tags=tuple(int(id) for id in tags.get("tagid") or ()),
        )
