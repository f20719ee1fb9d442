"""客户群: groups, who is in them, and codes by which people come in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.connectors.wecom.model.reading import Json, instant, texts

STAFF, OUTSIDE = 1, 2


@dataclass(frozen=True)
class GroupMember:
    """`userid` of staff (`type` 1) or external_userid (2). `join_scene`: 1 invited, 2 by an invitation link, 3 by the group's code."""

    userid: str
    type: int
    joined_at: datetime | None
    join_scene: int
    unionid: str | None
    state: str
    invitor: str
    nickname: str
    name: str

    @classmethod
    def read(cls, row: Json) -> "GroupMember":
        return cls(
            userid=str(row["userid"]),
            type=int(row.get("type") or OUTSIDE),
            joined_at=instant(row.get("join_time")),
            join_scene=int(row.get("join_scene") or 0),
            unionid=str(row["unionid"]) if row.get("unionid") else None,
            state=str(row.get("state") or ""),
            invitor=str((row.get("invitor") or {}).get("userid") or ""),
            nickname=str(row.get("group_nickname") or ""),
            name=str(row.get("name") or ""),
        )


@dataclass(frozen=True)
class GroupChat:
    """One group. `version` is opaque and changes with its members."""

    chat_id: str
    name: str
    owner: str
    created_at: datetime | None
    notice: str
    members: tuple[GroupMember, ...]
    admins: tuple[str, ...]
    version: str

    @classmethod
    def read(cls, row: Json) -> "GroupChat":
        return cls(
            chat_id=str(row["chat_id"]),
            name=str(row.get("name") or ""),
            owner=str(row.get("owner") or ""),
            created_at=instant(row.get("create_time")),
            notice=str(row.get("notice") or ""),
            members=tuple(GroupMember.read(member) for member in row.get("member_list") or ()),
            admins=tuple(str(admin.get("userid") or "") for admin in row.get("admin_list") or ()),
            version=str(row.get("member_version") or ""),
        )


@dataclass(frozen=True)
class ListedGroup:
    """`status`: 0 as usual, 1 owner left, 2 being inherited, 3 inherited."""

    chat_id: str
    status: int


@dataclass(frozen=True)
class JoinWay:
    """A group code. `chat_ids` ≤ 5; when all are full a new group is opened, named `base_name` + a number from `base_id`.

    `state` ≤ 30 characters stands on each member who came by it; `remark` is cut at 30.
    """

    chat_ids: tuple[str, ...]
    state: str = ""
    remark: str = ""
    auto_create: bool = True
    base_name: str = ""
    base_id: int = 1
    scene: int = 2

    def body(self) -> dict[str, Any]:
        return {
            "scene": self.scene,
            "remark": self.remark,
            "auto_create_room": int(self.auto_create),
            "room_base_name": self.base_name,
            "room_base_id": self.base_id,
            "chat_id_list": list(self.chat_ids),
            "state": self.state,
        }

    @classmethod
    def read(cls, row: Json) -> "JoinWay":
        return cls(
            chat_ids=texts(row.get("chat_id_list")),
            state=str(row.get("state") or ""),
            remark=str(row.get("remark") or ""),
            auto_create=bool(int(row.get("auto_create_room", 1))),
            base_name=str(row.get("room_base_name") or ""),
            base_id=int(row.get("room_base_id") or 1),
            scene=int(row.get("scene") or 2),
        )


@dataclass(frozen=True)
class MadeJoinWay:
    """A group code as the platform keeps it."""

    config_id: str
    qr_code: str
    way: JoinWay
