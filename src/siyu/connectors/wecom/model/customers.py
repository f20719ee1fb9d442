"""Customers and their relations with members."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.connectors.wecom.model.reading import Json, instant, texts


@dataclass(frozen=True)
class ExternalContact:
    """A customer as the corp sees them. `type`: 1 WeChat, 2 WeCom. `gender`: 0 unknown, 1 man, 2 woman.

    `unionid` comes only when the corp has bound a WeChat developer id.
    """

    external_userid: str
    name: str
    type: int
    gender: int
    avatar: str
    unionid: str | None
    corp_name: str

    @classmethod
    def read(cls, row: Json) -> "ExternalContact":
        return cls(
            external_userid=str(row["external_userid"]),
            name=str(row.get("name") or ""),
            type=int(row.get("type") or 1),
            gender=int(row.get("gender") or 0),
            avatar=str(row.get("avatar") or ""),
            unionid=str(row["unionid"]) if row.get("unionid") else None,
            corp_name=str(row.get("corp_name") or ""),
        )


@dataclass(frozen=True)
class FollowTag:
    """A tag on one relation. `type`: 1 corp, 2 personal (`tag_id` empty), 3 strategy. The batch call gives ids only."""

    tag_id: str
    name: str
    group_name: str
    type: int


@dataclass(frozen=True)
class Follow:
    """One staff-customer relation. `company` is what the member notes, not what the customer says."""

    userid: str
    remark: str
    description: str
    created_at: datetime | None
    tags: tuple[FollowTag, ...]
    remark_mobiles: tuple[str, ...]
    add_way: int
    oper_userid: str
    state: str
    company: str = ""

    @classmethod
    def read(cls, row: Json) -> "Follow":
        tags = [
            FollowTag(str(t.get("tag_id") or ""), str(t.get("tag_name") or ""), str(t.get("group_name") or ""), int(t.get("type") or 0))
            for t in row.get("tags") or ()
        ]
        tags += [FollowTag(tag_id, "", "", 1) for tag_id in texts(row.get("tag_id"))]
        return cls(
            userid=str(row["userid"]),
            remark=str(row.get("remark") or ""),
            description=str(row.get("description") or ""),
            created_at=instant(row.get("createtime")),
            tags=tuple(tags),
            remark_mobiles=texts(row.get("remark_mobiles")),
            add_way=int(row.get("add_way") or 0),
            oper_userid=str(row.get("oper_userid") or ""),
            state=str(row.get("state") or ""),
            company=str(row.get("remark_corp_name") or ""),
        )


@dataclass(frozen=True)
class ContactDetail:
    """One customer with all followers."""

    contact: ExternalContact
    follows: tuple[Follow, ...]


@dataclass(frozen=True)
class Contact:
    """One customer through the eyes of one member: a row of the batch call."""

    contact: ExternalContact
    follow: Follow


@dataclass(frozen=True)
class Remark:
    """What a member notes about a customer; None leaves as it is, at least one is needed.

    `remark` ≤ 20 characters, `description` ≤ 150, `company` ≤ 20 (WeChat customers only); `mobiles` replaces all, empty clears.
    """

    remark: str | None = None
    description: str | None = None
    company: str | None = None
    mobiles: tuple[str, ...] | None = None

    def body(self) -> dict[str, Any]:
        given = {"remark": self.remark, "description": self.description, "remark_company": self.company}
        body: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return body | ({"remark_mobiles": list(self.mobiles) or [""]} if self.mobiles is not None else {})
