"""What can go with a text."""

from dataclasses import dataclass
from typing import Any, Literal

from siyu.connectors.wecom.model.reading import Json


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
