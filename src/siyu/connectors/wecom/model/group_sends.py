"""Group sends: what is asked, what members did, what became of each receiver."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.connectors.wecom.model.attachments import Attachment, read_attachment
from siyu.connectors.wecom.model.reading import Json, instant


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
        return body | _content(self.text, self.attachments)


@dataclass(frozen=True)
class ChatTemplate:
    """One group send to customer groups: nothing leaves until `sender`, who must own them, confirms in the client.

    `chat_ids` ≤ 2,000; empty means all groups of that member. `text` ≤ 4000 bytes, `attachments` ≤ 9, not both empty.
    """

    sender: str
    chat_ids: tuple[str, ...] = ()
    text: str = ""
    attachments: tuple[Attachment, ...] = ()

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"chat_type": "group", "sender": self.sender}
        if self.chat_ids:
            body["chat_id_list"] = list(self.chat_ids)
        return body | _content(self.text, self.attachments)


def _content(text: str, attachments: tuple[Attachment, ...]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if text:
        body["text"] = {"content": text}
    if attachments:
        body["attachments"] = [attachment.body() for attachment in attachments]
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
            created_at=instant(row.get("create_time")),
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
        return cls(str(row["userid"]), int(row.get("status") or 0), instant(row.get("send_time")))


@dataclass(frozen=True)
class SendResult:
    """One receiver, a customer or a group: the other is empty. `status`: 0 not sent, 1 sent, 2 not a friend any more, 3 already had another group send.

    Of groups only those come that got it.
    """

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
            sent_at=instant(row.get("send_time")),
        )
