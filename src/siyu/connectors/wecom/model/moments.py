"""客户朋友圈: what is asked, what members did, how customers answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.connectors.wecom.model.attachments import ImageAttachment, MediaAttachment
from siyu.connectors.wecom.model.reading import Json, instant, texts


@dataclass(frozen=True)
class MomentLink:
    """A web card with a picture. `title` ≤ 64 bytes; `media_id` of an attachment uploaded for moments."""

    title: str
    url: str
    media_id: str = ""

    def body(self) -> dict[str, Any]:
        return {"msgtype": "link", "link": {"title": self.title, "url": self.url, "media_id": self.media_id}}


MomentAttachment = ImageAttachment | MediaAttachment | MomentLink


@dataclass(frozen=True)
class NewMoment:
    """A moment of the corp. `text` ≤ 2000 characters; up to 9 pictures, or one video, or one link: not both empty.

    `senders` and `departments` publish it, nobody named means everybody in range, or with `tag_ids` the members of those customers.
    `tag_ids`: only customers with one of them see it.
    """

    text: str = ""
    attachments: tuple[MomentAttachment, ...] = ()
    senders: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tag_ids: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        sender_list = {name: list(ids) for name, ids in (("user_list", self.senders), ("department_list", self.departments)) if ids}
        visible: dict[str, Any] = {"sender_list": sender_list} if sender_list else {}
        visible |= {"external_contact_list": {"tag_list": list(self.tag_ids)}} if self.tag_ids else {}
        parts: dict[str, Any] = {"text": {"content": self.text}} if self.text else {}
        parts |= {"attachments": [attachment.body() for attachment in self.attachments]} if self.attachments else {}
        return parts | ({"visible_range": visible} if visible else {})


@dataclass(frozen=True)
class MomentJob:
    """How far the making of a moment is. `status`: 1 started, 2 running, 3 done; then `moment_id`, or `code` and `reason` why there is none."""

    status: int
    moment_id: str
    code: int
    reason: str
    invalid_senders: tuple[str, ...]
    invalid_departments: tuple[int, ...]
    invalid_tag_ids: tuple[str, ...]

    @classmethod
    def read(cls, row: Json) -> "MomentJob":
        result: Json = row.get("result") or {}
        senders: Json = result.get("invalid_sender_list") or {}
        return cls(
            status=int(row.get("status") or 0),
            moment_id=str(result.get("moment_id") or ""),
            code=int(result.get("errcode") or 0),
            reason=str(result.get("errmsg") or ""),
            invalid_senders=texts(senders.get("user_list")),
            invalid_departments=tuple(int(id) for id in senders.get("department_list") or ()),
            invalid_tag_ids=texts((result.get("invalid_external_contact_list") or {}).get("tag_list")),
        )


@dataclass(frozen=True)
class Moment:
    """A moment as listed. `creator` is None for those made over the API. `create_type`: 0 corp, 1 member; `everybody`: not only customers with some tags."""

    moment_id: str
    creator: str | None
    created_at: datetime | None
    create_type: int
    everybody: bool
    text: str
    image_ids: tuple[str, ...]
    video_id: str
    link: MomentLink | None

    @classmethod
    def read(cls, row: Json) -> "Moment":
        link: Json = row.get("link") or {}
        return cls(
            moment_id=str(row["moment_id"]),
            creator=str(row["creator"]) if row.get("creator") else None,
            created_at=instant(row.get("create_time")),
            create_type=int(row.get("create_type") or 0),
            everybody=bool(int(row.get("visible_type") or 0)),
            text=str((row.get("text") or {}).get("content") or ""),
            image_ids=tuple(str(image.get("media_id") or "") for image in row.get("image") or ()),
            video_id=str((row.get("video") or {}).get("media_id") or ""),
            link=MomentLink(str(link.get("title") or ""), str(link.get("url") or "")) if link else None,
        )


@dataclass(frozen=True)
class MomentTask:
    """One member's part."""

    userid: str
    published: bool

    @classmethod
    def read(cls, row: Json) -> "MomentTask":
        return cls(str(row["userid"]), bool(int(row.get("publish_status") or 0)))


@dataclass(frozen=True)
class MomentReaction:
    """Who liked or commented: a customer, or staff; the other id is empty. The words of a comment are not told."""

    external_userid: str
    userid: str
    at: datetime | None

    @classmethod
    def read(cls, row: Json) -> "MomentReaction":
        return cls(str(row.get("external_userid") or ""), str(row.get("userid") or ""), instant(row.get("create_time")))


@dataclass(frozen=True)
class MomentReactions:
    """What one member's publication led to."""

    likes: tuple[MomentReaction, ...]
    comments: tuple[MomentReaction, ...]
