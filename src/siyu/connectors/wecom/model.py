"""What the typed calls take and give. Unknown fields of an answer are ignored, unknown codes and numbers kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Json = Mapping[str, Any]


def _instant(value: Any) -> datetime | None:
    """Unix seconds, sent as number or as text; None for missing, empty or 0."""
    seconds = int(value or 0)
    return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value or ())


@dataclass(frozen=True)
class Credentials:
    """One app of one corp. `secret` never shows in a repr."""

    corp_id: str
    secret: str = field(repr=False)
    agent_id: int

    @property
    def key(self) -> str:
        """Names the token of this app without giving anything away."""
        return f"{self.corp_id}/{self.agent_id}"


@dataclass(frozen=True)
class Department:
    """One node of the address book; the root is 1 with parent 0."""

    id: int
    parent_id: int
    order: int
    name: str
    leaders: tuple[str, ...]

    @classmethod
    def read(cls, row: Json) -> "Department":
        return cls(
            id=int(row["id"]),
            parent_id=int(row.get("parentid") or 0),
            order=int(row.get("order") or 0),
            name=str(row.get("name") or ""),
            leaders=_texts(row.get("department_leader")),
        )


@dataclass(frozen=True)
class Member:
    """A staff member. `status`: 1 active, 2 disabled, 4 not activated, 5 left. `gender`: 0 unknown, 1 man, 2 woman."""

    userid: str
    name: str
    departments: tuple[int, ...]
    leads: tuple[bool, ...]
    """Parallel to `departments`."""
    direct_leaders: tuple[str, ...]
    position: str
    gender: int
    alias: str
    avatar: str
    status: int
    main_department: int | None

    @classmethod
    def read(cls, row: Json) -> "Member":
        return cls(
            userid=str(row["userid"]),
            name=str(row.get("name") or ""),
            departments=tuple(int(d) for d in row.get("department") or ()),
            leads=tuple(bool(int(flag)) for flag in row.get("is_leader_in_dept") or ()),
            direct_leaders=_texts(row.get("direct_leader")),
            position=str(row.get("position") or ""),
            gender=int(row.get("gender") or 0),
            alias=str(row.get("alias") or ""),
            avatar=str(row.get("avatar") or ""),
            status=int(row.get("status") or 1),
            main_department=int(row["main_department"]) if row.get("main_department") else None,
        )


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
    """One staff-customer relation."""

    userid: str
    remark: str
    description: str
    created_at: datetime | None
    tags: tuple[FollowTag, ...]
    remark_mobiles: tuple[str, ...]
    add_way: int
    oper_userid: str
    state: str

    @classmethod
    def read(cls, row: Json) -> "Follow":
        tags = [
            FollowTag(str(t.get("tag_id") or ""), str(t.get("tag_name") or ""), str(t.get("group_name") or ""), int(t.get("type") or 0))
            for t in row.get("tags") or ()
        ]
        tags += [FollowTag(tag_id, "", "", 1) for tag_id in _texts(row.get("tag_id"))]
        return cls(
            userid=str(row["userid"]),
            remark=str(row.get("remark") or ""),
            description=str(row.get("description") or ""),
            created_at=_instant(row.get("createtime")),
            tags=tuple(tags),
            remark_mobiles=_texts(row.get("remark_mobiles")),
            add_way=int(row.get("add_way") or 0),
            oper_userid=str(row.get("oper_userid") or ""),
            state=str(row.get("state") or ""),
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
            tags=tuple(CorpTag(str(t["id"]), str(t.get("name") or ""), int(t.get("order") or 0), _instant(t.get("create_time"))) for t in row.get("tag") or ()),
        )


@dataclass(frozen=True)
class LinkAttachment:
    """A web card. `title` ≤ 128 bytes, `description` ≤ 512 bytes, `url` and `picture_url` ≤ 2048 bytes."""

    title: str
    url: str
    description: str = ""
    picture_url: str = ""

    def body(self) -> dict[str, Any]:
        link = {"title": self.title, "url": self.url, "desc": self.description, "picurl": self.picture_url}
        return {"msgtype": "link", "link": {name: value for name, value in link.items() if value}}


@dataclass(frozen=True)
class ImageAttachment:
    """A picture by `media_id` of an upload, or by `picture_url` of the permanent upload."""

    media_id: str = ""
    picture_url: str = ""

    def body(self) -> dict[str, Any]:
        return {"msgtype": "image", "image": {"media_id": self.media_id} if self.media_id else {"pic_url": self.picture_url}}


@dataclass(frozen=True)
class MiniProgramAttachment:
    """A mini-program card. `title` ≤ 64 bytes."""

    title: str
    app_id: str
    page: str
    picture_media_id: str

    def body(self) -> dict[str, Any]:
        card = {"title": self.title, "appid": self.app_id, "page": self.page, "pic_media_id": self.picture_media_id}
        return {"msgtype": "miniprogram", "miniprogram": card}


@dataclass(frozen=True)
class MediaAttachment:
    """A video or file by `media_id`."""

    kind: Literal["video", "file"]
    media_id: str

    def body(self) -> dict[str, Any]:
        return {"msgtype": self.kind, self.kind: {"media_id": self.media_id}}


@dataclass(frozen=True)
class OtherAttachment:
    """A kind this client does not know, met in a listing."""

    kind: str

    def body(self) -> dict[str, Any]:
        return {"msgtype": self.kind}


Attachment = LinkAttachment | ImageAttachment | MiniProgramAttachment | MediaAttachment | OtherAttachment


def read_attachment(row: Json) -> Attachment:
    kind = str(row.get("msgtype") or "")
    part: Json = row.get(kind) or {}

    def text(name: str) -> str:
        return str(part.get(name) or "")

    match kind:
        case "link":
            return LinkAttachment(text("title"), text("url"), text("desc"), text("picurl"))
        case "image":
            return ImageAttachment(text("media_id"), text("pic_url"))
        case "miniprogram":
            return MiniProgramAttachment(text("title"), text("appid"), text("page"), text("pic_media_id"))
        case "video":
            return MediaAttachment("video", text("media_id"))
        case "file":
            return MediaAttachment("file", text("media_id"))
        case _:
            return OtherAttachment(kind)


@dataclass(frozen=True)
class MsgTemplate:
    """One group send to single customers: nothing leaves until `sender` confirms in the client.

    `external_userids` ≤ 10,000; empty with a sender means all customers of that member. `text` ≤ 4000 bytes, `attachments` ≤ 9, not both empty.
    """

    sender: str
    external_userids: tuple[str, ...]
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    allow_select: bool = False

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"chat_type": "single", "allow_select": self.allow_select}
        if self.external_userids:
            body["external_userid"] = list(self.external_userids)
        if self.sender:
            body["sender"] = self.sender
        if self.text:
            body["text"] = {"content": self.text}
        if self.attachments:
            body["attachments"] = [attachment.body() for attachment in self.attachments]
        return body


@dataclass(frozen=True)
class CreatedSend:
    """Answer of a group send. `failed`: ids that were not accepted; all others stand in the task."""

    msgid: str
    failed: tuple[str, ...]


@dataclass(frozen=True)
class GroupSend:
    """A group send as listed. `creator` is None for sends made over the API. `create_type`: 0 corp, 1 member."""

    msgid: str
    creator: str | None
    created_at: datetime | None
    create_type: int
    text: str
    attachments: tuple[Attachment, ...]

    @classmethod
    def read(cls, row: Json) -> "GroupSend":
        return cls(
            msgid=str(row["msgid"]),
            creator=str(row["creator"]) if row.get("creator") else None,
            created_at=_instant(row.get("create_time")),
            create_type=int(row.get("create_type") or 0),
            text=str((row.get("text") or {}).get("content") or ""),
            attachments=tuple(read_attachment(item) for item in row.get("attachments") or ()),
        )


@dataclass(frozen=True)
class SendTask:
    """One member's part of a group send. `status`: 0 not confirmed, 2 sent."""

    userid: str
    status: int
    sent_at: datetime | None

    @classmethod
    def read(cls, row: Json) -> "SendTask":
        return cls(str(row["userid"]), int(row.get("status") or 0), _instant(row.get("send_time")))


@dataclass(frozen=True)
class SendResult:
    """One receiver. `status`: 0 not sent, 1 sent, 2 not a friend any more, 3 already had another group send."""

    external_userid: str
    chat_id: str
    userid: str
    status: int
    sent_at: datetime | None

    @classmethod
    def read(cls, row: Json) -> "SendResult":
        return cls(
            external_userid=str(row.get("external_userid") or ""),
            chat_id=str(row.get("chat_id") or ""),
            userid=str(row.get("userid") or ""),
            status=int(row.get("status") or 0),
            sent_at=_instant(row.get("send_time")),
        )


@dataclass(frozen=True)
class TextCard:
    """A card to staff. `title` ≤ 128 bytes, `description` ≤ 512 bytes, `button` ≤ 4 characters."""

    title: str
    description: str
    url: str
    button: str = ""


@dataclass(frozen=True)
class AppMessage:
    """A message of the app to staff: a text (≤ 2048 bytes, longer is cut by the platform) or a card.

    `duplicate_check_seconds`: an equal message within this time is dropped by the platform, ≤ 14,400; None switches the check off.
    """

    userids: tuple[str, ...]
    content: str | TextCard
    department_ids: tuple[int, ...] = ()
    duplicate_check_seconds: int | None = 1800

    def body(self, agent_id: int) -> dict[str, Any]:
        body: dict[str, Any] = {"touser": "|".join(self.userids), "agentid": agent_id}
        if self.department_ids:
            body["toparty"] = "|".join(str(department) for department in self.department_ids)
        if isinstance(self.content, TextCard):
            card = {"title": self.content.title, "description": self.content.description, "url": self.content.url, "btntxt": self.content.button}
            body |= {"msgtype": "textcard", "textcard": {name: value for name, value in card.items() if value}}
        else:
            body |= {"msgtype": "text", "text": {"content": self.content}}
        if self.duplicate_check_seconds is not None:
            body |= {"enable_duplicate_check": 1, "duplicate_check_interval": self.duplicate_check_seconds}
        return body


@dataclass(frozen=True)
class SentMessage:
    """Answer of an app message; `invalid_userids` come back in lower case."""

    msgid: str
    invalid_userids: tuple[str, ...]
    unlicensed_userids: tuple[str, ...]
