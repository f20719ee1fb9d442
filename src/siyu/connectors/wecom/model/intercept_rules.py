"""聊天敏感词: what members may not send."""

from dataclasses import dataclass
from datetime import datetime

from siyu.connectors.wecom.model.reading import Json, instant, texts

PHONE, EMAIL, RED_PACKET = 1, 2, 3


@dataclass(frozen=True)
class InterceptRule:
    """`name` 1 to 20 characters, unique; up to 300 words of 1 to 32; `semantics`: PHONE, EMAIL, RED_PACKET.

    `blocks`: warn and block, else warn only. At least one member or department, at most 1000 of each.
    """

    name: str
    words: tuple[str, ...]
    userids: tuple[str, ...] = ()
    department_ids: tuple[int, ...] = ()
    semantics: tuple[int, ...] = ()
    blocks: bool = True

    @classmethod
    def read(cls, row: Json) -> "InterceptRule":
        reach: Json = row.get("applicable_range") or {}
        extra: Json = row.get("extra_rule") or row
        return cls(
            name=str(row.get("rule_name") or ""),
            words=texts(row.get("word_list")),
            userids=texts(reach.get("user_list")),
            department_ids=tuple(int(id) for id in reach.get("department_list") or ()),
            semantics=tuple(int(kind) for kind in extra.get("semantics_list") or ()),
            blocks=int(row.get("intercept_type") or 1) == 1,
        )


@dataclass(frozen=True)
class ListedRule:
    rule_id: str
    name: str
    created_at: datetime | None

    @classmethod
    def read(cls, row: Json) -> "ListedRule":
        return cls(str(row["rule_id"]), str(row.get("rule_name") or ""), instant(row.get("create_time")))
